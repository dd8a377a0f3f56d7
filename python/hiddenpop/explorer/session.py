"""What happens in one browser window: choices become programs, programs run in its room, and what comes out is shown."""

from __future__ import annotations

import asyncio
import base64
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from htmltools import HTML, TagList
from shiny import App, Inputs, Outputs, Session, reactive, render, ui

import hiddenpop as hp

from . import files, inputs, writing
from .choices import Choices, Column, Source
from .door import Door
from .ipynb import notebook
from .page import NONE, STEPS, count, field, one, page
from .program import Program, Wanted
from .room import Room
from .runner import Outcome, Shown

#: Groups that can stand side by side, and for each of which a count can be typed.
MOST_GROUPS = 25
#: Numbers of at most so many values may be codes.
MOST_CODES = 10
#: Fields that take one column, by which columns these may be.
ONE: dict[str, Callable[[Column], bool]] = {
    "found_clusters": lambda column: True,
    "found_weights": lambda column: column.kind == "number",
    "found_fpc": lambda column: column.kind == "number",
    "found_counts": lambda column: column.kind in ("number", "yes or no"),
    "found_list_counts": lambda column: column.kind in ("number", "yes or no"),
    "found_id": lambda column: column.kind in ("text", "number", "categories"),
    "found_person": lambda column: column.kind in ("text", "number", "categories"),
    "found_degree": lambda column: column.kind == "number",
    "found_recruiter": lambda column: column.kind != "date",
    "found_own_coupon": lambda column: column.kind != "date",
    "found_time": lambda column: column.kind in ("date", "number"),
    "found_homophily_on": lambda column: 2 <= len(column.levels) <= 10,
    "sizes_column": lambda column: (
        column.kind in ("yes or no", "categories")
        or (column.kind == "number" and 2 <= len(column.levels) <= MOST_CODES)
    ),
    "sizes_by": lambda column: 2 <= len(column.levels) <= MOST_GROUPS,
    "table1_by": lambda column: 2 <= len(column.levels) <= MOST_GROUPS,
    "shares_column": lambda column: column.kind in ("yes or no", "categories", "number"),
    "shares_by": lambda column: 2 <= len(column.levels) <= MOST_GROUPS,
    "peers_column": lambda column: 2 <= len(column.levels) <= 10,
}
#: Fields that take several columns.
SEVERAL: dict[str, Callable[[Column], bool]] = {
    "found_strata": lambda column: len(column.levels) >= 2,
    "found_coupons": lambda column: column.kind != "date",
    "found_lists": lambda column: set(column.levels) <= {0, 1} and len(column.levels) > 0,
    "table1_columns": lambda column: column.kind != "text",
}
FORMATS = {
    "write_html": ("report.html", "text/html"),
    "write_docx": ("report.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    "write_ipynb": ("report.ipynb", "application/x-ipynb+json"),
    "write_py": ("report.py", "text/x-python"),
}


#: Buttons that write one kind of report; notebook and Python write both.
ONLY: dict[str, tuple[Literal["html", "docx"], ...]] = {"write_html": ("html",), "write_docx": ("docx",)}


@dataclass(frozen=True)
class Job:
    """Something to run: for which view, and which program."""

    view: str
    program: Program
    #: A file to take before.
    file: tuple[str, bytes] | None = None
    #: Whether the table's columns are wanted.
    look: bool = False
    #: The file that is to be handed over.
    hand: str = ""


@dataclass(frozen=True)
class Loaded:
    """A file or data set that was chosen."""

    kind: str
    name: str
    content: bytes = b""


def application(start: tuple[str, bytes] | None, key: str, port: int) -> Door:
    """Return the application, behind its door."""

    def server(input: Inputs, output: Outputs, session: Session) -> None:
        serve(input, session, start)

    return Door(App(page(), server), key, port)


def titles(columns: tuple[Column, ...]) -> dict[str, str]:
    """Return how columns are called in lists to choose from."""
    return {
        column.name: f"{column.name}: {column.label}" if column.label and column.label != column.name else column.name
        for column in columns
    }


def serve(input: Inputs, session: Session, start: tuple[str, bytes] | None) -> None:  # noqa: PLR0915 (one function a window, as Shiny wants it)
    """Serve one window."""
    room = Room()
    loop = asyncio.get_running_loop()
    loaded: reactive.Value[Loaded | None] = reactive.Value(Loaded("file", *start) if start else None)
    columns: reactive.Value[tuple[Column, ...]] = reactive.Value(())
    answers: reactive.Value[dict[str, tuple[str, Outcome]]] = reactive.Value({})
    waiting: dict[str, Job] = {}

    async def leave() -> None:
        await asyncio.to_thread(room.close)

    session.on_ended(leave)

    def get(name: str) -> Any:
        return input[name]() if name in input else None

    async def fault(view: str, place: str = "", text: str = "") -> None:
        await session.send_custom_message("fault", {"view": view, "field": place, "text": text})

    # What runs: one program at a time, and of a view the newest.

    def tell(text: str) -> None:
        with contextlib.suppress(RuntimeError):  # the window is gone
            asyncio.run_coroutine_threadsafe(session.send_custom_message("doing", {"text": text}), loop)

    def so_far(job: Job, some: Outcome) -> None:
        async def show() -> None:
            async with reactive.lock():
                with reactive.isolate():
                    answers.set({**answers(), job.view: (job.program.text, some)})
                await reactive.flush()

        if not job.hand:
            with contextlib.suppress(RuntimeError):
                asyncio.run_coroutine_threadsafe(show(), loop)

    @reactive.extended_task
    async def work(job: Job) -> tuple[Job, Outcome]:
        def do() -> Outcome:
            if job.file:
                room.take(*job.file)
            return room.run(job.program, tell, lambda some: so_far(job, some), look=job.look)

        return job, await asyncio.to_thread(do)

    def ask(job: Job) -> None:
        with reactive.isolate():
            if work.status() == "running":
                waiting[job.hand or job.view] = job
            else:
                work(job)

    @reactive.effect
    async def _() -> None:
        if work.status() not in ("success", "error"):
            return
        job, outcome = work.result()
        await finished(job, outcome)
        if waiting:
            ask(waiting.pop(next(iter(waiting))))
        else:
            await session.send_custom_message("idle", {})

    async def finished(job: Job, outcome: Outcome) -> None:
        await fault(job.view, outcome.place, outcome.error)
        with reactive.isolate():
            answers.set({**answers(), job.view: (job.program.text, outcome)})
            if job.look:
                columns.set(outcome.columns)
        if job.hand and not outcome.error:
            name, kind = FORMATS[job.hand]
            content = outcome.files.get(name, b"")
            await session.send_custom_message(
                "download", {"name": name, "type": kind, "content": base64.b64encode(content).decode("ascii")}
            )

    @reactive.effect
    @reactive.event(input.stop)
    async def _() -> None:
        waiting.clear()
        await asyncio.to_thread(room.stop)

    # The table

    @reactive.effect
    @reactive.event(input.file)
    async def _() -> None:
        given = input.file()
        if not given:
            return
        place = Path(given[0]["datapath"])
        try:
            content = await asyncio.to_thread(place.read_bytes)
        finally:
            place.unlink(missing_ok=True)
        name = files.plain_name(given[0]["name"])
        refusal = files.refusal(name, content)
        await fault("table", "file", refusal)
        if not refusal:
            loaded.set(Loaded("file", name, content))

    @reactive.effect
    @reactive.event(input.dataset)
    async def _() -> None:
        if input.dataset():
            loaded.set(Loaded("dataset", input.dataset()))

    @render.ui
    def dataset_tables() -> Any:
        now = loaded()
        if now is None or now.kind != "dataset":
            return None
        names = list(hp.datasets.load(now.name).tables)
        return one("dataset_table", "Its table", choices={name: name for name in names}, selected=names[-1])

    @reactive.calc
    def source() -> Source | None:
        now = loaded()
        if now is None:
            return None
        found = inputs.source(get, now.kind, now.name)
        if now.kind == "dataset":
            tables = list(hp.datasets.load(now.name).tables)
            found = replace(found, table=found.table if found.table in tables else tables[-1])
        return found

    taken: list[tuple[Loaded, Source]] = []

    @reactive.effect
    def _() -> None:
        table, now = source(), loaded()
        if table is None or now is None or (taken and taken[-1][0] is now and taken[-1][1] == table):
            return
        fresh = now.kind == "file" and not (taken and taken[-1][0] is now)
        taken[:] = [(now, table)]
        ask(Job("table", Program(writing.reading(table)), (now.name, now.content) if fresh else None, look=True))

    @reactive.effect
    def _() -> None:
        names = titles(columns())
        for place, fits in ONE.items():
            fitting = {column.name: names[column.name] for column in columns() if fits(column)}
            ui.update_select(place, choices={**NONE, **fitting}, selected="")
        for place, fits in SEVERAL.items():
            fitting = {column.name: names[column.name] for column in columns() if fits(column)}
            ui.update_selectize(place, choices=fitting, selected=[])

    @reactive.calc
    def chosen() -> Choices:
        return inputs.choices(get, source(), columns())

    # Fields that depend on the table

    def levels_of(name: str) -> tuple[Any, ...]:
        column = next((column for column in columns() if column.name == name), None)
        return column.levels if column else ()

    @render.ui
    def sizes_levels() -> Any:
        name = get("sizes_column")
        column = next((column for column in columns() if column.name == name), None)
        if column is None or column.kind == "yes or no":
            return None
        levels = {"": "(choose)", **{str(i): str(level) for i, level in enumerate(column.levels)}}
        return one("sizes_level", "Answer that means: in the register", choices=levels)

    @render.ui
    def sizes_benchmarks() -> Any:
        levels = levels_of(get("sizes_by"))
        told = "The register's count, in the area and period of the survey."
        if levels:
            fields = [
                count(f"sizes_benchmark_{i}", f"People in the register: {level}") for i, level in enumerate(levels)
            ]
        else:
            fields = [count("sizes_benchmark_all", "People in the register")]
        return field("sizes_benchmark", ui.div(*fields), told)

    @render.ui
    def doubts_labels() -> Any:
        levels = levels_of(get("sizes_by"))
        if len(levels) < 2:
            return None
        return one("doubts_label", "Tornado of", choices={str(i): str(level) for i, level in enumerate(levels)})

    @reactive.calc
    def ready() -> tuple[str, ...]:
        return tuple(writing.ready(chosen()))

    @render.ui
    def paper_parts() -> Any:
        names = {name: writing.SECTIONS[name][0] for name in ready()}
        if not names:
            return ui.p("Nothing yet: make sizes, Table 1 or a plan first.", class_="help")
        with reactive.isolate():
            before = get("paper_views")
        rest = [name for name in names if name != "plan"] or list(names)
        picked = rest if not before else [name for name in names if name in before or name in set(rest) - seen]
        seen.update(names)
        return ui.input_checkbox_group("paper_views", "What goes in", names, selected=picked)

    seen: set[str] = set()

    @render.ui
    def paper_look() -> Any:
        if "models" not in ready() or not get("paper_suppress"):
            return None
        return ui.input_checkbox(
            "paper_looked",
            "I have looked at overlaps and models: none tells of fewer people than may be shown. Put them in.",
            False,
        )

    # What is shown

    @reactive.calc
    def wanted() -> dict[str, Program | Wanted]:
        view = input.nav()
        if view == "report":
            return {view: writing.report(replace(chosen(), paper=replace(chosen().paper, formats=("html",))))}
        return {view: writing.VIEWS[view](chosen())} if view in writing.VIEWS else {}

    @reactive.effect
    async def _() -> None:
        for view, program in wanted().items():
            if view in ("report", "table") or (isinstance(program, Wanted)):
                if isinstance(program, Wanted) and view != "table":
                    await fault(view)
                continue
            with reactive.isolate():
                shown = answers().get(view)
            if shown is None or shown[0] != program.text or shown[1].error:
                ask(Job(view, program))

    def answer(view: str) -> Callable[[], Any]:
        def shown() -> Any:
            program = writing.report(chosen()) if view == "report" else writing.VIEWS[view](chosen())
            if isinstance(program, Wanted):
                return ui.p(program.text, class_="wanted")
            text, outcome = answers().get(view, ("", Outcome()))
            stale = text != program.text and view != "report"
            return TagList(
                ui.div(_outcome(view, outcome), class_="shown stale" if stale else "shown", aria_live="polite"),
                _python(program.text),
            )

        shown.__name__ = f"{view}_answer"
        return shown

    for view in (*writing.VIEWS, "report"):
        render.ui(answer(view))

    @render.ui
    def loaded_table() -> Any:
        now = loaded()
        _, outcome = answers().get("table", ("", Outcome()))
        if now is None or not outcome.columns:
            return ui.span("no table yet", class_="table-name")
        return ui.span(f"{now.name}: {outcome.rows:,} rows, {len(outcome.columns):,} columns", class_="table-name")

    def column_list() -> Any:
        known = columns()
        if not known:
            return None
        rows = [
            ui.tags.tr(
                ui.tags.th(column.name, scope="row"),
                ui.tags.td(column.label),
                ui.tags.td(column.kind),
                ui.tags.td(f"{column.missing:,}", class_="count"),
                ui.tags.td(", ".join(map(str, column.levels[:6])) + (", ..." if len(column.levels) > 6 else "")),
            )
            for column in known
        ]
        head = ui.tags.tr(
            *(ui.tags.th(text, scope="col") for text in ("column", "label", "kind", "missing", "answers"))
        )
        return TagList(
            ui.h3("Columns"),
            ui.div(
                ui.tags.table(ui.tags.thead(head), ui.tags.tbody(*rows), class_="preview"),
                class_="scroll",
                tabindex="0",
            ),
        )

    column_list.__name__ = "columns"
    render.ui(column_list)

    # What is handed over

    def hand(button: str) -> None:
        @reactive.effect
        @reactive.event(input[button])
        async def _() -> None:
            paper = chosen().paper
            if button in ONLY:
                paper = replace(paper, formats=ONLY[button])
            program = writing.report(replace(chosen(), paper=paper))
            if isinstance(program, Wanted):
                await fault("report", "paper_views", program.text)
                return
            if button in ("write_ipynb", "write_py"):
                content = notebook(program) if button == "write_ipynb" else program.text.encode()
                name, kind = FORMATS[button]
                await session.send_custom_message(
                    "download", {"name": name, "type": kind, "content": base64.b64encode(content).decode("ascii")}
                )
                return
            ask(Job("report", program, hand=button))

    for button in FORMATS:
        hand(button)

    @reactive.effect
    @reactive.event(input.preview)
    async def _() -> None:
        program = wanted().get("report")
        if isinstance(program, Program):
            ask(Job("report", program))
        elif program:
            await fault("report", "paper_views", program.text)


def _outcome(view: str, outcome: Outcome) -> Any:
    """Return what came of a program as a part of the page."""
    parts: list[Any] = [_shown(one) for one in outcome.shown]
    if outcome.error:
        parts = [ui.div(*_trouble(view, outcome), class_="alert alert-warning")]
    if "report.html" in outcome.files:
        written = outcome.files["report.html"].decode("utf-8", "replace")
        parts.append(ui.tags.iframe(srcdoc=written, sandbox="", title="The report", class_="paper"))
    told = [ui.tags.li(text) for text in outcome.warnings]
    if told:
        parts.append(
            ui.tags.details(
                ui.tags.summary(f"What must be known ({len(told)})"), ui.tags.ul(*told), class_="told", open=""
            )
        )
    return ui.div(*parts, data_view=f"{view}-shown")


def _trouble(view: str, outcome: Outcome) -> tuple[Any, ...]:
    """Say where the field is that something is wrong with, and what, where that isn't in sight."""
    home = next((step for step, (_, fields) in STEPS.items() if outcome.place.startswith(fields)), view)
    if home == view:
        return (
            (ui.strong("Nothing to show yet: "), "look at the field that is marked.")
            if outcome.place
            else (outcome.error,)
        )
    return ui.strong(f"Something in step {list(STEPS).index(home) + 1}, {STEPS[home][0]}: "), outcome.error


def _shown(one: Shown) -> Any:
    title = ui.h3(one.title) if one.title else None
    if one.kind == "figure":
        source = f"data:image/svg+xml;base64,{one.content}"
        return ui.div(
            title,
            ui.div(ui.tags.img(src=source, alt=one.alt, class_="figure-image"), class_="scroll"),
            class_="card-like",
        )
    if one.kind == "html":
        return ui.div(title, ui.div(HTML(one.content), class_="scroll", tabindex="0"), class_="card-like")
    lines = [ui.p(line) for line in one.content.split("\n") if line]
    return ui.div(title, *lines, class_="card-like words")


def _python(text: str) -> Any:
    return ui.tags.details(
        ui.tags.summary("The Python that made this"),
        ui.tags.button("Copy", type="button", class_="btn btn-sm btn-outline-secondary copy"),
        ui.tags.pre(ui.tags.code(text, _add_ws=False), tabindex="0", _add_ws=False),
        class_="python",
        open="",
    )
