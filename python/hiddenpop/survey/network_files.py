"""Who recruited whom as files of NetDraw, GraphViz and RDSAT: confidential, as the data are."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Sequence
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ..answers.by_recruitment import between
from ..drawing.axes import COLOURS
from ..errors import InputError, listing, name_rows, visible
from ..ground import checks, columns
from ..ground.files import suffix, unwritten
from ..ground.text import another, label_of
from ..sample.recruited_again import recruits_of
from ..sample.recruits import Recruits
from ..sample.sample import Sample
from .rds_files import DEGREE, GIVEN, ID, OWN, cells

#: What NetDraw and GraphViz write where an answer is missing.
NOT_KNOWN = "not known"
#: What RDSAT may take for missing: the first of these that nobody's answer is. Its own files have 0.
CODES = ("0", *(f"-{'9' * k}" for k in range(1, 10)))
#: Shapes beside the colours, so that both tell categories apart.
SHAPES = ("circle", "box", "triangle", "diamond", "invtriangle", "hexagon", "house", "pentagon", "trapezium", "octagon")
#: What stands in a file without quotation marks.
_PLAIN = re.compile(r"[\w.+-]+")

#: How a file writes a text; None where it can't.
Writing = Callable[[str], "str | None"]
_LOST = "Tabs and line breaks part its cells, and spaces and quotation marks at their ends are lost: recode or rename."


def netdraw(sample: Sample, path: str | PathLike[str], names: Sequence[str], *, confidential: bool) -> None:
    """Write a file of NetDraw; see `Survey.to_netdraw`."""
    recruits = _asked(sample, path, ".vna", "to_netdraw()", names, confidential=confidential)
    forest = recruits.forest
    answers = {name: _written(sample, name, NOT_KNOWN, _of_netdraw) for name in names}
    own = {"seed": forest.seeds.astype(int), "wave": forest.wave, "chain": forest.chain}
    heads = ["ID", *(another(name, ["ID", *answers], "of the file") for name in own), *answers]
    numbers = [map(str, values.tolist()) for values in (np.arange(1, len(forest.wave) + 1), *own.values())]
    nodes = zip(*numbers, *answers.values(), strict=True)
    lines = ["*Node data", " ".join(_names(heads, _of_netdraw)), *map(" ".join, nodes)]
    lines += ["*Tie data", "from to recruited", *(f"{by} {own} 1" for by, own in _ties(recruits))]
    _write(path, lines)


def graphviz(sample: Sample, path: str | PathLike[str], colour: str | None, *, confidential: bool) -> None:
    """Write a file of GraphViz; see `Survey.to_graphviz`."""
    names = () if colour is None else (colour,)
    recruits = _asked(sample, path, (".dot", ".gv"), "to_graphviz()", names, confidential=confidential)
    forest = recruits.forest
    lines = [
        "// Confidential: person by person, who recruited whom.",
        "digraph recruitment {",
        '  node [style=filled, fillcolor=white, shape=circle, width=0.2, height=0.2, fixedsize=true, label=""];',
        "  edge [arrowsize=0.5];",
    ]
    codes = np.zeros(len(forest.wave), dtype=np.int64)
    looks = [""]
    if colour is not None:
        codes, found, _ = between(sample, colour)
        labels = [_of_graphviz(label_of(label)) for label in found]
        labels += [_of_graphviz(NOT_KNOWN)] if (codes < 0).any() else []
        drawn = [(COLOURS[k % len(COLOURS)], SHAPES[k]) for k in range(len(found))]
        drawn += [("white", "circle")] if len(labels) > len(found) else []
        looks = [f'fillcolor="{fill}", shape={shape}' for fill, shape in drawn]
        lines += ["  subgraph cluster_legend {", f"    label={_of_graphviz(label_of(colour))};"]
        lines += [  # a thick edge, so that any text can be read inside
            f'    legend_{k} [fixedsize=false, penwidth=3, color="{"black" if fill == "white" else fill}", shape={shape}, '
            f"label={label}, tooltip={label}];"
            for k, ((fill, shape), label) in enumerate(zip(drawn, labels, strict=True))
        ]
        lines.append("  }")
    for number, (code, seed) in enumerate(zip(codes.tolist(), forest.seeds.tolist(), strict=True), start=1):
        said = [looks[code], "width=0.4, height=0.4, penwidth=2" if seed else "", f'tooltip="{number}"']
        lines.append(f"  {number} [{', '.join(filter(None, said))}];")
    _write(path, [*lines, *(f"  {by} -> {own};" for by, own in _ties(recruits)), "}"])


def rdsat(sample: Sample, path: str | PathLike[str], names: Sequence[str], *, confidential: bool) -> None:
    """Write a file of RDSAT; see `Survey.to_rdsat`."""
    recruits = _asked(sample, path, (".rdsat", ".txt"), "to_rdsat()", names, confidential=confidential)
    forest, people = recruits.forest, len(recruits.forest.wave)
    taken = [name for name in names if name in (ID, DEGREE, OWN) or re.fullmatch(GIVEN.format(r"\d+"), name)]
    if taken:
        raise InputError(
            f"A file of RDSAT has columns of its own that are called {listing(taken)}: rename yours (assign)."
        )
    first = 10 ** len(str(people))  # coupons are no ids
    given: list[list[int]] = [[] for _ in range(people)]
    for by, own in _ties(recruits):
        given[by - 1].append(first + own)
    most = max(map(len, given))
    answers = {name: _written(sample, name, "", _of_rdsat) for name in names}
    held = {cell for column in answers.values() for cell in column}
    code = next((code for code in CODES if code not in held), None)
    if code is None:
        raise InputError(f"Answers hold all of {listing(CODES)}, and one of them has to stand for what is missing.")
    degree = [
        f"{value:.15g}" if counted else code for value, counted in zip(recruits.degree, recruits.counted, strict=True)
    ]
    lines = ["RDS", "\t".join([str(people), str(most), code, *_names(names, _of_rdsat)])]
    for row in range(people):
        coupons = [*map(str, given[row]), *[code] * (most - len(given[row]))]
        redeemed = code if forest.seeds[row] else str(first + row + 1)
        lines.append(
            "\t".join(
                [str(row + 1), degree[row], redeemed, *coupons, *(column[row] or code for column in answers.values())]
            )
        )
    _write(path, lines)


def _asked(
    sample: Sample,
    path: str | PathLike[str],
    ends: str | tuple[str, ...],
    what: str,
    names: Sequence[str],
    *,
    confidential: bool,
) -> Recruits:
    """Return who recruited whom, if the user says what that is."""
    recruits = recruits_of(sample, what)
    suffix(path, (ends,) if isinstance(ends, str) else ends)
    twice = [name for name in dict.fromkeys(names) if list(names).count(name) > 1]
    if twice:
        raise InputError(f"columns= names {listing(twice)} more than once.")
    for name in names:
        sample.column(name)
    if not checks.flag(confidential, "confidential"):
        more = f", with their answers to {listing(list(names))}" if names else ""
        raise InputError(
            f"The file {str(path)!r} would tell, person by person, who recruited whom{more}. It is as confidential as the data: say "
            "confidential=True to write it, and do not hand it on."
        )
    return recruits


def _ties(recruits: Recruits) -> list[tuple[int, int]]:
    """Return recruiters and recruits by number, as recruits came."""
    forest = recruits.forest
    came = forest.order[~forest.seeds[forest.order]]
    return list(zip((forest.recruiter[came] + 1).tolist(), (came + 1).tolist(), strict=True))


def _written(sample: Sample, name: str, missing: str, writing: Writing) -> list[str]:
    """Return everybody's answer as the file writes it."""
    values = sample.column(name)
    kind = columns.kind(values)
    lacking = columns.missing(values)
    told = zip(values.tolist(), lacking.tolist(), strict=True)
    plain = [None if absent else _plain(value, kind) for value, absent in told]
    made = {text: writing(text) for text in dict.fromkeys(plain) if text is not None}
    lost = np.array([text is not None and made[text] is None for text in plain])
    if lost.any():
        raise InputError(f"Answers to {name!r} can't stand in the file, in {name_rows(lost)}. {_LOST}")
    if missing and lacking.any():
        made.setdefault(f"\n{missing}", writing(missing))  # no answer of anybody's
    seen: dict[str | None, int] = {}
    for one in made.values():
        seen[one] = seen.get(one, 0) + 1
    alike = np.array([text is not None and seen[made[text]] > 1 for text in plain])
    if alike.any():
        raise InputError(
            f"Different answers to {name!r} would read alike in the file, in {name_rows(alike)}. Recode them."
        )
    absent = writing(missing) if missing else missing
    return [absent or "" if text is None else made[text] or "" for text in plain]


