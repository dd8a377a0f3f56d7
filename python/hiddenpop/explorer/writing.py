"""From what was chosen to the Python that makes each view: pure functions, so that code and view can't differ."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePath

from .choices import Choices, Found, Level, Source
from .program import Cell, Name, Program, Wanted, argument, call, literal, named

#: How files are read, by the ending of their names.
READERS = {
    ".csv": "hp.read_csv",
    ".txt": "hp.read_csv",
    ".tsv": "hp.read_csv",
    ".sav": "hp.read_sav",
    ".zsav": "hp.read_sav",
    ".por": "hp.read_sav",
    ".dta": "hp.read_dta",
    ".xpt": "hp.read_xpt",
    ".xlsx": "pd.read_excel",
    ".xlsm": "pd.read_excel",
    ".parquet": "pd.read_parquet",
    ".rdsat": "hp.read_rdsat",
    ".rdsobj": "hp.read_rdsobj",
}
#: What a doubt is where there is none, by the name it has in the tornado.
NO_DOUBT = {"completeness": 1.0, "false_records": 0.0, "says_so": 1.0, "false_reports": 0.0, "recruitment_odds": 1.0}
TABLE, SURVEY, LISTS, PEOPLE = Name("table"), Name("survey"), Name("lists"), Name("people")
NO_TABLE = Wanted("Load a table first, in step 1.")
ON_LISTS = Wanted("These people were found on lists, so there is no survey to ask. Their sizes are under Lists.")


def ending(name: str) -> str:
    """Return the ending of a file's name, by which it is read."""
    return PurePath(name).suffix.lower()


def reading(source: Source) -> tuple[Cell, ...]:
    """Write how a table is read, and what was settled about its words."""
    field = "file" if source.kind == "file" else "dataset"
    missing = list(source.missing)
    blank = [""] if source.blank else []
    if source.kind == "dataset":
        lines = [
            "import hiddenpop as hp",
            "",
            f"table = {call('hp.datasets.load', source.name)}[{literal(source.table)}]",
        ]
        said: dict[str, object] = {}
    else:
        reader = READERS[ending(source.name)]
        said = {}
        if reader == "hp.read_csv":
            said = {"separator": source.separator, "decimal": source.decimal, "encoding": source.encoding}
        elif reader in ("hp.read_sav", "hp.read_dta", "hp.read_xpt"):
            said = {"encoding": source.encoding, "missing": missing}
            missing = []
        elif reader == "pd.read_excel":
            said = {"sheet_name": source.table}
        pandas = ["import pandas as pd"] if reader.startswith("pd.") else []
        lines = ["import hiddenpop as hp", *pandas, "", f"table = {call(reader, source.name, **said)}"]
    places = named(
        source_separator=("separator",),
        source_decimal=("decimal",),
        source_encoding=("encoding",),
        source_sheet=("sheet_name", source.table),
        source_missing=("missing=",),
    )
    cells = [Cell("\n".join(lines), "Reading the table", field, places)]
    missing = [*missing, *blank]
    if source.yes or source.no or missing:
        recoded = call("hp.recode", TABLE, yes=list(source.yes), no=list(source.no), missing=missing)
        places = named(source_yes=("yes",), source_no=("no",), source_missing=("missing",))
        cells.append(Cell(f"table = {recoded}.table", "Settling words", "source_yes", places))
    return tuple(cells)


def table(choices: Choices) -> Program | Wanted:
    """Write the program that ends in the table."""
    return Program(reading(choices.source)) if choices.source else NO_TABLE


def _read(choices: Choices, source: Source) -> tuple[Cell, ...]:
    """Write how the table is read, and which code means that somebody is in the register."""
    size = choices.sizes
    column = choices.column(size.column)
    if column is None or column.kind != "number" or size.level is None:
        return reading(source)
    silent = [level for level in column.levels if level in source.missing]
    others = [level for level in column.levels if level != size.level and level not in silent]
    recoded = call("hp.recode", TABLE, columns=size.column, yes=[size.level], no=others, missing=silent)
    return (*reading(source), Cell(f"table = {recoded}.table", "Reading codes", "sizes_level"))


