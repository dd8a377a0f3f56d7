"""Execute the first notebook, render it, and print its main table: what `make demo` shows."""

import subprocess
import sys
from pathlib import Path

import hiddenpop as hp

ROOT = Path(__file__).parents[1]
NOTEBOOK = ROOT / "notebooks" / "01_opaak.ipynb"


def main() -> None:
    build = ROOT / "build"
    render = ["-m", "jupyter", "nbconvert", "--to", "html", "--execute", "--log-level", "ERROR"]
    done = subprocess.run(
        [sys.executable, *render, "--output-dir", str(build), str(NOTEBOOK)],
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        sys.exit(f"{NOTEBOOK.name} did not run:\n{done.stderr}")
    results = hp.read_estimate(NOTEBOOK.with_name("sizes.json"))
    print("How many people use crack or opioids weekly? The Netherlands, 2023, by the multiplier method\n")
    print(results)
    print("\nExecuted notebooks/01_opaak.ipynb; the rendered page is build/01_opaak.html")


if __name__ == "__main__":
    main()
