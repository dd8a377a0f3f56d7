"""A report as one web page: no script, nothing loaded from elsewhere, and it prints."""

from __future__ import annotations

import base64
import re
from html import escape

from .. import _core
from ..ground.language import tr
from ..ground.text import pieces, unbroken
from ..words.rows import Row
from .document import Document, Figure, Grid, Heading, Picture, Text

#: A figure whose SVG is longer than this goes in as pixels.
MOST_VECTOR = 150_000
#: Sections from which on a list of them opens the page.
MANY = 3
#: Under the class, so that a notebook keeps its own looks.
STYLE = """
.hp-report{max-width:47rem;margin:0 auto;padding:1.5rem 1rem;color:#1a1a1a;background:#fff;
font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
.hp-report h1{font-size:1.9rem;line-height:1.2;margin:0 0 .3rem}
.hp-report h2{font-size:1.3rem;margin:2.2rem 0 .6rem;padding-top:.4rem;border-top:1px solid #ccc}
.hp-report h3{font-size:1.05rem;margin:1.4rem 0 .4rem}
.hp-report p{margin:.6rem 0}
.hp-report .byline{color:#555;margin:0 0 1rem}
.hp-report .caveats{border-left:4px solid #b35900;background:#fff6ea;padding:.5rem .9rem;margin:1rem 0}
.hp-report .caveats p{margin:.25rem 0}
.hp-report nav ul{margin:.4rem 0;padding-left:1.2rem}
.hp-report a{color:#0b5394}
.hp-report .table{margin:1.4rem 0;overflow-x:auto}
main.hp-report .wide{width:max-content;min-width:100%;max-width:min(72rem,100vw - 2.5rem);position:relative;left:50%;
transform:translateX(-50%)}
.hp-report .wide .notes{width:0;min-width:100%}
.hp-report table{border-collapse:collapse;font-size:.82rem;line-height:1.35;font-variant-numeric:tabular-nums;
border-bottom:1.5px solid #444;background:none;min-width:min(100%,32rem)}
.hp-report caption{text-align:left;font-weight:600;font-size:.95rem;padding-bottom:.4rem;color:inherit;caption-side:top}
.hp-report th,.hp-report td{padding:.22rem .55rem;text-align:right;vertical-align:top;border:0;background:none}
.hp-report td.long,.hp-report thead th.long{text-align:left}
.hp-report thead th,.hp-report thead td{border-top:1.5px solid #444;border-bottom:1px solid #444;vertical-align:bottom}
.hp-report tbody th{text-align:left;font-weight:400;padding-left:0}
.hp-report tbody tr.level th{padding-left:1.2rem}
.hp-report tbody tr.head th{font-weight:600;padding-top:.5rem}
.hp-report tbody tr.head td{padding-top:.5rem}
.hp-report .notes{font-size:.8rem;color:#444;margin:.35rem 0 0}
.hp-report .notes p{margin:.1rem 0}
.hp-report figure{margin:1.4rem 0}
.hp-report figure img{display:block;width:100%;max-width:40rem;height:auto}
.hp-report figcaption{font-weight:600;font-size:.95rem;margin-top:.3rem}
.hp-report ol.references{padding-left:1.6rem;font-size:.9rem}
.hp-report .settings{font-size:.85rem;color:#444}
@media screen and (max-width:40rem){.hp-report th,.hp-report td{padding:.22rem .3rem}
.hp-report tbody th{overflow-wrap:anywhere}main.hp-report .wide{width:auto;max-width:none;left:0;transform:none}
.hp-report .cards table,.hp-report .cards tbody,.hp-report .cards tr,
.hp-report .cards th,.hp-report .cards caption{display:block}
.hp-report .cards thead{position:absolute;clip-path:inset(50%);width:1px;height:1px;overflow:hidden}
.hp-report .cards tr{border-top:1px solid #ccc;padding:.3rem 0}.hp-report .cards tr.level{margin-left:1rem}
.hp-report .cards tbody th{font-weight:600;padding:.1rem 0}.hp-report .cards tr.level th{padding-left:0}
.hp-report .cards td{display:flex;justify-content:space-between;gap:1rem;padding:.1rem 0}
.hp-report .cards tr.head td{padding-top:.1rem}
.hp-report .cards td.long{display:block}.hp-report .cards td:empty{display:none}
.hp-report .cards td::before{content:attr(data-head);text-align:left;color:#555}
.hp-report .cards td.long::before{display:block}}
@page{size:A4;margin:18mm}
@media print{.hp-report{max-width:none;padding:0;font-size:10.5pt}.hp-report nav{display:none}
.hp-report h2,.hp-report h3{break-after:avoid}.hp-report .table,.hp-report figure,.hp-report .caveats{break-inside:avoid}
.hp-report .table,main.hp-report .wide{overflow:visible;width:auto;max-width:none;left:0;transform:none}
.hp-report figure img{width:auto;max-width:100%;max-height:12cm}
.hp-report table{font-size:8pt}.hp-report th,.hp-report td{padding:.15rem .35rem}.hp-report caption{break-after:avoid}
.hp-report tr{break-inside:avoid}.hp-report tr.head:has(+tr.level){break-after:avoid}.hp-report thead{display:table-header-group}
.hp-report p,.hp-report li{orphans:3;widows:3}.hp-report .table.long{break-inside:auto}}
"""
#: Cells up to this length stay on one line.
SHORT, LONG_CELL = 34, ' class="long"'
#: Tables with more lines than this may break between lines, so that the page before them is not left empty.
LONG = 15
#: Width of a letter in a table and of the space around a cell, and of that on a telephone, in pixels.
LETTER, AROUND, CLOSE = 7.2, 18, 10
#: Pixels beside one another in a paragraph, and on a telephone.
PARAGRAPH, TELEPHONE = 736, 358
#: What labels of rows need at least, as they fold; longer ones make a table no wider than this many letters.
LABEL, LABELS = 9, 40


