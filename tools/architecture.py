"""Draw the house from the code: `python tools/architecture.py` writes docs/architecture.svg; `--check` only compares.

A row is a floor, from the faces down to the ground; a box is a folder with its number of files; under each floor of the spine
stand those that it imports from. The test of the page runs `--check`, so the picture can't lie.
"""

from __future__ import annotations

import collections
import html
import sys
from pathlib import Path

import tree

PICTURE = Path(__file__).parents[1] / "docs" / "architecture.svg"
WIDTH, ROW, BOX, GAP = 1180, 62, 40, 10
FONT = 'font-family="system-ui, sans-serif"'
COLOURS = {"spine": "#e8eef7", "methods": "#e9f5ea", "faces": "#fdf1de", "base": "#eeeeee"}
#: What each folder is for, in a line, as its `__init__` says.
LONGEST = 96


def rows() -> list[tuple[str, tuple[str, ...]]]:
    """Return the floors from the top: what they are, and their folders."""
    spine = [("spine", (folder,)) for folder in reversed(tree.SPINE)]
    return [("faces", tree.FACES), ("methods", tree.METHODS), *spine, ("base", tree.BASE)]


def facts() -> tuple[dict[str, tuple[int, str]], dict[str, set[str]]]:
    """Return each folder's files and purpose, and the folders that it imports from."""
    found: dict[str, tuple[int, str]] = {}
    arrows: dict[str, set[str]] = collections.defaultdict(set)
    for name, file in tree.FILES.items():
        folder = name.split(".")[0]
        files, purpose = found.get(folder, (0, ""))
        text = file.read_text(encoding="utf-8")
        if file.name == "__init__.py" or "." not in name:
            purpose = text.split('"""')[1].strip().split("\n")[0]
        found[folder] = files + 1, purpose
        for target, _ in tree.imports(name):
            other = target.split(".")[0]
            if other != folder:
                arrows[folder].add(other)
    found["_core"] = (len(list((Path(__file__).parents[1] / "src").rglob("*.rs"))), "The Rust core: src/.")
    return found, arrows


def draw() -> str:
    """Return the picture."""
    found, arrows = facts()
    lines: list[str] = []
    height = 0
    for kind, folders in rows():
        y = height + 14
        across = (WIDTH - 2 * GAP) / len(folders) if kind != "spine" else WIDTH - 2 * GAP
        for i, folder in enumerate(folders):
            files, purpose = found[folder]
            x = GAP + i * across
            lines.append(
                f'<rect x="{x:.0f}" y="{y}" width="{across - 6:.0f}" height="{BOX + (8 if kind != "spine" else 0)}" rx="6" '
                f'fill="{COLOURS[kind]}" stroke="#8a96a8"/>'
            )
            counted = "1 file" if files == 1 else f"{files} files"
            if kind == "spine":
                below = [name for name in (*reversed(tree.SPINE), "errors", "_core") if name in arrows[folder]]
                uses = ", ".join(below)
                lines += [
                    f'<text x="{x + 12:.0f}" y="{y + 17}" {FONT} font-size="14" font-weight="600">{folder}/</text>',
                    f'<text x="{x + 120:.0f}" y="{y + 17}" {FONT} font-size="12">{html.escape(purpose[:LONGEST])}</text>',
                    f'<text x="{x + 120:.0f}" y="{y + 33}" {FONT} font-size="11" fill="#475569">{counted}'
                    f"{f'; imports from {uses}' if uses else ''}</text>",
                ]
            else:
                lines += [
                    f'<text x="{x + 8:.0f}" y="{y + 19}" {FONT} font-size="13" font-weight="600">{folder}</text>',
                    f'<text x="{x + 8:.0f}" y="{y + 37}" {FONT} font-size="11" fill="#475569">{counted}</text>',
                ]
        height += ROW if kind == "spine" else ROW + 8
    title = "The floors of hiddenpop: each imports only from those below it"
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height + 14}" role="img" aria-label="{title}">'
        f'<title>{title}</title><rect width="100%" height="100%" fill="white"/>'
    )
    return "\n".join([head, *lines, "</svg>", ""])


def main() -> int:
    picture = draw()
    if "--check" in sys.argv:
        same = PICTURE.exists() and PICTURE.read_text(encoding="utf-8") == picture
        if not same:
            print("docs/architecture.svg is not what the code is: run python tools/architecture.py")
        return 0 if same else 1
    PICTURE.write_text(picture, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
