"""Where every page of the site stands, read from `docs/pages.toml`, and where links between pages lead."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

try:
    import tomllib
except ModuleNotFoundError:  # Python 3.10
    import tomli as tomllib

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
#: Scripts of the gallery, of which the site makes pages of its own.
GALLERY = "docs/gallery"
#: `](target)` and `](target#heading)` in Markdown.
LINK = re.compile(r"(?P<image>!?)\[(?P<text>[^\]]*)\]\((?P<target>[^()\s#]*)(?P<heading>#[^()\s]*)?\)")


@dataclass(frozen=True)
class Place:
    """A page of the site: what it is made from, where it stands, and a line for who looks for it."""

    source: str
    page: str
    line: str


@dataclass(frozen=True)
class Part:
    """One of the four parts: its folder, its title, a sentence, and its groups of pages."""

    folder: str
    title: str
    intro: str
    groups: tuple[tuple[str, tuple[Place, ...]], ...]


def read(path: Path) -> dict[str, Any]:
    """Return what a TOML file holds."""
    return tomllib.loads(path.read_text(encoding="utf-8"))


def parts() -> list[Part]:
    """Return the four parts, in their order, as `docs/pages.toml` says."""
    return [
        Part(
            folder,
            said["title"],
            said["intro"],
            tuple(
                (group["title"], tuple(_place(folder, source, line) for source, line in group["pages"]))
                for group in said.get("groups", ())
            ),
        )
        for folder, said in read(DOCS / "pages.toml").items()
    ]


def _place(folder: str, source: str, line: str) -> Place:
    name = "speed" if source == "benches/README.md" else PurePosixPath(source).stem.lower()
    return Place(source, f"{folder}/gallery/index" if source == GALLERY else f"{folder}/{name}", line)


def places() -> dict[str, Place]:
    """Return the place of each source."""
    found = {place.source: place for part in parts() for _, group in part.groups for place in group}
    found["docs/index.md"] = Place("docs/index.md", "index", "")
    return found


def relinked(text: str, source: str, known: dict[str, Place]) -> str:
    """Return Markdown whose links lead to pages of the site; what is not on the site is named without a link.

    Parameters
    ----------
    text : str
        The Markdown of a page or of a notebook's cell.
    source : str
        The page, from the root of the repository.
    known : dict
        The places of pages, by source.
    """
    here = PurePosixPath(known[source].page).parent

    def lead(found: re.Match[str]) -> str:
        target = found["target"]
        if not target or "://" in target or target.startswith("mailto:"):
            return found[0]
        path = _normal(PurePosixPath(source).parent / target)
        if found["image"]:
            return f"![{found['text']}]({_up(here)}images/{PurePosixPath(path).name})"
        place = known.get(path) or known.get(f"{path}/README.md")
        if place is None:
            return found["text"]
        suffix = ".rst" if place.source == GALLERY else PurePosixPath(place.source).suffix
        # What is called by its file here is called by its title there.
        text = "" if found["text"].strip("`") == target else found["text"]
        return f"[{text}]({_up(here)}{place.page}{suffix}{found['heading'] or ''})"

    # Not in blocks of code, where brackets and parentheses may mean something else.
    pieces = re.split(r"(^```.*?^```)", text, flags=re.DOTALL | re.MULTILINE)
    return "".join(piece if piece.startswith("```") else LINK.sub(lead, piece) for piece in pieces)


def images(text: str, source: str) -> list[str]:
    """Return the files of the images that a page shows, from the root of the repository."""
    return [
        _normal(PurePosixPath(source).parent / found["target"])
        for found in LINK.finditer(text)
        if found["image"] and "://" not in found["target"]
    ]


def _up(folder: PurePosixPath) -> str:
    return "../" * len([part for part in folder.parts if part != "."])


def _normal(path: PurePosixPath) -> str:
    parts_: list[str] = []
    for part in path.parts:
        if part == "..":
            parts_.pop()
        elif part != ".":
            parts_.append(part)
    return "/".join(parts_)
