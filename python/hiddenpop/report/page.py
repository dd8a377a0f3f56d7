"""A report as one web page: no script, nothing loaded from elsewhere, and it prints."""

from __future__ import annotations

import base64
import re
from html import escape

from .. import _core
from ..ground.language import tr
from ..tables.rows import Row
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
.hp-report table{border-collapse:collapse;font-size:.82rem;line-height:1.35;font-variant-numeric:tabular-nums;
border-bottom:1.5px solid #444;background:none;min-width:min(100%,32rem)}
.hp-report caption{text-align:left;font-weight:600;font-size:.95rem;padding-bottom:.4rem;color:inherit;caption-side:top}
.hp-report th,.hp-report td{padding:.22rem .55rem;text-align:right;vertical-align:top;border:0;background:none;white-space:nowrap}
.hp-report td.long{white-space:normal;text-align:left}
.hp-report thead th,.hp-report thead td{border-top:1.5px solid #444;border-bottom:1px solid #444;vertical-align:bottom}
.hp-report tbody th{text-align:left;white-space:normal;font-weight:400;padding-left:0}
.hp-report tbody tr.level th{padding-left:1.2rem}
.hp-report tbody tr.head th{font-weight:600;padding-top:.5rem}
.hp-report tbody tr.head td{padding-top:.5rem}
.hp-report .notes{font-size:.8rem;color:#444;margin:.35rem 0 0}
.hp-report .notes p{margin:.1rem 0}
.hp-report figure{margin:1.4rem 0}
.hp-report figure img{display:block;width:100%;height:auto}
.hp-report figcaption{font-weight:600;font-size:.95rem;margin-top:.3rem}
.hp-report figcaption .notes{font-weight:400}
.hp-report ol.references{padding-left:1.6rem;font-size:.9rem}
.hp-report .settings{font-size:.85rem;color:#444}
@page{size:A4;margin:18mm}
@media print{.hp-report{max-width:none;padding:0;font-size:10.5pt}.hp-report nav{display:none}
.hp-report h2,.hp-report h3{break-after:avoid}.hp-report .table,.hp-report figure,.hp-report .caveats{break-inside:avoid}
.hp-report .table{overflow:visible}
.hp-report table{font-size:8pt}.hp-report th,.hp-report td{padding:.15rem .35rem}.hp-report td{white-space:normal}
.hp-report .fits td:not(.long){white-space:nowrap}
.hp-report tr{break-inside:avoid}.hp-report tr.head:has(+tr.level){break-after:avoid}.hp-report thead{display:table-header-group}
.hp-report p,.hp-report li{orphans:3;widows:3}.hp-report .long{break-inside:auto}}
"""
#: Cells up to this length stay on one line.
SHORT = 34
#: Tables with more lines than this may break between lines: no page would hold them.
LONG = 40
#: Cells of so many letters side by side have lines of their own on paper, with room for labels.
FITS = 90


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
        inside = "".join(f"<p>{escape(text)}</p>" for text in document.caveats)
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
            lines.append(_table(block))
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


def _table(grid: Grid) -> str:
    table = grid.table
    nested = any(row.heading for row in table.rows)
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in table.columns)
    body = "".join(_line(row, nested=nested) for row in table.rows)
    name = f"table-{grid.number}"
    long = " long" if len(table.rows) > LONG else ""
    texts = [[name, *(row.cells[i] for row in table.rows)] for i, name in enumerate(table.columns)]
    fits = ' class="fits"' if sum(max(map(_room, column)) for column in texts) <= FITS else ""
    return (
        f'<div class="table{long}" role="region" tabindex="0" aria-labelledby="{name}"><table{fits}>'
        f'<caption id="{name}">{escape(grid.title)}</caption>'
        f"<thead><tr><td></td>{head}</tr></thead><tbody>{body}</tbody></table>{_notes(table.notes)}</div>"
    )


def _room(text: str) -> int:
    """Count the letters that stand side by side; long cells are folded."""
    return len(text) if len(text) <= SHORT else SHORT // 2


def _line(row: Row, *, nested: bool) -> str:
    kind = ' class="head"' if row.heading else ' class="level"' if nested else ""
    # The name of a variable takes the empty cells beside it, so that it needs no lines of its own.
    empty = next((i for i, cell in enumerate(row.cells) if cell), len(row.cells)) if row.heading else 0
    cells = "".join(
        f"<td>{escape(cell)}</td>" if len(cell) <= SHORT else f'<td class="long">{escape(cell)}</td>'
        for cell in row.cells[empty:]
    )
    wide = f' colspan="{empty + 1}"' if empty else ""
    return f'<tr{kind}><th scope="row"{wide}>{escape(row.label)}</th>{cells}</tr>'


def _notes(notes: tuple[str, ...]) -> str:
    return f'<div class="notes">{"".join(f"<p>{escape(text)}</p>" for text in notes)}</div>' if notes else ""


def _figure(figure: Figure) -> str:
    notes = "".join(f'<span class="notes"><br>{escape(text)}</span>' for text in figure.notes)
    return (
        f'<figure><img src="{source(figure.picture)}" alt="{escape(figure.alt)}">'
        f"<figcaption>{escape(figure.title)}{notes}</figcaption></figure>"
    )


def source(picture: Picture) -> str:
    """Return a picture as part of the page: SVG unless that is long."""
    small = re.sub(r"<metadata>.*?</metadata>", "", picture.vector, flags=re.DOTALL)
    small = re.sub(r">\s+<", "><", small[small.index("<svg") :])
    if len(small) <= MOST_VECTOR:
        return "data:image/svg+xml;base64," + base64.b64encode(small.encode()).decode()
    return "data:image/png;base64," + base64.b64encode(picture.pixels).decode()
