"""The page: its steps, fields and texts. What it shows is filled in by `session`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from shiny import ui

import hiddenpop as hp

from .inputs import CRITERIA, LANGUAGES
from .writing import READERS

HERE = Path(__file__).parent
#: The steps by their views: what they are called, and how the names of their fields begin.
STEPS: dict[str, tuple[str, tuple[str, ...]]] = {
    "table": ("Data", ("file", "dataset", "source_")),
    "design": ("How people were found", ("found_",)),
    "sizes": ("Sizes", ("sizes_",)),
    "table1": ("Who took part", ("table1_",)),
    "shares": ("Coverage and shares", ("shares_",)),
    "doubts": ("Doubts", ("doubts_",)),
    "models": ("Lists", ("models_",)),
    "peers": ("Recruitment", ("peers_",)),
    "plan": ("Planning", ("plan_",)),
    "report": ("Report", ("paper_",)),
}
NONE = {"": "(none)"}


def field(id: str, control: Any, help: str = "") -> Any:
    """Put a control with its help, and a place for what is wrong with it, which is read aloud."""
    told = ui.p(help, class_="help", id=f"{id}-help") if help else None
    return ui.div(control, told, ui.div(id=f"{id}-error", class_="error", role="alert"), class_="field", data_field=id)


def one(
    id: str, label: str, help: str = "", *, choices: dict[str, str] | None = None, selected: str | None = None
) -> Any:
    """Put a list to choose one column (or word) from; columns come when a table is loaded."""
    return field(id, ui.input_select(id, label, choices or NONE, selected=selected, width="100%"), help)


def several(id: str, label: str, help: str = "") -> Any:
    """Put a list to choose several columns from."""
    control = ui.input_selectize(
        id,
        label,
        [],
        multiple=True,
        width="100%",
        options={"plugins": ["remove_button"], "placeholder": "Choose columns"},
    )
    return field(id, control, help)


def typed(id: str, label: str, help: str = "", *, placeholder: str = "", value: str = "") -> Any:
    """Put a line to type on."""
    control = ui.input_text(id, label, value, placeholder=placeholder, width="100%", update_on="blur")
    return field(id, control, help)


def count(id: str, label: str, help: str = "", *, value: float | None = None, low: float = 0, step: Any = "any") -> Any:
    """Put a field for a number."""
    control = ui.input_numeric(id, label, value, min=low, step=step, width="100%", update_on="blur")  # type: ignore[arg-type]
    return field(id, control, help)


def span(id: str, label: str, help: str, low: float, high: float, at: float, *, odds: bool = False) -> Any:
    """Put a range to choose: two sliders of the browser's own, which keys move too, both where there is no doubt."""

    def slider(end: str, word: str) -> Any:
        step = 0.05 if odds else 0.01
        control = ui.tags.input(type="range", min=low, max=high, step=step, value=at, class_=end, id=f"{id}-{end}")
        return ui.tags.label(ui.span(word), control, ui.tags.output(_written(at, odds=odds), for_=f"{id}-{end}"))

    ends = ui.tags.fieldset(
        ui.tags.legend(label),
        slider("low", "lowest"),
        slider("high", "highest"),
        class_="doubt",
        data_input=id,
        data_unit="odds" if odds else "percent",
    )
    return field(id, ends, help)


def _written(value: float, *, odds: bool) -> str:
    return f"{value:g}" if odds else f"{value:.0%}"


def more(title: str, *inside: Any) -> Any:
    """Put what few need behind a line that opens."""
    return ui.tags.details(ui.tags.summary(title), *inside, class_="more")


