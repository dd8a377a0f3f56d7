"""Look at the built site as readers would: links lead somewhere, nothing comes from elsewhere, everybody can use it.

`make docs` runs this. The pages are walked by the standard library; where Playwright and Chromium are there, six of them are also opened at
a phone's and a laptop's width, dark and light, and asked about by axe (accessibility), and something is searched for.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from functools import partial
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import unquote, urldefrag

SITE = Path(__file__).resolve().parents[1] / "build" / "site"
#: What axe is asked about: pages of each kind.
LOOKED_AT = (
    "index",
    "howto/which_method",
    "howto/gallery/tables/plot_table1",
    "reference/api/estimate-class",
    "tutorials/03_report",
    "explanation/does_it_match",
)
WIDTHS = {"phone": (390, 844), "laptop": (1280, 900)}
WAYS = tuple((width, scheme) for width in WIDTHS for scheme in ("light", "dark"))
#: Tags whose address is fetched to show the page, and the attribute that holds it.
FETCHED = {
    "script": "src",
    "img": "src",
    "link": "href",
    "iframe": "src",
    "source": "src",
    "object": "data",
    "use": "href",
}


class Page(HTMLParser):
    """What a page links to, fetches and holds."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.links: list[str] = []
        self.fetched: list[str] = []
        self.anchors: set[str] = set()
        self.wrong: list[str] = []
        self.headings: list[str] = []
        self.title = ""
        self._tag = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep what matters of a tag."""
        given = {name: value or "" for name, value in attrs}
        self._tag = tag
        for name in ("id", "name"):
            if given.get(name) and (name == "id" or tag == "a"):
                self.anchors.add(given[name])
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        if (
            tag in FETCHED
            and FETCHED[tag] in given
            and given.get("rel") not in ("canonical", "search", "index", "next", "prev")
        ):
            self.fetched.append(given[FETCHED[tag]])
        if tag == "img" and ("alt" not in given or given["alt"].endswith((".png", ".svg"))):  # "" is decoration
            self.wrong.append(f"an image without a text: {given.get('src', '')[:60]}")
        if tag == "html" and not given.get("lang"):
            self.wrong.append("no language")
        if tag == "h1":
            self.headings.append(tag)

    def handle_data(self, data: str) -> None:
        """Keep the title."""
        if self._tag == "title":
            self.title += data.strip()
            self._tag = ""


def walk(site: Path) -> list[str]:
    """Return what is wrong with the pages of a folder: one line a fault.

    Links and anchors that lead nowhere, whatever is fetched from elsewhere, images without a text, pages without a title, a language
    or one first heading.

    Parameters
    ----------
    site : Path
        The folder of the built site.
    """
    pages = {
        path: Page(path.read_text(encoding="utf-8"))
        for path in sorted(site.rglob("*.html"))
        if "_static" not in path.parts
    }
    wrong = [] if pages else [f"there are no pages in {site}"]
    for path, page in pages.items():
        here = path.relative_to(site)
        wrong += [f"{here}: {fault}" for fault in page.wrong]
        if not page.title:
            wrong.append(f"{here}: no title")
        if len(page.headings) != 1 and here.name not in ("genindex.html", "search.html"):
            wrong.append(f"{here}: {len(page.headings)} first headings")
        for address in page.fetched:
            if _elsewhere(address):
                wrong.append(f"{here}: comes from elsewhere: {address}")
            elif not address.startswith("data:") and not _file(path, address, site).exists():
                wrong.append(f"{here}: there is no {address}")
        wrong += [f"{here}: {fault}" for fault in _nowhere(path, page, pages, site)]
    for path in [*site.rglob("*.css")]:
        text = path.read_text(encoding="utf-8")
        for mark in ("url(http", "url(//", "url('http", 'url("http', "@import url(http", '@import "http'):
            if mark in text:
                wrong.append(f"{path.relative_to(site)}: {mark} comes from elsewhere")
    return wrong


def _nowhere(path: Path, page: Page, pages: dict[Path, Page], site: Path) -> Iterator[str]:
    for link in page.links:
        address, anchor = urldefrag(link)
        if "://" in address or address.startswith(("mailto:", "data:", "javascript:")):
            continue
        target = _file(path, address, site) if address else path
        if not target.exists():
            yield f"a link leads nowhere: {link}"
        elif anchor and target in pages and unquote(anchor) not in pages[target].anchors:
            yield f"a link leads to no place of its page: {link}"


def _elsewhere(address: str) -> bool:
    return address.startswith(("http:", "https:", "//", "ftp:"))


def _file(path: Path, address: str, site: Path) -> Path:
    address = unquote(address.partition("?")[0])
    target = (site / address.lstrip("/")) if address.startswith("/") else (path.parent / address)
    return (target / "index.html" if target.is_dir() else target).resolve()


def missing() -> str | None:
    """Return, in words, what is missing to open pages in a browser."""
    try:
        import axe_playwright_python  # noqa: F401, PLC0415
        import playwright  # noqa: F401, PLC0415
    except ImportError as error:
        return f"{error.name} isn't installed (pip install '.[docs]'), so no page was opened in a browser"
    if not browser():
        return "Chromium isn't here (apt-get install chromium), so no page was opened in a browser"
    return None


def browser() -> str | None:
    """Return where Chromium is."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def look(site: Path, ways: tuple[tuple[str, str], ...] = WAYS) -> list[str]:
    """Return what is wrong with pages that are opened in Chromium: one line a fault.

    Each of six pages is opened in each way; axe looks for what readers with a screen reader, a keyboard or weak eyes
    stumble over (WCAG 2.1, A and AA), nothing may be wider than the window, and nothing may be asked of another host. Then the search
    is asked for a method, and the tree on the front page is opened by keyboard.

    Parameters
    ----------
    site : Path
        The folder of the built site.
    ways : tuple of (width, scheme)
        "phone" or "laptop", and "light" or "dark".
    """
    from playwright.sync_api import sync_playwright  # noqa: PLC0415

    axe = _axe()
    wrong: list[str] = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(site)))
    Thread(target=server.serve_forever, daemon=True).start()
    base = f"http://127.0.0.1:{server.server_port}/"
    try:
        with sync_playwright() as started:
            chromium = started.chromium.launch(executable_path=browser(), args=["--no-sandbox"])
            for width, scheme in ways:
                across, down = WIDTHS[width]
                window = chromium.new_page(viewport={"width": across, "height": down}, color_scheme=scheme)
                asked: list[str] = []
                window.on("request", lambda request, asked=asked: asked.append(request.url))
                for page in LOOKED_AT:
                    window.goto(f"{base}{page}.html")
                    wrong += [f"{page}, {width}, {scheme}: {fault}" for fault in _faults(window, axe)]
                wrong += [f"asked elsewhere: {url}" for url in asked if not url.startswith((base, "data:"))]
                window.close()
            wrong += _use(chromium.new_page(), base)
            chromium.close()
    finally:
        server.shutdown()
    return wrong


