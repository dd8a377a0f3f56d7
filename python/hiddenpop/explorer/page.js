// What the server tells the page: what is wrong and where, what it is doing, and files to keep. No library, nothing from elsewhere.
(function () {
  "use strict";
  let clock = null, since = 0, appear = null;
  const at = (id) => document.getElementById(id);

  function fault(message) {
    document.querySelectorAll(`.error[data-of="${message.view}"]`).forEach((place) => {
      place.textContent = "";
      delete place.dataset.of;
      const field = place.closest(".field");
      if (field) field.classList.remove("wrong");
      const control = field && field.querySelector("input, select");
      if (control) control.removeAttribute("aria-invalid");
    });
    if (!message.text) return;
    const place = at(message.field + "-error");
    if (!place) return;
    place.textContent = message.text;
    place.dataset.of = message.view;
    const field = place.closest(".field");
    if (!field) return;
    field.classList.add("wrong");
    const control = field.querySelector("input, select");
    if (control) {
      control.setAttribute("aria-invalid", "true");
      control.setAttribute("aria-describedby", message.field + "-error");
    }
  }

  function doing(message) {
    const box = at("doing");
    if (!box) return;
    if (!since) {
      since = Date.now();
      appear = setTimeout(() => box.classList.add("on"), 350);
      clock = setInterval(() => {
        const seconds = Math.floor((Date.now() - since) / 1000);
        at("doing-text").textContent = box.dataset.text + (seconds ? ` (${seconds} s)` : "");
      }, 500);
    }
    box.dataset.text = message.text;
    at("doing-text").textContent = message.text;
    document.body.classList.add("busy");
  }

  function idle(message) {  // Shiny wants handlers of one argument
    clearTimeout(appear);
    clearInterval(clock);
    since = 0;
    at("doing").classList.remove("on");
    document.body.classList.remove("busy");
  }

  function download(message) {
    const bytes = Uint8Array.from(atob(message.content), (sign) => sign.charCodeAt(0));
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([bytes], { type: message.type }));
    link.download = message.name;
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  }

  // Two sliders make a range: one pushes the other along, and the server hears of both when they rest.
  const timers = {};
  function ranged(box, moved) {
    const low = box.querySelector(".low"), high = box.querySelector(".high");
    if (+low.value > +high.value) (moved === low ? high : low).value = moved.value;
    for (const end of [low, high]) {
      end.parentElement.querySelector("output").textContent =
        box.dataset.unit === "percent" ? Math.round(end.value * 100) + "%" : String(+end.value);
    }
    clearTimeout(timers[box.dataset.input]);
    timers[box.dataset.input] = setTimeout(() => {
      Shiny.setInputValue(box.dataset.input, [+low.value, +high.value]);
    }, 200);
  }
  document.addEventListener("input", (event) => {
    const box = event.target.closest(".doubt");
    if (box) ranged(box, event.target);
  });

  // What was wrong with a field is gone once it is changed; if it is wrong still, the server says so again.
  document.addEventListener("change", (event) => {
    const field = event.target.closest(".field");
    const place = field && at(field.dataset.field + "-error");
    if (place && place.dataset.of) fault({ view: place.dataset.of, text: "" });
  });

  // Data and choices live in this window only: leaving it by mistake asks first.
  window.addEventListener("beforeunload", (event) => {
    if (document.querySelector("#columns table")) event.preventDefault();
  });

  document.addEventListener("click", (event) => {
    if (event.target.id === "stop-button") {
      Shiny.setInputValue("stop", Date.now(), { priority: "event" });
    }
    if (event.target.classList.contains("copy")) {
      const code = event.target.parentElement.querySelector("code").textContent;
      navigator.clipboard.writeText(code).then(
        () => { event.target.textContent = "Copied"; },
        () => { event.target.textContent = "Select it and press Ctrl-C"; },
      );
    }
  });
  document.addEventListener("DOMContentLoaded", () => {
    Shiny.addCustomMessageHandler("fault", fault);
    Shiny.addCustomMessageHandler("doing", doing);
    Shiny.addCustomMessageHandler("idle", idle);
    Shiny.addCustomMessageHandler("download", download);
  });
})();