def step(view: str, lead: str, *asked: Any, below: Any = None) -> Any:
    """Put a step: what it asks on the left, what it shows on the right, and the Python that made it."""
    title = STEPS[view][0]
    number = list(STEPS).index(view) + 1
    return ui.nav_panel(
        ui.span(ui.span(number, class_="number", aria_hidden="true"), ui.span(title), class_="named"),
        ui.div(
            ui.h2(title),
            ui.p(lead, class_="lead"),
            ui.div(
                ui.tags.section(*asked, class_="asked", aria_label="What to choose"),
                ui.tags.section(ui.output_ui(f"{view}_answer"), below, class_="answered", aria_label="What comes out"),
                class_="view",
            ),
            class_="step",
            data_view=view,
        ),
        value=view,
    )


def page() -> Any:
    """Return the page."""
    return ui.page_fluid(
        ui.head_content(
            ui.tags.meta(name="viewport", content="width=device-width, initial-scale=1"),
            ui.tags.meta(name="referrer", content="no-referrer"),
            ui.tags.link(rel="icon", href="data:,"),
            ui.include_css(HERE / "looks.css"),
            ui.tags.script((HERE / "page.js").read_text(encoding="utf-8")),
        ),
        ui.tags.header(
            ui.div(ui.strong("hiddenpop"), " explorer", class_="brand"),
            ui.output_ui("loaded_table"),
            ui.input_dark_mode(id="mode", mode="light"),
            class_="top",
        ),
        ui.div(
            ui.div(class_="spinner", aria_hidden="true"),
            ui.span(id="doing-text"),
            ui.tags.button("Stop", id="stop-button", type="button", class_="btn btn-sm btn-outline-secondary"),
            id="doing",
            role="status",
        ),
        ui.tags.main(
            ui.navset_pill_list(
                _data(),
                _found(),
                _sizes(),
                _table1(),
                _shares(),
                _doubts(),
                _lists(),
                _peers(),
                _plan(),
                _report(),
                id="nav",
                widths=(2, 10),
                well=False,
            )
        ),
        title="hiddenpop explorer",
        lang="en",
        theme=ui.Theme("bootstrap"),
    )


def _data() -> Any:
    sets = {"": "(choose a data set)", **{name: hp.datasets.load(name).title for name in hp.datasets.names()}}
    return step(
        "table",
        "Load the table of your survey or lists, a row a person. It stays in the memory of this machine.",
        field(
            "file",
            ui.input_file(
                "file",
                "A file",
                accept=list(READERS),
                button_label="Choose a file",
                placeholder="CSV, Excel, SPSS, Stata, Parquet",
                width="100%",
            ),
            "Read into memory; the copy that the browser hands over is deleted at once. Close the window and it is gone.",
        ),
        one("dataset", "or a data set that comes with hiddenpop", choices=sets),
        ui.output_ui("dataset_tables"),
        more(
            "The table looks wrong?",
            typed(
                "source_missing",
                "Words and codes that are no answers",
                "With commas between them. Codes count in questions of yes and no, and where they have labels.",
                placeholder="refused, don't know, 99",
            ),
            field("source_blank", ui.input_checkbox("source_blank", "Blank text is no answer", False)),
            typed(
                "source_yes",
                "Words that mean yes",
                placeholder="ja, oui",
                help="Only where they are not read as yes already.",
            ),
            typed("source_no", "Words that mean no", placeholder="nee, non"),
            typed("source_sheet", "Sheet of the workbook (Excel)", "The first one unless you name another."),
            typed("source_separator", "Sign between cells (CSV)", "Found by itself; else ; or , or tab."),
            one("source_decimal", "Decimal sign (CSV)", choices={"": "found by itself", ",": "comma", ".": "point"}),
            typed("source_encoding", "Encoding of its text", placeholder="cp1252"),
        ),
        below=ui.output_ui("columns"),
    )


