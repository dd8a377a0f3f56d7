"""What the site's pages need beyond what Sphinx makes: links from names, names as users write them, figures that can be heard."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath
from typing import Any

from bs4 import BeautifulSoup
from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform

from tools.site import linking, places, reference

#: What a program that writes code for somebody reads first.
START = ("docs/recipes.md", "docs/which_method.md", "docs/from_other_software.md")


class Signatures(SphinxPostTransform):
    """Write `hp.multiplier(...)`, as users do; leave out how classes are made that users don't make."""

    default_priority = 20

    def run(self, **_: Any) -> None:
        """Change the signatures of a page."""
        for signature in self.document.findall(addnodes.desc_signature):
            for prefix in list(signature.findall(addnodes.desc_addname)):
                name = prefix.astext()
                if name == "hiddenpop." or name.removeprefix("hiddenpop.").rstrip(".") in {
                    "adjust",
                    "datasets",
                    "export",
                    "plan",
                    "plot",
                    "simulate",
                }:
                    short = name.replace("hiddenpop.", "hp.", 1)
                    prefix.children = []
                    prefix.append(addnodes.desc_sig_name("", short))
                else:
                    prefix.parent.remove(prefix)
            if (
                signature.parent["objtype"] == "class"
                and signature["ids"][0].rpartition(".")[2] not in reference.CALLED
            ):
                for brackets in list(signature.findall(addnodes.desc_parameterlist)):
                    brackets.parent.remove(brackets)


class Figures(SphinxPostTransform):
    """Say of a figure that a notebook drew which code drew it: there is no other text to hear instead."""

    default_priority = 20

    def run(self, **_: Any) -> None:
        """Give images without a text theirs."""
        for image in self.document.findall(nodes.image):
            if image.get("alt"):
                continue
            cell = image.parent
            while cell is not None and "cell" not in cell.get("classes", ()):
                cell = cell.parent
            code = next(cell.findall(nodes.literal_block), None) if cell is not None else None
            lines = code.astext().strip().splitlines() if code is not None else []
            image["alt"] = f"Figure drawn by the code above: {lines[-1].strip()}" if lines else "Figure"


#: Letters of a cell from which on a table is one of sentences, which is read downward on a phone.
LONG = 45


def readable_tables(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document) -> None:
    """Mark the tables of sentences: on a phone each row becomes a paragraph, in which the heads of columns are named."""
    if doctree is None or "<table" not in context.get("body", ""):
        return
    soup = BeautifulSoup(context["body"], "html.parser")
    for table in soup.select("table.table"):
        rows = table.select("tbody > tr")
        if not any(len(cell.get_text()) > LONG for row in rows for cell in row.find_all("td")):
            continue
        table["class"] = [*table.get("class", []), "sentences"]
        heads = [head.get_text(" ", strip=True) for head in table.select("thead th")]
        # A table that is shown as blocks stays one for who hears it.
        table["role"] = "table"
        for group in table.find_all(["thead", "tbody"]):
            group["role"] = "rowgroup"
        for row in table.find_all("tr"):
            row["role"] = "row"
        for head in table.find_all("th"):
            head["role"] = "columnheader"
        for row in rows:
            for place, cell in enumerate(row.find_all("td")):
                cell["role"] = "cell"
                if place and place < len(heads) and heads[place]:
                    cell["data-head"] = heads[place]
    context["body"] = str(soup)


def pictures_of_tables(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document) -> None:
    """Show tables themselves, made small, in the gallery: they have no figure of which there is a thumbnail."""
    if not page.startswith("howto/gallery") or "sphx-glr-thumbcontainer" not in context.get("body", ""):
        return
    soup = BeautifulSoup(context["body"], "html.parser")
    for thumbnail in soup.select(".sphx-glr-thumbcontainer"):
        name = PurePosixPath(thumbnail.find("a", href=True)["href"].partition("#")[0]).stem
        script = Path(app.srcdir) / "howto" / "gallery" / "tables" / f"{name}.rst"
        if not script.exists():
            continue
        # The output of the last line, as the example's page holds it.
        shown = (
            script.read_text(encoding="utf-8")
            .partition('<div class="output_subarea')[2]
            .partition(">")[2]
            .partition("\n    <br />")[0]
        )
        shown = shown.replace('id="hiddenpop"', f'id="small-{name}"').replace("#hiddenpop ", f"#small-{name} ")
        picture = BeautifulSoup(
            f'<div class="picture-of-table" aria-hidden="true"><div>{shown}</div></div>', "html.parser"
        )
        thumbnail.find("img").replace_with(picture)
    context["body"] = str(soup)


#: A link of the sidebar and the button that unfolds what is below it, which the theme leaves without a name.
TOGGLE = re.compile(r">([^<]+)</a>(\s*<details[^>]*>\s*)<summary>")


def named_toggles(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document) -> None:
    """Say what each button of the sidebar unfolds, for who hears the page."""
    make = context.get("generate_toctree_html")
    if make is None:
        return

    def named(*args: Any, **options: Any) -> Any:
        made = make(*args, **options)
        if options.get("kind", args[0] if args else "") == "raw" or made is None:
            return made
        return TOGGLE.sub(
            lambda found: f'>{found[1]}</a>{found[2]}<summary aria-label="{_quoted(found[1])}">', str(made)
        )

    context["generate_toctree_html"] = named


def _quoted(text: str) -> str:
    return f"Pages of {text}".replace('"', "&quot;")


def contents_for_programs(app: Sphinx, exception: Exception | None) -> None:
    """Write `llms.txt`: the recipes first, then every page in its part, with the line that says what it is for."""
    if exception is not None or app.builder.name != "html":
        return
    titles = app.env.titles
    known = {source: place for source, place in places.places().items() if place.page in titles}
    text = f"# hiddenpop\n\n> {app.config.llms_txt_summary}\n\n## Start here\n\n"
    for source in START:
        if source in known:
            text += _line(titles, known[source])
    for part in places.parts():
        text += f"\n## {part.title}\n\n"
        text += "".join(
            _line(titles, place)
            for _, group in part.groups
            for place in group
            if place.source in known and place.source not in START
        )
        if not part.groups:
            for key, section in reference.sections().items():
                text += (
                    f"- [{section['title']}](reference/{key}.html): {section['intro']} {', '.join(section['names'])}\n"
                )
    (Path(app.outdir) / "llms.txt").write_text(text, encoding="utf-8")


def _line(titles: dict[str, nodes.Node], place: places.Place) -> str:
    return f"- [{titles[place.page].astext()}]({place.page}.html): {place.line}\n"


def setup(app: Sphinx) -> None:
    """Hand all of this to Sphinx."""
    app.add_transform(linking.Names)
    app.add_post_transform(Signatures)
    app.add_post_transform(Figures)
    app.connect("html-page-context", readable_tables)
    app.connect("html-page-context", pictures_of_tables)
    app.connect("html-page-context", named_toggles, priority=900)
    app.connect("build-finished", contents_for_programs, priority=900)
    app.connect("missing-reference", linking.resolve)
