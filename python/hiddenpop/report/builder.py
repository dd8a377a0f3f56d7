"""`hp.Report`: results in the order in which they are told, and the document that they make."""

from __future__ import annotations

import datetime
import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from typing import Any, ClassVar, Concatenate, ParamSpec, TypeVar

import pandas as pd

from ..capture.describe import Description
from ..capture.lists import Lists
from ..drawing.axes import beside
from ..draws.settings import within
from ..errors import InputError
from ..estimate.estimate import Estimate
from ..estimate.files import to_record
from ..ground.bibliography import BIBLIOGRAPHY
from ..ground.checks import check_below, check_level, flag
from ..ground.files import suffix, unwritten
from ..ground.language import ENGLISH, LANGUAGES, english, plural, read, spoken, tr
from ..ground.signatures import checked
from ..ground.stays import Stays
from ..sample.cut import Cut
from ..tables.crosstab import Crosstab
from ..tables.significance import Significance
from ..trends.trend import Trend
from ..words import methods
from ..words.methods import SOFTWARE, Account, Told
from ..words.table import NUMBERS, Table
from . import as_data, checklists, page, paper, pictures, shown
from . import audit as audits
from . import template as house
from .checklists import Checklist
from .document import Block, Caveat, Document, Figure, Grid, Heading, Picture, Text
from .overlaps import overviews
from .privacy import Privacy
from .shown import Shown
from .titles import apart, captioned

#: Where tests in tables come from, by what their notes say.
SOURCES = {
    english("Rao-Scott"): BIBLIOGRAPHY["Rao and Scott 1984"],
    english("Pearson's statistic against"): BIBLIOGRAPHY["Rao and Scott 1984"],
    english("by saddlepoint"): BIBLIOGRAPHY["Kuonen 1999"],
    english("design-based t test"): BIBLIOGRAPHY["Lumley 2010"],
    english("design-based Wald F test"): BIBLIOGRAPHY["Lumley 2010"],
    english("Wald test:"): BIBLIOGRAPHY["Koch, Freeman and Freeman 1975"],
    english("adjusted Wald test"): BIBLIOGRAPHY["Thomas and Rao 1987"],
    english("rank test"): BIBLIOGRAPHY["Lumley and Scott 2013"],
    english("median test"): BIBLIOGRAPHY["Lumley and Scott 2013"],
    english("by Rubin's rules"): BIBLIOGRAPHY["Rubin 1987"],
    english("t test of the linear contrast"): BIBLIOGRAPHY["Lumley 2010"],
    "Austin 2009": BIBLIOGRAPHY["Austin 2009"],
    "Yang and Dalton 2012": BIBLIOGRAPHY["Yang and Dalton 2012"],
    "Center for Health Statistics": BIBLIOGRAPHY["Parker and others 2017"],  # stays English (a name)
}
Result = TypeVar("Result")
Options = ParamSpec("Options")


def _in_its_language(
    method: Callable[Concatenate[Report, Options], Result],
) -> Callable[Concatenate[Report, Options], Result]:
    """Make a report speak its own language, whatever the settings are when it is asked."""

    @functools.wraps(method)
    def speak(self: Report, /, *args: Options.args, **options: Options.kwargs) -> Result:
        code = self.language.partition("-")[0].lower()
        with within(language=code if code in LANGUAGES else ENGLISH):
            return method(self, *args, **options)

    return speak


#: Stands in where a report is only counted or checked.
NOT_DRAWN = Picture("<svg/>", b"", 1.0)


@dataclass(frozen=True)
class Drawing:
    """A figure that the user drew."""

    picture: Picture
    caption: str
    alt: str


@dataclass(frozen=True)
class Tested(Text):
    """A test in words, and where it comes from."""

    source: str


@dataclass(frozen=True, eq=False)
class Item:
    """Something added, whether the user vouches for it, and how it was shown and drawn: what is kept goes with the thing."""

    thing: Any
    safe: bool = False
    #: In place of the thing's own title.
    caption: str | None = None
    #: By the report's level and what is hidden.
    seen: dict[tuple[float, bytes], Shown] = field(default_factory=dict)
    drawn: dict[tuple[float, bytes], Picture] = field(default_factory=dict)
    made: dict[bytes, Table] = field(default_factory=dict)

    def table(self, privacy: Privacy) -> Any:
        """Return the thing; a table with what is hidden of it for the sake of other results."""
        also = privacy.beside(self.thing) if isinstance(self.thing, Table) else []
        if not also:
            return self.thing
        assert self.thing.made is not None
        assert self.thing.made.again is not None
        assert self.thing.made.below is not None
        key = _key(also)
        if key not in self.made:
            self.made[key] = self.thing.made.again(self.thing.made.below, also)
        return self.made[key]