def _found() -> Any:
    hows = {
        "simple": "One by one, with the same chance for all",
        "fieldwork": "By groups, places or with weights",
        "counts": "The table holds counts, a row a kind of person",
        "peers": "They recruited one another (respondent-driven)",
        "lists": "They are on lists or registers that overlap",
    }

    def when(how: str, *inside: Any) -> Any:
        return ui.panel_conditional(f"input.found_how === '{how}'", *inside)

    strata = "Groups or quotas that were sampled separately."
    return step(
        "design",
        "The interval rests on this: a sample that is treated as simpler than it was looks surer than it is.",
        field(
            "found_how", ui.input_radio_buttons("found_how", "How did people get into the table?", hows, width="100%")
        ),
        ui.panel_conditional(
            "input.found_how === 'fieldwork' || input.found_how === 'counts'", several("found_strata", "Strata", strata)
        ),
        when(
            "fieldwork",
            one("found_clusters", "Clusters", "Cities, sites or venues that were sampled first."),
            one("found_weights", "Weights", "How many people of the population a participant stands for."),
            one(
                "found_fpc", "Size of the population (fpc)", "Of the stratum: only where a noticeable part was sampled."
            ),
        ),
        when(
            "counts",
            one("found_counts", "Number of people", "How many participants each row stands for. Never weights."),
        ),
        ui.panel_conditional(
            "input.found_how === 'simple' || input.found_how === 'fieldwork'",
            one("found_id", "Participant's id", "If there is one: people who stand twice are then noticed."),
        ),
        when(
            "peers",
            one("found_person", "Participant's id"),
            one("found_degree", "Network size", "How many people of this population a participant knows."),
            one("found_recruiter", "Recruiter's id", "Empty for seeds. Or leave this, and say which coupons:"),
            several("found_coupons", "Coupons that were given"),
            one("found_own_coupon", "Coupon that was redeemed"),
            one("found_time", "When they came", "Date of the interview."),
            one("found_homophily_on", "Recruitment goes by", "A property by which people recruit their like."),
            count("found_population", "Size of the population, if it is known"),
        ),
        when(
            "lists",
            several("found_lists", "Lists", "Columns of 0 and 1: who is on which. Two to twelve."),
            one("found_list_counts", "Number of people", "Only where a row is an overlap and not a person."),
        ),
    )


def _sizes() -> Any:
    return step(
        "sizes",
        "A register counts some of them; the survey says what share of all it counts. The one divided by the other is the size.",
        one(
            "sizes_column",
            "Question that says who is in the register",
            "Yes or no, or any question one answer of which says it.",
        ),
        ui.output_ui("sizes_levels"),
        one("sizes_by", "For each", "A size for each group; the register's count is needed for each."),
        ui.output_ui("sizes_benchmarks"),
        typed("sizes_name", "What to call them", placeholder="people who sleep rough"),
        count("sizes_population", "Inhabitants, for a rate per 1,000"),
    )


def _table1() -> Any:
    return step(
        "table1",
        "Table 1: numbers, shares and means, side by side for groups. Small numbers are hidden as the report says.",
        several("table1_columns", "Questions"),
        one("table1_by", "Side by side"),
        field("table1_test", ui.input_checkbox("table1_test", "Test whether groups differ", False)),
        field("table1_smd", ui.input_checkbox("table1_smd", "Standardised differences", False)),
    )


def _shares() -> Any:
    return step(
        "shares",
        "The share in treatment, of each kind of housing, the mean age: for all or by group, with intervals.",
        one("shares_column", "Question"),
        one("shares_by", "By group"),
    )


def _doubts() -> Any:
    return step(
        "doubts",
        "What if the register misses some, or answers are wrong? Say how far off each may be; the widest bar matters most.",
        span(
            "doubts_completeness",
            "Completeness of the register",
            "Of those who say they are in it, the share that it holds.",
            0.3,
            1,
            1,
        ),
        span(
            "doubts_false_records",
            "False records",
            "The share of its records that are of nobody it should hold.",
            0,
            0.6,
            0,
        ),
        span(
            "doubts_truthful",
            "Registered people who say so",
            "The chance that somebody who is registered tells it.",
            0.5,
            1,
            1,
        ),
        span(
            "doubts_false_reports",
            "False reports",
            "The chance that somebody who is not registered says yes.",
            0,
            0.3,
            0,
        ),
        span(
            "doubts_recruitment",
            "Registered people are easier to recruit (odds)",
            "2: twice the odds of being interviewed. Below 1: harder to find.",
            0.25,
            4,
            1,
            odds=True,
        ),
        ui.output_ui("doubts_labels"),
        count("doubts_above", "It matters whether there are more than", "The value of each at which that changes."),
        ui.p(
            "The line of the tornado is the size with no error, or with a range's middle where no error is outside the range.",
            class_="help",
        ),
    )