def _plain(value: Any, kind: str) -> str:
    if kind == "boolean":
        return str(int(value))
    if kind == "date" or isinstance(value, datetime.date):
        return str(pd.Timestamp(value).isoformat())
    if columns.is_number(value):
        return str(int(value)) if float(value).is_integer() else repr(float(value))
    return str(value)


def _names(names: Sequence[str], writing: Writing) -> list[str]:
    """Write names of columns."""
    made = [writing(name) for name in names]
    if None in made:
        lost = [name for name, one in zip(names, made, strict=True) if one is None]
        raise InputError(f"Columns can't be called {listing(lost)} in the file. {_LOST}")
    if len(set(made)) < len(set(names)):
        alike = [name for name, one in zip(names, made, strict=True) if made.count(one) > 1]
        raise InputError(f"Columns {listing(alike)} would be called alike in the file. Rename them.")
    return [one or "" for one in made]


def _of_netdraw(text: str) -> str:
    """Write a text for NetDraw, whose quotation marks can't be written themselves."""
    if _PLAIN.fullmatch(text) and text.isascii():
        return text
    return '"' + visible(label_of(text), lines=False).replace('"', "'") + '"'


def _of_graphviz(text: str) -> str:
    r"""Write a text for GraphViz, in whose labels \\N is the node, and &amp; is &."""
    shown = visible(text, lines=False).replace("&", "&amp;").replace("\\", "\\\\").replace('"', '\\"')
    return f'"{shown}"'


def _of_rdsat(text: str) -> str | None:
    """Return a text that files of RDSAT hold, which have no quotation marks; None for others."""
    return text if visible(text, lines=False) == text and cells(text, "\t") == [text] else None


def _write(path: str | PathLike[str], lines: Sequence[str]) -> None:
    with unwritten("network", path):
        Path(path).write_text("\n".join(lines) + "\n", encoding="utf-8")