@checked
class Report(Stays):
    """A report: what was found, how, and how sure, as a web page, a Word document or data.

    Parameters
    ----------
    title : str
        Title of the report.
    author, date : str, optional
        Who wrote it, and when; a year or a `datetime.date` will do.
    language : str, optional
        Language of the report, as a code such as "en" or "nl": what is said around your texts, if it is one that `hp.settings` knows
        (English else), and how it is read aloud. Default: that of `hp.settings`.
    suppress_below : int, optional
        Hide whatever rests on 1 to `suppress_below - 1` participants, and as much else as is needed so that nobody can work
        it out from everything that the report shows. Tables are made again with their small cells hidden.
    level : float
        Confidence level of the intervals.
    template : path, optional
        A Word file (.docx) whose styles, fonts, headers, footers and paper `to_docx` takes over: your organisation's. Its text is
        left out; styles that it lacks are added.

    Raises
    ------
    InputError
        An empty title; a template that is no Word document, or one of a kind that Word must save anew.

    See Also
    --------
    settings : the language of a report.
    export.euda, export.gam : forms of agencies.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> survey = hp.Survey({"registered": [1, 0], "count": [50, 50]}, counts="count")
    >>> people = hp.multiplier(100, survey.proportion("registered"))
    >>> report = hp.Report("People who sleep rough", date="2025-09")
    >>> report.add(people, section="How many", text="Counted in March.")
    Report 'People who sleep rough': 1 section, 1 table, 0 figures
    >>> page = report.to_html()
    >>> "population size" in page.lower() and "UNAIDS/WHO" in page
    True
    >>> '"title": "People who sleep rough"' in report.to_json()
    True
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     report.to_docx(f"{folder}/report.docx")
    """

    unsaved: ClassVar[str] = (
        "A report can't be pickled: it holds what it hides. Write it (to_html, to_docx, to_json), or save its estimates one by one"
    )

    def __init__(
        self,
        title: str,
        *,
        author: str | None = None,
        date: str | int | datetime.date | None = None,
        language: str | None = None,
        suppress_below: int | None = None,
        level: float = 0.95,
        template: str | PathLike[str] | None = None,
    ) -> None:
        if not isinstance(title, str) or not title.strip():
            raise InputError("A report needs a title.")
        self.title = title.strip()
        self.author = None if author is None else _checked(author, "author")
        if isinstance(date, datetime.date):
            date = date.isoformat()
        self.date = None if date is None else _checked(str(date) if type(date) is int else date, "date")
        self.language = spoken() if language is None else _checked(language, "language")
        self.below = None if suppress_below is None else check_below(suppress_below)
        self.level = check_level(level)
        self._house = None if template is None else house.read(template)
        self._items: list[Item] = []
        #: The section that what comes next belongs to.
        self._section: str | None = None

    @_in_its_language
    def add(
        self,
        *things: Any,
        text: str | None = None,
        section: str | None = None,
        caption: str | None = None,
        alt: str | None = None,
        safe: bool = False,
    ) -> Report:
        """Append results, in order; returns the report.

        Parameters
        ----------
        *things
            Estimates, tables (of `hp.describe` and cross-tables), trends, models, comparisons, anything with `summary()`
            (its `plot()` and `methods()` are used too), DataFrames, figures or axes of matplotlib, texts. Estimates and trends come as
            a table and a figure.
        text : str, optional
            Paragraphs before them; an empty line opens a new one.
        section : str, optional
            Heading of the section that they belong to: a new one, or one that there is, at whose end they stand then. What is added
            without it goes where the last addition went.
        caption : str, optional
            Caption of one result, in place of its own title.
        alt : str, optional
            What a figure that you drew shows, in words and numbers, for people who don't see it.
        safe : bool
            With `suppress_below`: that you have looked, and that a figure, DataFrame or other thing that can't be checked
            shows nothing of few participants.

        Raises
        ------
        InputError
            Something that a report can't show, or that can't be checked for small numbers; the report stays as it was.
        """
        flag(safe, "safe")
        heading = self._section if section is None else Heading(_checked(section, "section")).text
        caption = None if caption is None else _checked(caption, "caption")
        alt = None if alt is None else _checked(alt, "alt")
        if caption is not None and (len(things) != 1 or isinstance(things[0], (str, Significance))):
            raise InputError("caption= belongs to one table, figure or other result; add it by itself.")
        if alt is not None and (len(things) != 1 or not pictures.is_figure(things[0])):
            raise InputError("alt= belongs to one figure that you drew; add it by itself.")
        made = [Item(Text(part)) for part in _paragraphs(_checked(text, "text"))] if text is not None else []
        made += [item for thing in things for item in self._items_of(thing, caption, alt, safe=safe)]
        items = placed(self._items, made, heading)
        # Everything is looked at now, so that mistakes surface where they are made.
        self._document(items, drawn=False)
        self._items, self._section = items, heading
        return self

    def _items_of(self, thing: Any, caption: str | None, alt: str | None, *, safe: bool) -> list[Item]:
        if isinstance(thing, str):
            return [Item(Text(part)) for part in _paragraphs(thing)]
        if pictures.is_figure(thing):
            if self.below is not None and not safe:
                raise InputError(
                    "A figure can't be checked for small numbers. If it shows nothing of fewer than "
                    f"{self.below} participants, say so: report.add(figure, safe=True)."
                )
            words = pictures.words(thing)
            title = caption or pictures.title_of(thing) or tr("Figure")
            return [Item(Drawing(pictures.picture(thing), title, alt or words or title), safe)]
        if isinstance(thing, Significance):
            if self.below is not None and not safe:
                raise InputError(
                    "The statistic of a test and its p can give away a hidden cell. If the cells behind it are shown anyway, say so: "
                    "report.add(test, safe=True)."
                )
            return [Item(Tested(f"{thing.words}.", thing.source), safe)]
        if isinstance(thing, (Lists, Description)):
            if self.below is not None and not safe:
                raise InputError(
                    "The overlaps of lists count people, few of them in some. If none of them tells of fewer than "
                    f"{self.below} people, say so: report.add(lists, safe=True)."
                )
            if caption is not None:
                raise InputError("Lists enter as three tables, which have captions of their own; leave caption= out.")
            return [Item(one, safe) for one in overviews(thing)]
        if isinstance(thing, Crosstab):
            thing = thing.table()
        if isinstance(thing, Table) and self.below is not None and not isinstance(thing, Checklist):
            thing = self._suppressed(thing)
        if isinstance(thing, (pd.DataFrame, pd.Series)):
            thing = thing.copy()  # what its owner changes later is another table
        return [Item(thing, safe, caption)]

    def _suppressed(self, table: Table) -> Table:
        assert self.below is not None
        if table.made is None:
            described = list(table.numbers.columns) == NUMBERS
            advice = (
                f"Make it with them hidden, in this session: hp.describe(..., suppress_below={self.below})."
                if described
                else "Add the estimate itself, or the model, trend or other result that it was made of: report.add(estimate). It is "
                "shown with its small cells hidden."
            )
            raise InputError(
                f"The table '{table.title}' doesn't say how it was made, so its small cells can't be hidden. {advice}"
            )
        if table.made.below is not None and table.made.below >= self.below:
            return table
        if table.made.again is None:
            raise InputError(
                f"The table '{table.title}' shows small cells: make it with hp.describe(..., suppress_below={self.below})."
            )
        return table.made.again(self.below)

    @_in_its_language
    def to_html(self, path: str | PathLike[str] | None = None) -> str | None:
        """Return the report as one web page that needs no other file and no network, or write it to a file."""
        text = page.whole(self._document(self._items))
        return _written(text, path, [".html", ".htm"])

    @_in_its_language
    def to_docx(self, path: str | PathLike[str]) -> None:
        """Write a Word document, with real headings and tables; needs python-docx."""
        suffix(path, [".docx"])
        paper.write(self._document(self._items), path, self._house)

    @_in_its_language
    def to_json(self, path: str | PathLike[str] | None = None, *, draws: bool = False) -> str | None:
        """Return the report as data, or write it to a file: everything but respondents' rows.

        Parameters
        ----------
        path : path, optional
            File to write; without it the text is returned.
        draws : bool
            Whether the record of each estimate, which `hp.read_estimate` reads, keeps its draws. A report with
            `suppress_below` holds no records, and so no draws, whatever is asked: their digits would tell what it hides.
        """
        text = as_data.text(self._document(self._items, drawn=False, records=True, draws=flag(draws, "draws")))
        return _written(text, path, [".json"])

    @_in_its_language
    @_in_its_language
    def checklist(self, name: str) -> Checklist:
        """Return a checklist of what a report should tell, filled from its results; what they don't know is named for the author.

        Parameters
        ----------
        name : {"STROBE", "STROBE-RDS", "GATHER"}
            STROBE for observational studies (von Elm et al. 2007), with more items for respondent-driven samples (STROBE-RDS, White et
            al. 2015), or GATHER for estimates that combine sources (Stevens et al. 2016).

        Returns
        -------
        Checklist
            A table, to be written by itself (`to_docx`, `to_html`, `to_latex`, `to_markdown`) or added to the report. `numbers` has a
            row an item: the answer, and whether it is open for the author.

        Raises
        ------
        InputError
            A checklist that is not at hand; GATHER for a report that combines no sources.

        See Also
        --------
        Table : The ways out of a table.

        Examples
        --------
        >>> import hiddenpop as hp
        >>> survey = hp.Survey({"registered": [1, 0], "count": [50, 50]}, counts="count")
        >>> report = hp.Report("A survey of people who sleep rough").add(survey.proportion("registered"))
        >>> items = report.checklist("STROBE").numbers.set_index("item")
        >>> items.loc["15", "answer"], bool(items.loc["22", "open"])
        ('Table 1.', True)
        """
        document = self._document(self._items, drawn=False)
        grids = iter(block for block in document.blocks if isinstance(block, Grid))
        told = [item.thing for item in self._items if not isinstance(item.thing, (Heading, Text, Drawing))]
        numbered = [checklists.Numbered(thing, next(grids).number) for thing in told]
        return checklists.fill(name, document, numbered, self.level)

    @_in_its_language
    def audit(self, path: str | PathLike[str] | None = None) -> pd.DataFrame:
        """List what is hidden and why, for the colleague who checks the report before it leaves: confidential itself.

        Parameters
        ----------
        path : path, optional
            A .csv or .json file to write it to as well. Its first line says that it is not for release.

        Returns
        -------
        DataFrame
            A row for every result of the report: `result`, `status` ("shown", "hidden", "hidden in part", "vouched for") and
            `why`. Then a row for every hidden cell of participants: `label`, `why`, how many `participants` it holds, and between
            which numbers (`low`, `high`) a reader who works with everything else that is shown must leave it.

        Raises
        ------
        InputError
            The report hides nothing, because it was made without `suppress_below`; a file that can't be written.

        Examples
        --------
        >>> import hiddenpop as hp
        >>> survey = hp.Survey({"sex": ["m", "m", "w", "w"], "injects": [1, 0, 1, 0], "count": [2, 48, 30, 20]}, counts="count")
        >>> report = hp.Report("Injecting", suppress_below=5).add(survey.proportion("injects", by="sex"))
        >>> report.audit()["status"].tolist()
        ['hidden in part', 'hidden']
        """
        if self.below is None:
            raise InputError("This report hides nothing: it was made without suppress_below=.")
        privacy = self._privacy(self._items)[1]
        blocks = iter(self._document(self._items, drawn=False).blocks)
        results = []
        for item in self._items:
            if isinstance(item.thing, (Heading, Text, Drawing)):
                title = item.thing.caption if isinstance(item.thing, Drawing) else item.thing.text
                results += [audits.Result(title, None, item.safe)] if item.safe else []
                continue
            title = next(block.title for block in blocks if isinstance(block, Grid))
            results.append(audits.Result(title, item.table(privacy), item.safe))
        frame = audits.table(results, privacy.audit(), privacy, self.level)
        if path is not None:
            audits.write(frame, path)
        return frame

    def __copy__(self) -> Report:
        made = type(self).__new__(type(self))
        vars(made).update(vars(self), _items=list(self._items))
        return made

    def __deepcopy__(self, memo: object) -> Report:
        return self.__copy__()

    def __repr__(self) -> str:
        blocks = self._document(self._items, drawn=False).blocks
        counts = [
            (sum(isinstance(b, kind) for b in blocks), noun)
            for kind, noun in ((Heading, "section"), (Grid, "table"), (Figure, "figure"))
        ]
        listed = ", ".join(f"{count} {noun}{'' if count == 1 else 's'}" for count, noun in counts)
        return f"Report {self.title!r}: {listed}"

    @_in_its_language
    def _repr_html_(self) -> str:
        return page.part(self._document(self._items))

    def _privacy(self, items: Sequence[Item]) -> tuple[list[Told], Privacy]:
        """Return the estimates behind results, and what of everything together must be hidden."""
        things = [item.thing for item in items]
        told = [one for thing in things for one in shown.told(thing, self.level) if not isinstance(thing, Table)]
        tables = [thing for thing in things if isinstance(thing, Table)]
        return told, Privacy(self.below, [one.estimate.node for one in told], tables)

    def _document(
        self, items: Sequence[Item], *, drawn: bool = True, records: bool = False, draws: bool = False
    ) -> Document:
        """Put everything together; what is hidden depends on all that is shown."""
        told, privacy = self._privacy(items)
        tables = [item.table(privacy) for item in items if isinstance(item.thing, Table)]
        blocks: list[Block] = []
        caveats: dict[str, list[int]] = {}
        concerned: list[int] = []
        numbers = {Grid: 0, Figure: 0}
        for item in items:
            if isinstance(item.thing, (Heading, Text)):
                blocks.append(item.thing)
                continue
            if isinstance(item.thing, Drawing):
                numbers[Figure] += 1
                blocks.append(Figure(numbers[Figure], item.thing.picture, item.thing.caption, item.thing.alt))
                continue
            thing = item.table(privacy)
            hidden = b"".join(privacy.hidden(node).tobytes() for node in shown.nodes(thing, self.level))
            key = (self.level, hidden + (_key(privacy.beside(item.thing)) if isinstance(thing, Table) else b""))
            if key not in item.seen:
                item.seen[key] = captioned(shown.show(thing, privacy, self.level, safe=item.safe), item.caption)
            seen = item.seen[key]
            if seen.table is not None:
                numbers[Grid] += 1
                concerned += [numbers[Grid]] if _speaks(thing, seen, self.level) else []
                for text in seen.caveats:
                    caveats.setdefault(text, []).append(numbers[Grid])
                kept = _kept(thing, seen, privacy, draws=draws) if records else seen.record
                blocks.append(Grid(numbers[Grid], seen.table, kept))
            if seen.drawn is not None:
                numbers[Figure] += 1
                if drawn and key not in item.drawn:
                    item.drawn[key] = _picture(seen)
                picture = item.drawn.get(key, NOT_DRAWN)
                blocks.append(Figure(numbers[Figure], picture, seen.caption, _alt(seen)))
        account = methods.account(told, lambda node: not privacy.untouched(node))
        for text in account.notes:
            caveats.setdefault(text, concerned)
        open_to_all = [item.thing for item in items if item.safe or not _hides(item.thing, privacy, self.level)]
        sentences, references, settings = _about(open_to_all, tables, account)
        return Document(
            self.title,
            self.author,
            self.date,
            self.language,
            tuple(Caveat(text, () if {*concerned} <= {*about} else tuple(about)) for text, about in caveats.items()),
            apart(blocks),
            sentences,
            references,
            settings,
            self.below,
        )