def _axe() -> str:
    import axe_playwright_python  # noqa: PLC0415

    return (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")


def _faults(window: Any, axe: str) -> Iterator[str]:
    # Everything that is folded is looked at too.
    window.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    if (over := window.evaluate("document.documentElement.scrollWidth - window.innerWidth")) > 0:
        yield f"{over} pixels wider than the window"
    window.evaluate(axe)
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
    found = window.evaluate(
        "tags => axe.run({runOnly: {type: 'tag', values: tags}, resultTypes: ['violations']})", tags
    )
    for fault in found["violations"]:
        where = "; ".join(str(node["target"]) for node in fault["nodes"][:4])
        yield f"axe, {fault['id']}: {fault['help']} ({len(fault['nodes'])}: {where})"


def _use(window: Any, base: str) -> Iterator[str]:
    window.goto(f"{base}search.html?q=chapman")
    window.wait_for_selector("#search-results li a", timeout=10_000)
    if not any("chapman" in link.get_attribute("href") for link in window.query_selector_all("#search-results li a")):
        yield "the search doesn't find hp.chapman"
    window.goto(f"{base}index.html")
    first = window.locator("details.sd-dropdown > summary").first
    first.focus()
    window.keyboard.press("Enter")
    if window.locator("details.sd-dropdown").first.get_attribute("open") != "":
        yield "the tree of methods doesn't open by keyboard"


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Say nothing."""


def main() -> None:
    """Check the site, and say what was looked at."""
    wrong = walk(SITE)
    reason = missing()
    if reason is None:
        wrong += look(SITE)
    for fault in wrong:
        print(fault)
    count = len([path for path in SITE.rglob("*.html") if "_static" not in path.parts])
    print(
        f"{count} pages, {len(wrong)} faults" + (f"; {reason}" if reason else f"; {len(LOOKED_AT)} opened in Chromium")
    )
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