def whole(document: Document) -> str:
    """Return the page."""
    author = f'<meta name="author" content="{escape(document.author)}">' if document.author else ""
    date = f'<meta name="date" content="{escape(document.date)}">' if document.date else ""
    return (
        f'<!doctype html>\n<html lang="{escape(document.language)}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(document.title)}</title>\n"
        f'{author}{date}<meta name="generator" content="hiddenpop {escape(_core.VERSION)}">\n'
        f'<style>{STYLE}</style>\n</head>\n<body>\n<main class="hp-report">\n{_body(document)}\n</main>\n</body>\n</html>\n'
    )


def part(document: Document) -> str:
    """Return what a notebook shows."""
    return f'<style>{STYLE}</style><div class="hp-report" lang="{escape(document.language)}">{_body(document)}</div>'


def _body(document: Document) -> str:
    lines = ["<header>", f"<h1>{escape(document.title)}</h1>"]
    if document.byline:
        lines.append(f'<p class="byline">{escape(document.byline)}</p>')
    if document.caveats:
        known = escape(tr("What must be known first"))
        inside = "".join(f"<p>{escape(one.shown)}</p>" for one in document.caveats)
        lines.append(f'<div class="caveats" role="note" aria-label="{known}">{inside}</div>')
    lines.append("</header>")
    headings = [block.text for block in document.blocks if isinstance(block, Heading)]
    if len(headings) >= MANY:
        links = [f'<li><a href="#section-{i}">{escape(text)}</a></li>' for i, text in enumerate(headings, 1)]
        methods, named = escape(tr("Methods")), escape(tr("Sections"))
        links.append(f'<li><a href="#methods">{methods}</a></li>')
        lines.append(f'<nav aria-label="{named}"><ul>{"".join(links)}</ul></nav>')
    number, opened = 0, False
    for block in document.blocks:
        if isinstance(block, Heading):
            number += 1
            lines += ["</section>"] if opened else []
            lines.append(f'<section aria-labelledby="section-{number}">')
            lines.append(f'<h2 id="section-{number}">{escape(block.text)}</h2>')
            opened = True
        elif isinstance(block, Text):
            lines.append(f"<p>{escape(block.text)}</p>")
        elif isinstance(block, Grid):
            lines.append(_table(block, document.notes(block)))
        else:
            lines.append(_figure(block))
    lines += ["</section>"] if opened else []
    return "\n".join([*lines, *_methods(document)])


def _methods(document: Document) -> list[str]:
    if not (document.methods or document.references or document.settings):
        return []
    methods, references = escape(tr("Methods")), escape(tr("References"))
    lines = ['<section aria-labelledby="methods">', f'<h2 id="methods">{methods}</h2>']
    lines += [f"<p>{escape(text)}</p>" for text in document.methods]
    if document.repeat:
        lines.append(f'<p class="settings">{escape(document.repeat)}</p>')
    if document.references:
        items = "".join(f"<li>{escape(text)}</li>" for text in document.references)
        lines.append(f'<h3>{references}</h3><ol class="references">{items}</ol>')
    return [*lines, "</section>"]