def _key(cuts: Sequence[Cut]) -> bytes:
    """Tell what is hidden of a table from what else may be."""
    return b"".join(cut.hidden.tobytes() + bytes([cut.bare]) for cut in cuts)


def placed(items: Sequence[Item], more: Sequence[Item], heading: str | None) -> list[Item]:
    """Put items at the end of the section with a heading, which is opened if there is none; before all sections without."""
    opens = [i for i, item in enumerate(items) if isinstance(item.thing, Heading)]
    named = [None, *(items[i].thing.text for i in opens)]
    ends = [*opens, len(items)]
    if heading in named:
        end = ends[named.index(heading)]
        return [*items[:end], *more, *items[end:]]
    return [*items, Item(Heading(str(heading))), *more]


def _speaks(thing: Any, seen: Shown, level: float) -> bool:
    """Tell whether a result would have caveats if there were any: it has a history, and isn't hidden with it."""
    return not seen.hidden and ((isinstance(thing, Table) and thing.made is not None) or bool(shown.told(thing, level)))


def _hides(thing: Any, privacy: Privacy, level: float) -> bool:
    """Say whether something is hidden of what has words of its own, which would tell it."""
    return not isinstance(thing, (Table, *shown.KNOWN)) and any(
        privacy.hidden(node).any() for node in shown.nodes(thing, level)
    )


