"""What the documents show is what happens: README's code, the notebooks, the stub, the package's edges."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import hiddenpop as hp
import nbformat
import pytest
from jupyter_client.manager import KernelManager
from matplotlib import pyplot
from nbclient import NotebookClient
from PIL import Image

from .facts import ROOT

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def test_readme_runs_in_order_and_prints_what_it_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    first = True
    for code, shown in re.findall(r"```python\n(.*?)```(?:\n\n```text\n(.*?)```)?", text, flags=re.DOTALL):
        exec(compile(code, "README.md", "exec"), names)
        printed = capsys.readouterr().out.strip()
        if shown:
            assert printed == shown.strip()
        if first:  # the picture is what people.plot() draws: its words are in the file
            drawn = Image.open(ROOT / "docs" / "sizes.png").text["Description"]
            assert drawn == hp.plot.describe(names["people"].plot())
            assert f"![{drawn}](docs/sizes.png)" in text
        first = False
    pyplot.close("all")
    assert {file.name for file in tmp_path.iterdir()} == {"sizes.json", "table1.docx", "report.html"}


@pytest.fixture(scope="module")
def kernel() -> Iterator[KernelManager]:
    """Start one kernel for all notebooks: to start one takes as long as to run most of them."""
    manager = KernelManager(client_class="jupyter_client.asynchronous.AsyncKernelClient")
    manager.start_kernel()
    yield manager
    manager.shutdown_kernel(now=True)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_notebooks_run_and_are_committed_executed(path: Path, tmp_path: Path, kernel: KernelManager) -> None:
    committed = nbformat.read(path, as_version=4)
    fresh = nbformat.read(path, as_version=4)
    # As in a kernel of its own: nothing that other notebooks named, in a folder without the files that they wrote.
    shutil.copytree(path.parent / "data", tmp_path / "data")
    fresh.cells.insert(0, nbformat.v4.new_code_cell(f"%reset -f\n%cd -q {tmp_path}"))
    NotebookClient(fresh, km=kernel).execute()
    for old, new in zip(committed.cells, fresh.cells[1:], strict=True):
        if new.cell_type == "code":
            assert _texts(old) == _texts(new), new.source


def _texts(cell: nbformat.NotebookNode) -> list[str]:
    """What a cell printed: figures may differ by a pixel from machine to machine, numbers may not."""
    assert not any(o.get("name") == "stderr" for o in cell.outputs), "a warning shows in a notebook"
    # A busy kernel hands over what is printed in several pieces.
    printed = "".join(o["text"] for o in cell.outputs if o.output_type == "stream")
    shown = [o["data"].get("text/plain", "") for o in cell.outputs if "data" in o]
    return [printed, *("" if "Figure" in text or "Axes" in text else text for text in shown)]


def test_public_names_have_docstrings_with_examples() -> None:
    for name in hp.__all__:
        thing = getattr(hp, name)
        if callable(thing) and not (isinstance(thing, type) and issubclass(thing, (Exception, Warning))):
            assert ">>>" in (thing.__doc__ or ""), name


def test_the_package_is_typed() -> None:
    for name in ("py.typed", "_core.pyi"):
        assert (files(hp) / name).is_file()


def test_importing_costs_little_more_than_pandas() -> None:
    # At most 1.15 times, in the process's own time, to which other processes add little; what they add goes with the best
    # of some turns.
    code = (
        "from time import process_time as t; a = t(); import pandas; b = t(); import hiddenpop; print(b - a, t() - b)"
    )
    turns: list[tuple[float, ...]] = []
    for _ in range(5):
        run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        turns.append(tuple(map(float, run.stdout.split())))
        pandas, more = (min(taken) for taken in zip(*turns, strict=True))
        if more < 0.15 * pandas:
            break
    assert more < 0.15 * pandas, turns


def test_no_machine_paths_or_registry_hosts_in_files() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False).stdout.split()
    if not listed:
        pytest.skip("not a git checkout")
    pattern = re.compile(r"/(work|root)/|/home/[a-z]")
    for name in listed:
        path = ROOT / name
        if path.suffix in {".py", ".rs", ".md", ".toml", ".json", ".ipynb", ".pyi"} and path != Path(__file__):
            assert not pattern.search(path.read_text(encoding="utf-8")), name


def test_matplotlib_is_imported_only_to_plot() -> None:
    code = (
        "import hiddenpop as hp, sys;"
        "s = hp.Survey({'x': [1, 0], 'n': [5, 5]}, counts='n'); e = hp.multiplier(100, s.proportion('x'));"
        "e.summary(); e.methods(); e._repr_html_(); e.to_json();"
        "bad = {'matplotlib', 'scipy', 'narwhals', 'pyarrow.parquet', 'tqdm', 'xarray', 'babel'} & set(sys.modules);"
        "sys.exit(f'imported {bad}' if bad else 0)"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
