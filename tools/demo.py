"""Execute the notebooks of the study, render them, and print the main table: what `make demo` shows."""

import subprocess
import sys
from pathlib import Path

import hiddenpop as hp

ROOT = Path(__file__).parents[1]
BUILD = ROOT / "build"
#: The size, and the whole study with its report.
NOTEBOOKS = ("01_opaak", "03_report")
WRITTEN = ("sizes.json", "report.html", "report.docx", "report.json")


def main() -> None:
    for name in NOTEBOOKS:
        execute(ROOT / "notebooks" / f"{name}.ipynb")
    for name in WRITTEN:
        (ROOT / "notebooks" / name).replace(BUILD / name)
    print("How many people use crack or opioids weekly? The Netherlands, 2023, by the multiplier method\n")
    print(hp.read_estimate(BUILD / "sizes.json"))
    print("\nExecuted notebooks/01_opaak.ipynb and 03_report.ipynb; the rendered pages are in build/.")
    print("The whole study as a report, on synthetic interviews: build/report.html and build/report.docx")


def execute(notebook: Path) -> None:
    """Run a notebook where it is and render it to a page."""
    render = ["-m", "jupyter", "nbconvert", "--to", "html", "--execute", "--log-level", "ERROR"]
    done = subprocess.run(
        [sys.executable, *render, "--output-dir", str(BUILD), str(notebook)],
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        sys.exit(f"{notebook.name} did not run:\n{done.stderr}")


if __name__ == "__main__":
    main()