def _peers(found: Found) -> Cell | Wanted:
    if not found.person or not found.degree or not (found.recruiter or (found.coupons and found.own_coupon)):
        return Wanted(
            "Say in step 2 which columns hold the participant's id, the network size, and the recruiter (or the coupons)."
        )
    by_recruiter = bool(found.recruiter)
    made = call(
        "hp.Survey.rds",
        TABLE,
        id=found.person,
        recruiter=found.recruiter,
        coupons=[] if by_recruiter else list(found.coupons),
        own_coupon="" if by_recruiter else found.own_coupon,
        degree=found.degree,
        time=found.time,
        population=found.population,
        homophily_on=found.homophily_on,
    )
    places = named(
        found_degree=("degree", "impute_degree", found.degree),
        found_recruiter=("recruiter", "orphans", found.recruiter),
        found_coupons=("coupons", "own_coupon", "repeats", *found.coupons, found.own_coupon),
        found_time=("time", found.time),
        found_population=("population",),
        found_homophily_on=("homophily_on", found.homophily_on),
        found_person=("id", found.person),
    )
    return Cell(f"survey = {made}", "Reading who recruited whom", "found_person", places)


def _survey(found: Found) -> Cell | Wanted:
    if found.how == "peers":
        return _peers(found)
    if found.how == "counts" and not found.counts:
        return Wanted("Say in step 2 which column holds the number of participants of each row.")
    clustered = found.how == "fieldwork"
    strata = found.strata if found.how != "simple" else ()
    made = call(
        "hp.Survey",
        TABLE,
        strata=strata[0] if len(strata) == 1 else list(strata),
        clusters=found.clusters if clustered else "",
        weights=found.weights if clustered else "",
        fpc=found.fpc if clustered else "",
        counts=found.counts if found.how == "counts" else "",
        id=found.id if found.how != "counts" else "",
    )
    places = named(
        found_weights=("weights", found.weights),
        found_clusters=("clusters", "lonely", found.clusters),
        found_fpc=("fpc", found.fpc),
        found_counts=("counts", found.counts),
        found_strata=("strata", *found.strata),
        found_id=("id", found.id),
    )
    field = {"counts": "found_counts", "fieldwork": "found_strata"}.get(found.how, "found_how")
    return Cell(f"survey = {made}", "Reading the survey", field, places)


def survey(choices: Choices) -> Program | Wanted:
    """Write the program that ends in the survey, and shows how people were sampled."""
    if not choices.source:
        return NO_TABLE
    if choices.found.how == "lists":
        return ON_LISTS
    cell = _survey(choices.found)
    if isinstance(cell, Wanted):
        return cell
    return Program(_read(choices, choices.source)).then(cell)


def design(choices: Choices) -> Program | Wanted:
    """Show how people were sampled, in words, or the lists they are on."""
    if choices.found.how == "lists":
        return on_lists(choices)
    made = survey(choices)
    if isinstance(made, Wanted):
        return made
    return made.then(Cell("str(survey.design)", "Describing the design", "found_how"))


def _proportion(column: str, level: Level | None, by: str) -> str:
    asked = call("survey.proportion", column, by=by)
    if level is None:
        return asked
    return f"{asked}[:, {literal(level)}]" if by else f"{asked}[{literal(level)}]"


def sizes(choices: Choices) -> Program | Wanted:
    """Write sizes by the multiplier method: table, sum, figure, and the sentences for a paper."""
    made = survey(choices)
    if isinstance(made, Wanted):
        return made
    size = choices.sizes
    if not size.column:
        return Wanted("Choose the question that says who is in the register.")
    column = choices.column(size.column)
    if column and column.kind != "yes or no" and size.level is None:
        return Wanted("This question has several answers: choose the one that means that somebody is in the register.")
    if not size.benchmark:
        return Wanted("Type how many people the register holds" + (", for each group." if size.by else "."))
    grouped = choices.column(size.by)
    lacking = [str(level) for level in grouped.levels if level not in dict(size.benchmark)] if grouped else []
    if lacking:
        return Wanted(f"Type how many people the register holds of these groups too: {', '.join(lacking)}.")
    counts = dict(size.benchmark) if size.by else size.benchmark[0][1]
    renamed = f".rename({literal(size.name)})" if size.name else ""
    lines = [
        f"registered = {_proportion(size.column, size.level if column and column.kind == 'categories' else None, size.by)}",
        f"people = {call('hp.multiplier', counts, Name('registered'))}{renamed}",
        "people",
    ]
    places = named(sizes_column=(size.column, "share"), sizes_by=("by", size.by), sizes_benchmark=("benchmark",))
    cells = [Cell("\n".join(lines), "Working out sizes", "sizes_benchmark", places, "How many there are")]
    total = "people"
    several = bool(size.by) and len(size.benchmark) > 1
    if several:
        total = 'people.sum("all groups")'
        cells.append(Cell(f"together = {total}\ntogether", "Adding groups", "sizes_by", title="Together"))
    if size.population:
        base = "together" if several else "people"
        cells.append(
            Cell(
                f"rate = {call(f'{base}.per', size.population, base=1000)}\nrate",
                "Working out the rate",
                "sizes_population",
                title="Of every 1,000",
            )
        )
    cells.append(Cell("people.plot()", "Drawing sizes", "sizes_benchmark"))
    cells.append(Cell("people.methods()", "Writing the methods", "sizes_benchmark", title="For your methods section"))
    return made.then(*cells)