def _lists() -> Any:
    return step(
        "models",
        "Who is on two lists tells something of who is on none, if one may assume how lists depend on one another.",
        one(
            "models_criterion",
            "Models are ranked by",
            "For three lists and more; two have Chapman's estimate, and what dependence would do to it.",
            choices={name: name for name in CRITERIA},
            selected="AIC",
        ),
    )


def _peers() -> Any:
    return step(
        "peers",
        "People who recruited one another: the trees, who recruits whom, and whether estimates have settled.",
        one("peers_column", "Look at", "A question with few answers."),
        count(
            "peers_prior",
            "Size by the order of networks: your guess before the data",
            "The median of what you believe. It matters much; the result says how much. Takes some seconds.",
        ),
    )


def _plan() -> Any:
    methods = {
        "multiplier": "a size, by a register and interviews",
        "proportion": "a share, by interviews",
        "rds": "a share, by peers who recruit one another",
        "capture": "a size, by two lists",
    }
    return step(
        "plan",
        "How many to interview for an answer of some precision. This needs no table.",
        one("plan_method", "What the study is to find", choices=methods, selected="multiplier"),
        ui.panel_conditional(
            "input.plan_method === 'multiplier'", count("plan_benchmark", "People expected in the register", value=5000)
        ),
        ui.panel_conditional("input.plan_method !== 'capture'", count("plan_share", "Expected share (%)", value=30)),
        ui.panel_conditional(
            "input.plan_method === 'capture'", count("plan_population", "People there may be", value=10000)
        ),
        count(
            "plan_precision",
            "Precision (±, %)",
            "Half of the interval: of the size for sizes, in points of percentage for shares.",
            value=20,
        ),
        ui.panel_conditional(
            "input.plan_method !== 'capture'",
            count(
                "plan_effect",
                "Design effect",
                "1 is a simple random sample; recruitment by peers takes 2 to 4.",
                value=2,
                low=0.1,
            ),
        ),
    )


def _report() -> Any:
    def button(id: str, label: str, kind: str = "btn-outline-primary") -> Any:
        return ui.input_action_button(id, label, class_=kind)

    return step(
        "report",
        "All that you made, with methods and references, to be handed on; and the notebook that repeats it.",
        typed("paper_title", "Title", placeholder="People who sleep rough, 2026"),
        typed("paper_author", "Author"),
        one(
            "paper_language",
            "Language",
            "Of tables, figures, methods and what is said around them; headings of sections stay English.",
            choices=LANGUAGES,
            selected="en",
        ),
        field("paper_views", ui.output_ui("paper_parts")),
        field(
            "paper_suppress",
            ui.TagList(
                ui.input_checkbox("paper_suppress", "Hide small numbers", True),
                ui.panel_conditional(
                    "input.paper_suppress",
                    ui.input_numeric("paper_below", "Fewer participants than", 5, min=2, step=1, update_on="blur"),
                ),
            ),
            "In reports and Table 1: what rests on fewer, and what would give it away. Other views are for your eyes, and hide "
            "nothing.",
        ),
        ui.output_ui("paper_look"),
        ui.div(
            button("write_html", "Web page", "btn-primary"),
            button("write_docx", "Word document", "btn-primary"),
            button("write_ipynb", "Notebook"),
            button("write_py", "Python file"),
            button("preview", "Preview"),
            class_="buttons",
        ),
        ui.p(
            "Put the notebook beside your table and run it: it gives the same digits. It holds no answers and no results.",
            class_="help",
        ),
    )
