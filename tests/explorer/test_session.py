"""The explorer in a real browser: Debian's Chromium, driven by Playwright."""

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from .. import facts

playwright = pytest.importorskip("playwright.sync_api", reason="Playwright drives the browser: pip install playwright")
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
if CHROMIUM is None:
    pytest.skip("There is no Chromium to look with: apt-get install chromium", allow_module_level=True)

START = "import sys; from hiddenpop.explorer.command import main; sys.exit(main(['explore', '--no-browser']))"
STEPS = ("table", "design", "sizes", "table1", "shares", "doubts", "models", "peers", "plan", "report")
#: All steps in one go, each with the width of the page: as many clicks of the driver take seconds.
WIDTHS = """steps => steps.flatMap(step => {
    document.querySelector(`.nav-link[data-value=${step}]`).click();
    return [document.querySelector(".tab-pane.active h2").innerText, document.documentElement.scrollWidth];
})"""


@pytest.fixture(scope="module")
def temporary(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("temporary")


@pytest.fixture(scope="module")
def address(temporary: Path) -> Iterator[str]:
    """Start the explorer as its command does; when it ends, nothing of it is left."""
    python = os.pathsep.join(filter(None, (str(facts.ROOT / "python"), os.environ.get("PYTHONPATH"))))
    environment = {**os.environ, "PYTHONPATH": python, "TMPDIR": str(temporary)}
    with subprocess.Popen([sys.executable, "-c", START], stdout=subprocess.PIPE, text=True, env=environment) as server:
        assert server.stdout
        found = next(
            match for line in server.stdout if (match := re.search(r"http://127\.0\.0\.1:\d+/\?key=\S+", line))
        )
        yield found[0]
        server.terminate()
        assert server.wait(20) in (0, -15, 143)
    assert list(temporary.glob("hiddenpop-*")) == []


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with playwright.sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Any, address: str) -> Iterator[Any]:
    """Open a window of its own; whatever it asks for, it asks of this machine."""
    context = browser.new_context(accept_downloads=True, viewport={"width": 1366, "height": 800})
    asked: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    opened = context.new_page()
    opened.on("pageerror", lambda error: pytest.fail(str(error)))
    opened.goto(address)
    yield opened
    context.close()
    origin = address.split("?", maxsplit=1)[0]
    elsewhere = [url for url in asked if not url.startswith((origin, "data:", f"blob:{origin[:-1]}"))]
    assert asked
    assert elsewhere == []


def go(page: Any, step: str) -> None:
    page.click(f".nav-link[data-value={step}]")


def typed(page: Any, place: str, text: str) -> None:
    page.fill(place, text)
    page.press(place, "Tab")


def numbers(text: str) -> list[str]:
    """Return what a table reads, without its tags, word by word."""
    return unescape(re.sub(r"<[^>]*>", " ", text)).split()


def load(page: Any, sav: Path) -> None:
    page.set_input_files("#file", sav)
    page.wait_for_selector("#columns table")