def table1(choices: Choices) -> Program | Wanted:
    """Write Table 1."""
    made = survey(choices)
    if isinstance(made, Wanted):
        return made
    chosen = choices.table1
    if not chosen.columns:
        return Wanted("Choose the questions that describe who took part.")
    described = call(
        "hp.describe",
        SURVEY,
        [name for name in chosen.columns if name != chosen.by],
        by=chosen.by,
        total=True if chosen.by else None,
        test=True if chosen.by and chosen.test else None,
        smd=True if chosen.by and chosen.smd else None,
        suppress_below=choices.paper.suppress_below,
    )
    places = named(table1_by=("by", chosen.by), table1_columns=chosen.columns)
    return made.then(Cell(f"table1 = {described}\ntable1", "Describing participants", "table1_columns", places))


def shares(choices: Choices) -> Program | Wanted:
    """Write a column by groups: shares or means, and a figure."""
    made = survey(choices)
    if isinstance(made, Wanted):
        return made
    chosen = choices.shares
    if not chosen.column:
        return Wanted("Choose a question.")
    column = choices.column(chosen.column)
    places = named(shares_by=("by", chosen.by), shares_column=(chosen.column,))
    verb = "survey.mean" if column and column.kind == "number" else "survey.proportion"
    asked = call(verb, chosen.column, by=chosen.by)
    cells = [Cell(f"shares = {asked}\nshares", "Asking the survey", "shares_column", places)]
    if column and column.kind == "categories":
        drawn = call("hp.plot.stacked", SURVEY, chosen.column, by=chosen.by)
    elif column and column.kind == "yes or no" and chosen.by:
        drawn = "hp.plot.coverage(shares)"
    else:
        drawn = "shares.plot()"
    cells.append(Cell(drawn, "Drawing", "shares_column", places))
    return made.then(*cells)


def _doubted(choices: Choices) -> tuple[list[str], dict[str, tuple[float, float]], dict[str, float]]:
    """Return the lines of the function, its ranges, and base values where ranges don't say them."""
    doubts = choices.doubts
    given = dict(
        zip(
            NO_DOUBT,
            (doubts.completeness, doubts.false_records, doubts.truthful, doubts.false_reports, doubts.recruitment),
            strict=True,
        )
    )
    real = {name: ends for name, ends in given.items() if ends != (NO_DOUBT[name],) * 2}
    ranges = {name: ends for name, ends in real.items() if ends[0] < ends[1]}
    base = {name: NO_DOUBT[name] for name, (low, high) in ranges.items() if low <= NO_DOUBT[name] <= high}

    def word(name: str) -> Name | float:
        return Name(name) if name in ranges else real[name][0]

    lines = [f"def doubted({', '.join(ranges)}):", "    size = people"]
    if {"says_so", "false_reports"} & real.keys():
        parts = []
        if "says_so" in real:
            parts.append(f"sensitivity={argument(word('says_so'))}")
        if "false_reports" in real:
            parts.append(f"specificity=1 - {argument(word('false_reports'))}")
        lines.append(f"    size = hp.adjust.self_report(size, {', '.join(parts)})")
    if "recruitment_odds" in real:
        lines.append(f"    size = hp.adjust.recruitment(size, odds={argument(word('recruitment_odds'))})")
    parts = [
        f"{name}={argument(word(own))}"
        for name, own in (("completeness", "completeness"), ("false_positives", "false_records"))
        if own in real
    ]
    if parts:
        lines.append(f"    size = hp.adjust.register(size, {', '.join(parts)})")
    return [*lines, "    return size"], ranges, base