def _table(grid: Grid, notes: tuple[str, ...]) -> str:
    table = grid.table
    nested = any(row.heading for row in table.rows)
    wide, cards = _sizes(grid)
    role = _ROLES if cards else dict.fromkeys(_ROLES, "")
    texts = [
        LONG_CELL if any(len(row.cells[i]) > SHORT for row in table.rows) else "" for i in range(len(table.columns))
    ]
    heads = [
        text + (f' data-head="{escape(unbroken(n))}"' if cards else "")
        for n, text in zip(table.columns, texts, strict=True)
    ]
    head = "".join(
        f'<th scope="col"{text}{role["columnheader"]}>{escape(unbroken(name))}</th>'
        for name, text in zip(table.columns, texts, strict=True)
    )
    body = "".join(_line(row, heads, role, nested=nested) for row in table.rows)
    name = f"table-{grid.number}"
    marks = {"long": len(table.rows) > LONG, "wide": wide, "cards": cards}
    kinds = " ".join(["table", *(mark for mark, so in marks.items() if so)])
    return (
        f'<div class="{kinds}" role="region" tabindex="0" aria-labelledby="{name}"><table{role["table"]}>'
        f'<caption id="{name}">{escape(grid.title)}</caption>'
        f"<thead{role['rowgroup']}><tr{role['row']}><td></td>{head}</tr></thead>"
        f"<tbody{role['rowgroup']}>{body}</tbody></table>{_notes(notes)}</div>"
    )


#: What elements of a table are, where a telephone shows them as blocks.
_ROLES = {name: f' role="{name}"' for name in ("table", "rowgroup", "row", "columnheader", "rowheader", "cell")}


def _sizes(grid: Grid) -> tuple[bool, bool]:
    """Say whether a table is wider than a paragraph, and whether one that folds its cells is wider than a telephone."""
    table = grid.table
    columns = [[name, *(row.cells[i] for row in table.rows)] for i, name in enumerate(table.columns)]
    label = max((len(row.label) for row in table.rows), default=0)
    whole = [min(label, LABELS), *(max(map(_room, column)) for column in columns)]
    folded = [min(label, LABEL), *(max(len(p) for cell in column for p in pieces(cell)) for column in columns)]
    across = sum(LETTER * letters + AROUND for letters in whole)
    least = sum(LETTER * letters + CLOSE for letters in folded)
    return across > PARAGRAPH, least > TELEPHONE


def _room(text: str) -> int:
    """Count the letters that stand side by side; long cells are folded."""
    return len(text) if len(text) <= SHORT else SHORT


def _line(row: Row, heads: list[str], role: dict[str, str], *, nested: bool) -> str:
    kind = ' class="head"' if row.heading else ' class="level"' if nested else ""
    # The name of a variable takes the empty cells beside it, so that it needs no lines of its own.
    empty = next((i for i, cell in enumerate(row.cells) if cell), len(row.cells)) if row.heading else 0
    cells = "".join(
        f"<td{role['cell']}{head}>{escape(unbroken(cell))}</td>"
        for cell, head in zip(row.cells[empty:], heads[empty:], strict=True)
    )
    wide = f' colspan="{empty + 1}"' if empty else ""
    return f'<tr{kind}{role["row"]}><th scope="row"{wide}{role["rowheader"]}>{escape(row.label)}</th>{cells}</tr>'


def _notes(notes: tuple[str, ...]) -> str:
    return f'<div class="notes">{"".join(f"<p>{escape(text)}</p>" for text in notes)}</div>' if notes else ""


def _figure(figure: Figure) -> str:
    return (
        f'<figure><img src="{source(figure.picture)}" alt="{escape(figure.alt)}">'
        f"<figcaption>{escape(figure.title)}</figcaption></figure>"
    )


def source(picture: Picture) -> str:
    """Return a picture as part of the page: SVG unless that is long."""
    small = re.sub(r"<metadata>.*?</metadata>", "", picture.vector, flags=re.DOTALL)
    small = re.sub(r">\s+<", "><", small[small.index("<svg") :])
    if len(small) <= MOST_VECTOR:
        return "data:image/svg+xml;base64," + base64.b64encode(small.encode()).decode()
    return "data:image/png;base64," + base64.b64encode(picture.pixels).decode()