def test_an_unknown_spss_file_becomes_a_size_a_tornado_and_a_notebook_with_the_same_digits(
    page: Any, sav: Path, tmp_path: Path
) -> None:
    load(page, sav)
    assert "interviews.sav: 520 rows, 6 columns" in page.inner_text(".top")
    go(page, "sizes")
    assert "q7: In treatment in the last year" in page.inner_text("#sizes_column"), "labels of the file"
    page.select_option("#sizes_column", "q7")
    page.select_option("#sizes_by", "q1")
    typed(page, "#sizes_benchmark_0", "8126")
    typed(page, "#sizes_benchmark_1", "4912")
    page.wait_for_selector("#sizes_answer h3:has-text('methods section')")
    sizes = page.locator("#sizes_answer .scroll table")
    assert "13,310" in sizes.nth(0).inner_text(), "the published size"
    assert 'hp.read_sav("interviews.sav")' in page.inner_text("#sizes_answer code")
    # A slider, by the keyboard: the tornado moves.
    go(page, "doubts")
    page.locator("#doubts_completeness-low").fill("0.7")
    page.wait_for_selector("#doubts_answer h3:has-text('base case')")
    before = page.get_attribute("#doubts_answer img", "alt")
    page.locator("#doubts_completeness-low").press("ArrowLeft")
    page.wait_for_function("was => document.querySelector('#doubts_answer img').alt !== was", arg=before)
    assert "at 0.69" in page.get_attribute("#doubts_answer img", "alt")
    tornado = page.locator("#doubts_answer table").nth(0)
    # The notebook, beside the file: the same digits.
    go(page, "report")
    page.wait_for_selector("#paper_views input:checked")
    with page.expect_download() as handed:
        page.click("#write_ipynb")
    handed.value.save_as(tmp_path / handed.value.suggested_filename)
    shutil.copy(sav, tmp_path)
    notebook = nbformat.read(tmp_path / "report.ipynb", as_version=4)
    nbformat.validate(notebook)
    assert not any(cell.get("outputs") for cell in notebook.cells), "nothing of anybody"
    NotebookClient(notebook, resources={"metadata": {"path": str(tmp_path)}}).execute()
    made = [
        output["data"].get("text/html", "")
        for cell in notebook.cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if output.output_type == "execute_result"
    ]
    words = [" ".join(numbers(one)) for one in made]
    for shown in (sizes.nth(0), sizes.nth(1), tornado):
        table = " ".join(numbers(shown.inner_html()))
        assert len(table) > 40
        assert any(table in one for one in words)
    assert {"report.html", "report.docx"} <= {file.name for file in tmp_path.iterdir()}, (
        "the report, without writing a line"
    )


def test_errors_stand_beside_their_fields_and_go(page: Any) -> None:
    page.set_input_files("#file", {"name": "letter.csv", "mimeType": "text/csv", "buffer": b"%PDF-1.7"})
    page.wait_for_selector("#file-error:has-text('is a PDF')")
    page.set_input_files("#file", facts.DATA / "rds" / "fauxmadrona.csv")
    page.wait_for_selector("#columns table")
    assert page.inner_text("#file-error") == ""
    go(page, "design")
    page.check("input[value=peers]")
    for place, column in (("person", "id"), ("recruiter", "recruiter.id"), ("degree", "degree")):
        page.select_option(f"#found_{place}", column)
    typed(page, "#found_population", "100")
    page.wait_for_selector("#found_population-error:has-text('never smaller')")
    assert page.get_attribute("#found_population", "aria-invalid") == "true"
    typed(page, "#found_population", "1000")
    page.wait_for_selector("#design_answer .words:has-text('500 participants')")
    assert page.inner_text("#found_population-error") == ""


def test_a_second_window_sees_nothing_of_the_first_and_a_closed_one_leaves_nothing(
    page: Any, browser: Any, address: str, temporary: Path, sav: Path
) -> None:
    load(page, sav)
    rooms = set(temporary.rglob("window-*"))
    other = browser.new_context(viewport={"width": 390, "height": 800})
    second = other.new_page()
    second.goto(address)
    second.wait_for_selector(".table-name")
    assert second.inner_text(".table-name") == "no table yet"
    widths = second.evaluate(WIDTHS, list(STEPS))
    assert len(set(widths[::2])) == len(STEPS), "each step was looked at"
    assert max(widths[1::2]) <= 390, "a step is wider than a telephone"
    assert not list(temporary.rglob("*.sav")), "no copy of the file is left"
    (room,) = set(temporary.rglob("window-*")) - rooms
    other.close()
    until = time.monotonic() + 20
    while room.exists() and time.monotonic() < until:
        time.sleep(0.05)
    assert not room.exists()


def test_without_the_key_nobody_comes_in(browser: Any, address: str) -> None:
    context = browser.new_context()
    answer = context.request.get(address.split("?", maxsplit=1)[0])
    assert answer.status == 403
    context.close()