def doubts(choices: Choices) -> Program | Wanted:
    """Write what would become of sizes if their parts were off: the tornado."""
    made = sizes(choices)
    if isinstance(made, Wanted):
        return Wanted(f"Doubts are about a size, so make one first, in step 3. {made.text}")
    function, ranges, base = _doubted(choices)
    if not ranges:
        return Wanted("Move a slider: say how far off one of these may be.")
    labels = [label for label, _ in choices.sizes.benchmark] if choices.sizes.by else []
    label = choices.doubts.label if choices.doubts.label in labels else (labels or [None])[0]
    several = len(labels) > 1
    picked = f"[{literal(label)}]" if several else ""
    ask = call("hp.sensitivity", Name("doubted"), base=base, **ranges)
    places = named(
        doubts_completeness=("completeness",),
        doubts_false_records=("false_positives", "false_records"),
        doubts_truthful=("sensitivity", "says_so"),
        doubts_false_reports=("specificity", "false_reports"),
        doubts_recruitment=("recruitment_odds", "odds"),
    )
    place = next(place for name, place in places.items() if name in ranges)
    text = "\n".join([*function, "", "", f"study = {ask}{picked}", "study.tornado()"])
    cells = [
        Cell(text, "Drawing the tornado", place, places, "How far each moves the size"),
        Cell("study.summary().round(2)", "Listing what moves it", place, places, "The size at the ends of each range"),
        Cell("study.estimate", "Working out the size", place, places, "The size in the base case"),
    ]
    if choices.doubts.above:
        asked = call("study.tipping_point", above=choices.doubts.above)
        title = "How far off each would have to be"
        cells.append(Cell(f"{asked}.round(3)", "Looking for the tipping point", "doubts_above", title=title))
    # Sizes are shown in their own view; here is what their table needs and no more.
    needed = (*made.cells[: -made.own], made.cells[-made.own])
    return Program(needed).then(*cells)


def on_lists(choices: Choices) -> Program | Wanted:
    """Write the lists and how they overlap."""
    if not choices.source:
        return NO_TABLE
    found = choices.found
    if found.how != "lists":
        return Wanted('For lists that overlap, choose "lists" in step 2.')
    if len(found.lists) < 2:
        return Wanted("Choose two lists or more in step 2: columns of 0 and 1, a row a person.")
    made = call("hp.Lists", TABLE, list(found.lists), counts=found.counts)
    places = named(found_list_counts=("counts", found.counts), found_lists=("lists", *found.lists))
    cells = [
        Cell(f"lists = {made}\nlists", "Reading the lists", "found_lists", places, "Who is on which lists"),
        Cell("lists.plot()", "Drawing overlaps", "found_lists", places),
    ]
    return Program(reading(choices.source)).then(*cells)


def models(choices: Choices) -> Program | Wanted:
    """Write sizes from lists: Chapman for two, models ranked and averaged for more."""
    made = on_lists(choices)
    if isinstance(made, Wanted):
        return made
    if len(choices.found.lists) == 2:
        cells = [
            Cell("size = hp.chapman(lists)\nsize", "Working out the size", "found_lists", title="How many there are"),
            Cell(
                "hp.dependence(lists, (0.5, 2)).plot()",
                "Asking what dependent lists would do",
                "found_lists",
                title="If the lists depend on one another",
            ),
        ]
    else:
        fitted = call("hp.loglinear", LISTS, criterion=choices.models.criterion)
        cells = [
            Cell(
                f"models = {fitted}\nmodels",
                "Fitting log-linear models",
                "models_criterion",
                title="Models, the best first",
            ),
            Cell("models.plot()", "Drawing models", "models_criterion"),
            Cell(
                "size = models.average()\nsize",
                "Averaging models",
                "models_criterion",
                title="How many there are: the average of models",
            ),
        ]
    cells.append(Cell("size.methods()", "Writing the methods", "models_criterion", title="For your methods section"))
    return Program(made.cells + tuple(cells), made.own + len(cells))


def peers(choices: Choices) -> Program | Wanted:
    """Write how recruitment went: the trees, who recruits whom, whether estimates settle, and a size from the order of networks."""
    if choices.source and choices.found.how != "peers":
        return Wanted('For people who recruited one another, choose "recruited by peers" in step 2.')
    made = survey(choices)
    if isinstance(made, Wanted):
        return made
    column = choices.peers.column
    cells = [
        Cell(
            f"{call('survey.plot_tree', column or None)}",
            "Drawing who recruited whom",
            "peers_column",
            title="Who recruited whom",
        )
    ]
    if column:
        asked = [f"survey.{verb}({literal(column)})" for verb in ("recruitment", "convergence")]
        cells += [
            Cell(asked[0], "Asking who recruits whom", "peers_column", title="Do people recruit their like?"),
            Cell(
                f"{asked[1]}.plot()",
                "Looking whether estimates settle",
                "peers_column",
                title="Have estimates settled?",
            ),
        ]
    if choices.peers.prior_median:
        asked = [call("hp.successive_sampling_size", SURVEY, prior_median=choices.peers.prior_median)]
        cells += [
            Cell(f"by_order = {asked[0]}\nby_order", "Working out the size from the order of networks", "peers_prior")
        ]
    return made.then(*cells)


