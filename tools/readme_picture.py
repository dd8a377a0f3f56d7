"""Draw the picture of README: what `people.plot()` of its first lines draws, with its words in the file.

`.venv/bin/python tools/readme_picture.py`; a test compares the words with those of the figure that README's lines draw.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import hiddenpop as hp
import matplotlib as mpl

mpl.use("Agg")
ROOT = Path(__file__).parents[1]


def main() -> None:
    (code,) = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), flags=re.DOTALL)[:1]
    names: dict[str, Any] = {}
    exec(compile(code, "README.md", "exec"), names)
    axes = names["people"].plot()
    words = hp.plot.describe(axes)
    axes.figure.savefig(ROOT / "docs" / "sizes.png", dpi=110, metadata={"Description": words, "Software": None})
    print(words)


if __name__ == "__main__":
    main()
