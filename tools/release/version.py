"""Whether all places name one version: version.py [TAG]. With a tag the changelog must have dated it."""

import re
import sys
from pathlib import Path

#: Where the version is written, and how.
PLACES = {
    "Cargo.toml": r'(?m)^version = "([^"]+)"',
    "CITATION.cff": r"(?m)^version: (\S+)",
    "recipe/recipe.yaml": r'(?m)^  version: "([^"]+)"',
    "CHANGELOG.md": r"(?m)^## (\S+)",
}


def main(tag: str | None) -> int:
    found = {}
    for place, pattern in PLACES.items():
        match = re.search(pattern, Path(place).read_text(encoding="utf-8"))
        found[place] = match.group(1) if match else "none"
    if tag is not None:
        found["the tag"] = tag.removeprefix("v")
    print("\n".join(f"{place}: {version}" for place, version in found.items()))
    if len(set(found.values())) > 1:
        print("These must be one version: change those that are behind.", file=sys.stderr)
        return 1
    unreleased = re.search(r"(?m)^## \S+ \(unreleased\)", Path("CHANGELOG.md").read_text(encoding="utf-8"))
    if tag is not None and unreleased:
        print(
            f"{unreleased.group()} in CHANGELOG.md: write the day of the release there before tagging.", file=sys.stderr
        )
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else None))