def plan(choices: Choices) -> Program | Wanted:
    """Write a study to come: how many people it needs."""
    planned = choices.planned
    method = planned.method
    if method == "multiplier":
        if not planned.benchmark:
            return Wanted("Type how many people the register is expected to hold.")
        asked = call(
            "hp.plan.multiplier",
            benchmark=planned.benchmark,
            share=planned.share,
            relative_precision=planned.precision,
            design_effect=planned.design_effect,
        )
    elif method == "capture":
        if not planned.population:
            return Wanted("Type how many people there may be.")
        asked = call("hp.plan.capture", int(planned.population), relative_precision=planned.precision)
    else:
        asked = call(
            f"hp.plan.{method}",
            planned.share,
            precision=planned.precision,
            design_effect=planned.design_effect,
        )
    places = named(
        plan_benchmark=("benchmark",),
        plan_share=("share",),
        plan_precision=("relative_precision", "precision"),
        plan_effect=("design_effect",),
        plan_population=("population",),
    )
    cells = (
        Cell(f"import hiddenpop as hp\n\nplan = {asked}\nstr(plan)", "Planning", "plan_precision", places),
        Cell("plan.plot()", "Drawing the plan", "plan_precision", places, "How precise with how many"),
        Cell("plan.summary().round(2)", "Planning variants", "plan_precision", places, "If things are otherwise"),
    )
    return Program(cells, len(cells))


#: The views that a report can hold: their heading, and what of them goes in.
SECTIONS: dict[str, tuple[str, tuple[str, ...]]] = {
    "sizes": ("How many", ("people", "together", "rate")),
    "models": ("How many, from lists that overlap", ("size",)),
    "table1": ("Who took part", ("table1",)),
    "shares": ("Shares and means", ("shares",)),
    "doubts": ("What could be wrong", ("study",)),
    "peers": ("Recruitment", ("by_order",)),
    "plan": ("The next study", ("plan",)),
}
VIEWS: dict[str, Callable[[Choices], Program | Wanted]] = {
    "table": table,
    "design": design,
    "sizes": sizes,
    "table1": table1,
    "shares": shares,
    "doubts": doubts,
    "lists": on_lists,
    "models": models,
    "peers": peers,
    "plan": plan,
}


def ready(choices: Choices) -> list[str]:
    """Return the views that a report could hold now."""
    made = {name: VIEWS[name](choices) for name in SECTIONS}
    return [
        name for name, program in made.items() if not isinstance(program, Wanted) and _parts(program, SECTIONS[name][1])
    ]


def _parts(program: Program, names: tuple[str, ...]) -> list[str]:
    return [name for name in names if any(f"{name} = " in cell.text for cell in program.cells[-program.own :])]


def report(choices: Choices, *, written: bool = True) -> Program | Wanted:
    """Write the whole: all views that were chosen, and the report made of them."""
    paper = choices.paper
    chosen = [name for name in ready(choices) if name in paper.views]
    if not chosen:
        return Wanted("Make a view first (sizes, Table 1, ...), and tick it here.")
    cells: dict[str, Cell] = {}
    added = []
    for name in chosen:
        program = VIEWS[name](choices)
        if isinstance(program, Wanted):
            continue
        for cell in program.cells:
            cells.setdefault(cell.text, cell)
        heading, parts = SECTIONS[name]
        things = [Name(part) for part in _parts(program, parts)]
        # A plan holds what was typed, and nobody was asked for it; what rests on people is looked at by the report.
        safe = True if paper.suppress_below and name == "plan" else None
        added.append(call("report.add", *things, section=heading, safe=safe))
        if name == "models" and (paper.looked or not paper.suppress_below):
            more = [Name("lists"), *([Name("models")] if len(choices.found.lists) > 2 else [])]
            safe = True if paper.suppress_below else None
            added.append(call("report.add", *more, section="Overlaps and models", safe=safe))
    made = call(
        "hp.Report",
        paper.title or "Hidden populations",
        author=paper.author,
        language="" if paper.language == "en" else paper.language,
        suppress_below=paper.suppress_below,
    )
    files = {"html": 'report.to_html("report.html")', "docx": 'report.to_docx("report.docx")'}
    written_lines = [files[kind] for kind in paper.formats]
    places = named(paper_title=("title",), paper_suppress=("suppress_below",), paper_author=("author",))
    cell = Cell("\n".join([f"report = {made}", *added, *written_lines]), "Writing the report", "paper_views", places)
    return Program((*cells.values(), cell), 1, tuple(f"report.{kind}" for kind in paper.formats) if written else ())
