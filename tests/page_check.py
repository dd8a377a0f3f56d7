"""What a valid, accessible page must hold, checked with the standard library."""

from __future__ import annotations

import base64
import re
from html.parser import HTMLParser

VOID = {"meta", "img", "br", "link", "input", "hr", "col"}
#: Elements that must not stand inside a paragraph (HTML Living Standard: p takes phrasing content).
BLOCKS = {"p", "div", "table", "ul", "ol", "figure", "section", "h1", "h2", "h3", "nav", "header", "main"}
INSIDE = {
    "tr": {"thead", "tbody"},
    "td": {"tr"},
    "th": {"tr"},
    "li": {"ul", "ol"},
    "caption": {"table"},
    "figcaption": {"figure"},
}


class Checker(HTMLParser):
    """Collects what is wrong with a page, and what tests ask for."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.wrong: list[str] = []
        self.ids: list[str] = []
        self.refs: list[str] = []
        self.links: list[str] = []
        self.headings: list[int] = []
        self.images: list[dict[str, str | None]] = []
        self.tags: list[str] = []
        self.language: str | None = None
        self.texts: dict[str, list[str]] = {}
        self.tables = self.captions = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.append(tag)
        if len(given) != len(attrs):
            self.wrong.append(f"<{tag}> has an attribute twice")
        if tag in INSIDE and (not self.open or self.open[-1] not in INSIDE[tag]):
            self.wrong.append(f"<{tag}> in {self.open[-1:]}")
        if tag in BLOCKS and "p" in self.open:
            self.wrong.append(f"<{tag}> inside a paragraph")
        if tag == "html":
            self.language = given.get("lang")
        if "id" in given:
            self.ids.append(str(given["id"]))
        self.refs += str(given.get("aria-labelledby") or "").split()
        self.links += [str(given[name]) for name in ("href", "src") if name in given]
        self.wrong += [f"{name}= runs a script" for name in given if name.startswith("on")]
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag == "img":
            self.images.append(given)
        if tag == "th" and given.get("scope") not in ("col", "row"):
            self.wrong.append("<th> without scope")
        self.tables += tag == "table"
        self.captions += tag == "caption"
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open[-1] != tag:
            self.wrong.append(f"</{tag}> closes {self.open[-1:]}")
        else:
            self.open.pop()

    def handle_data(self, data: str) -> None:
        if self.open:
            self.texts.setdefault(self.open[-1], []).append(data)


def check(page: str) -> Checker:
    """Assert that a page is valid, accessible and alone; return what it holds."""
    found = Checker()
    found.feed(page)
    found.close()
    assert page.startswith("<!doctype html>")
    assert not found.open
    assert not found.wrong, found.wrong
    assert found.language
    assert "".join(found.texts["title"]).strip()
    assert found.headings.count(1) == 1
    assert found.headings[0] == 1
    assert all(later <= before + 1 for before, later in zip(found.headings, found.headings[1:], strict=False))
    assert len(set(found.ids)) == len(found.ids)
    assert set(found.refs) <= set(found.ids)
    assert found.tables == found.captions
    for image in found.images:
        assert image.get("alt"), "a figure without words"
    # Nothing is loaded: links point into the page, pictures are in it.
    for link in found.links:
        assert link.startswith(("#", "data:image/")), link
        if link.startswith("#"):
            assert link[1:] in found.ids
        if link.startswith("data:image/svg"):
            svg = base64.b64decode(link.split(",")[1]).decode()
            assert not re.search(r'(?:href|src)="(?!#)', svg)
            assert "<script" not in svg
    assert not re.search(r"@import|url\(", "".join(found.texts["style"]))
    assert not {"script", "link", "iframe"} & set(found.tags)
    return found