def _kept(thing: Any, seen: Shown, privacy: Privacy, *, draws: bool) -> dict[str, Any]:
    # A record holds every number that the estimate was computed from, with all digits, and whose it is: where small numbers
    # are hidden none is written, not even of what hides nothing by itself.
    if not isinstance(thing, Estimate) or privacy.below is not None:
        return seen.record
    try:
        return {**seen.record, "record": to_record(thing, draws=draws)}
    except (InputError, ArithmeticError):  # a label of a kind that no file holds
        return seen.record


def _picture(seen: Shown) -> Picture:
    rows = min(len(seen.table.rows), shown.MOST_DRAWN) if seen.table is not None else 4
    # Many rows stand closer, so that a page has room for more than their figure.
    axes = pictures.canvas(3.4 if seen.upright else 1.1 + 0.36 * max(min(rows, 10), 2) + 0.24 * max(rows - 10, 0))
    with beside(seen.caveats):  # they stand under the table, or at the top
        seen.drawn(axes)
    return pictures.picture(axes)


def _alt(seen: Shown) -> str:
    """Say what a figure shows, with what must be known to read it."""
    words = seen.alt or seen.caption
    return " ".join([words, *(text for text in seen.caveats if text not in words)])


def _about(
    things: Sequence[Any], tables: Sequence[Table], account: Account
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Return paragraphs, references in the order of the alphabet, and settings, each once."""
    paragraphs, references, settings = [" ".join(account.sentences)], list(account.references), list(account.settings)
    described: dict[str, list[str]] = {}
    for table in tables:
        references += [source for words, source in SOURCES.items() if read(words) in " ".join(table.notes)]
        if table.made is None:
            continue
        if table.made.methods:
            body, listed = methods.apart(table.made.methods)
            paragraphs.append(_rest(body, account))
            references += listed
            continue
        record = table.made.record
        design = read(record.design)
        who = tr("survey '{name}'", name=record.name) if record.name else tr("the survey")
        if design not in paragraphs[0]:
            who = tr("{survey}, which is {design},", survey=who, design=design)
        described.setdefault(who, []).append(f"'{table.title}'")
        if record.variance == "draws":
            redraws = tr("{count:,} {draws}", count=record.replicates, draws=read(record.draws))
            seed = plural("seed {seeds}", "seeds {seeds}", n=1, seeds=record.seed)
            settings.append(f"{redraws}, {seed}, {SOFTWARE}")
    paragraphs.append(
        " ".join(
            tr("Participants of {survey} are described in {tables}.", survey=who, tables=_joined(titles))
            for who, titles in described.items()
        )
    )
    for thing in things:
        if isinstance(thing, Tested):
            references += thing.source.split("\n")
        elif isinstance(thing, Trend):
            times = tr("Estimates of {times} were set beside one another.", times=_joined(thing.times))
            paragraphs.append(" ".join([times, *([thing.caveat] if thing.caveat else [])]))
        elif hasattr(thing, "methods") and not isinstance(thing, (Table, *shown.KNOWN)):
            body, listed = methods.apart(str(thing.methods()))
            paragraphs.append(_rest(body, account))
            references += listed
    ordered = sorted(dict.fromkeys(references), key=str.casefold)
    return tuple(p for p in dict.fromkeys(paragraphs) if p), tuple(ordered), tuple(dict.fromkeys(settings))


def _joined(things: Sequence[object]) -> str:
    *before, last = [str(one) for one in things]
    return tr("{first} and {last}", first=", ".join(before), last=last) if before else last


def _rest(body: str, account: Account) -> str:
    """Leave out of a text what has been said already."""
    told = [*account.sentences, *(tr("Computed from {how}.", how=setting) for setting in account.settings)]
    told += [tr("Note: {note}.", note=note.rstrip(".")) for note in account.notes]
    for sentence in sorted(told, key=len, reverse=True):
        body = body.replace(sentence, "")
    return " ".join(body.split())


def _paragraphs(text: str) -> list[str]:
    return [" ".join(part.split()) for part in text.split("\n\n") if part.strip()]


def _checked(text: Any, name: str) -> str:
    if not isinstance(text, str) or not text.strip():
        raise InputError(f"{name}= is a text, not {text!r}.")
    return text.strip()


def _written(text: str, path: str | PathLike[str] | None, suffixes: list[str]) -> str | None:
    if path is None:
        return text
    suffix(path, suffixes)
    with unwritten("report", path):
        Path(path).write_text(text, encoding="utf-8")
    return None
