"""Lay out what the site is made from: pages, notebooks and the reference in their places, in a folder that git does not keep.

Pages stay where they are in the repository, where they link to one another as files. Here each is copied to its part, with links that
lead to the places of the others. Only what changed is written, so that a second build is quick.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

from tools.site import crowd, places, reference

#: What other programs write into the laid-out folder, and keep there.
GALLERY = "howto/gallery"


def stage(target: Path) -> None:
    """Lay all pages out in a folder; remove what was laid out before and is no more.

    Parameters
    ----------
    target : Path
        Where Sphinx then reads.
    """
    known = places.places()
    pages = {"index.md": _front(known)}
    shown: set[str] = set()
    for source, place in known.items():
        path = places.ROOT / source
        if source in (places.GALLERY, "docs/index.md"):
            continue
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".ipynb":
            pages[f"{place.page}.ipynb"] = _notebook(text, source, known)
        else:
            shown.update(places.images(text, source))
            pages[f"{place.page}.md"] = places.relinked(text, source, known)
    for part in places.parts():
        if part.groups:
            pages[f"{part.folder}/index.md"] = _contents(part)
    pages["images/crowd.svg"] = crowd.picture()
    reference_part = next(part for part in places.parts() if not part.groups)
    pages |= reference.pages(reference_part.title, reference_part.intro)
    for name, text in pages.items():
        _write(target / name, text.encode())
    for name in shown:
        _write(target / "images" / Path(name).name, (places.ROOT / name).read_bytes())
    wanted = {target / name for name in pages} | {target / "images" / Path(name).name for name in shown}
    for path in [path for path in target.rglob("*") if path.is_file() and path not in wanted]:
        if not _of_gallery(path.relative_to(target)):
            path.unlink()


def _of_gallery(path: Path) -> bool:
    """Whether a file was made from the gallery's scripts as they are; those of scripts that went are no more."""
    if not path.is_relative_to(GALLERY):
        return False
    name = path.name.partition(".")[0]
    script = places.ROOT / places.GALLERY / path.parent.name / f"{name}.py"
    return not name.startswith("plot_") or script.exists()


def clear(site: Path, source: Path) -> None:
    """Remove pages whose source is no more, which Sphinx leaves where they are.

    Parameters
    ----------
    site, source : Path
        What is built, and what it was built from.
    """
    for path in site.rglob("*.html"):
        name = path.relative_to(site).with_suffix("")
        made = any((source / f"{name}{suffix}").exists() for suffix in (".md", ".rst", ".ipynb"))
        made &= name.name != "sg_execution_times"  # how long the gallery took, with scripts from elsewhere
        if not made and name.parts[0] != "_static" and str(name) not in ("genindex", "search"):
            path.unlink()


def _front(known: dict[str, places.Place]) -> str:
    text = places.relinked((places.DOCS / "index.md").read_text(encoding="utf-8"), "docs/index.md", known)
    # The options of cards name sources too, from the root of the repository.
    text = re.sub(r"(?m)^:link: (\S+)$", lambda found: f":link: {known[found[1]].page}", text)
    entries = "\n".join(f"{part.title} <{part.folder}/index>" for part in places.parts())
    return f"{text}\n```{{toctree}}\n:hidden:\n\n{entries}\n```\n"


def _contents(part: places.Part) -> str:
    """Return the first page of a part: its groups, and a line on each page."""
    text = f"# {part.title}\n\n{part.intro}\n"
    for title, group in part.groups:
        text += f"\n## {title}\n\n"
        for place in group:
            suffix = ".rst" if place.source == places.GALLERY else Path(place.source).suffix
            text += f"* [](../{place.page}{suffix}) · {place.line}\n"
        names = "\n".join("/" + place.page for place in group)
        text += f"\n```{{toctree}}\n:hidden:\n:caption: {title}\n\n{names}\n```\n"
    return text


def _notebook(text: str, source: str, known: dict[str, places.Place]) -> str:
    notebook = json.loads(text)
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown":
            cell["source"] = places.relinked("".join(cell["source"]), source, known)
    return json.dumps(notebook, ensure_ascii=False, indent=1)


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists() or path.read_bytes() != content:
        path.write_bytes(content)
