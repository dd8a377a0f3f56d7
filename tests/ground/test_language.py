"""The language of what readers see: numbers as Babel (CLDR) writes them, catalogues that agree with the sources, no leaks."""

import asyncio
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import hiddenpop as hp
import pytest
from babel import Locale
from babel.numbers import format_decimal, format_percent
from hiddenpop import HiddenpopWarning, InputError
from hiddenpop.ground import language
from hiddenpop.ground.language import english, number, numerals, plural, read, tr

OTHERS = [code for code in language.LANGUAGES if code != "en"]


def _size() -> hp.Estimate:
    return hp.published(13_300, 12_600, 14_200, name="size")


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("en", "size: 13,300 (95% interval 12,600 to 14,200)"),
        ("nl", "size: 13.300 (95%-BI 12.600 tot 14.200)"),
        ("fr", "size: 13\u202f300 (IC à 95\u00a0%\u00a0: 12\u202f600 à 14\u202f200)"),
        ("de", "size: 13.300 (95-%-KI 12.600 bis 14.200)"),
        ("es", "size: 13.300 (IC 95\u00a0%: 12.600 a 14.200)"),
        ("pt", "size: 13.300 (IC 95%: 12.600 a 14.200)"),
    ],
)
def test_a_size_reads_as_its_language_writes_it(code: str, shown: str) -> None:
    size = _size()
    with hp.settings(language=code):
        assert str(size) == shown
        assert shown.partition(" (")[0].partition(": ")[2] in size._repr_html_()
    assert str(size) == "size: 13,300 (95% interval 12,600 to 14,200)"


@pytest.mark.parametrize("code", OTHERS)
@pytest.mark.parametrize("value", [0.0, 0.5, -3.25, 999.0, 1000.0, 12_345.678, 1e9, -54_321.0])
def test_numbers_are_those_of_babel(code: str, value: float) -> None:
    assert number(value, ",.3f", code) == format_decimal(value, format="#,##0.000", locale=code)
    pattern = Locale.parse(code).percent_formats[None].pattern.replace("#0", "#0.0")
    share = value * 0.00123
    assert number(share, ",.1%", code) == format_percent(share, format=pattern, locale=code)


@pytest.mark.parametrize("text", ["2023-01-05", "1,2", "N = 12", "v1.2.3", "", "abc", "10,00,000"])
def test_only_numbers_are_rewritten(text: str) -> None:
    for code in language.LANGUAGES:
        assert numerals(text, code) == text


def test_fields_are_written_as_the_language_does_and_years_are_not() -> None:
    with hp.settings(language="nl"):
        assert (
            tr("{a:,} in {year}, {b:.1%} of {text}", a=1234, year=2023, b=0.125, text="1,5")
            == "1.234 in 2023, 12,5% of 1,5"
        )
        assert tr("{a:g} is {b!r} {{c}}", a=0.5, b="x") == "0,5 is 'x' {c}"


def test_plurals_follow_the_language() -> None:
    texts = ("{n} more label", "{n} more labels")
    assert [plural(*texts, n=n) for n in (0, 1, 2)] == ["0 more labels", "1 more label", "2 more labels"]
    with hp.settings(language="nl"):
        assert [plural(*texts, n=n) for n in (0, 1, 2)] == ["nog 0 labels", "nog 1 label", "nog 2 labels"]
    with hp.settings(language="fr"):  # none is singular
        assert [plural(*texts, n=n) for n in (0, 2)] == ["0 autre étiquette", "2 autres étiquettes"]


def _catalogue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    header = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n\n'
    (tmp_path / "nl.po").write_text(header + text, encoding="utf-8")
    monkeypatch.setattr(language, "FOLDER", tmp_path)
    _forget()


def _forget() -> None:
    language.catalogue.cache_clear()
    language._understood.cache_clear()


@pytest.fixture
def fresh() -> Iterator[None]:
    yield
    _forget()


@pytest.mark.usefixtures("fresh")
def test_a_corrected_catalogue_is_read_as_it_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _catalogue(
        tmp_path,
        monkeypatch,
        'msgid "{n:,} people"\nmsgstr "{n:,} mensen"\n\n#, fuzzy\nmsgid "size"\nmsgstr "omvang"\n',
    )
    with hp.settings(language="nl"):
        assert tr("{n:,} people", n=1200) == "1.200 mensen"
        assert tr("size") == "size", "what is fuzzy waits for somebody"
        assert tr("nobody wrote this") == "nobody wrote this"


@pytest.mark.usefixtures("fresh")
def test_a_slip_in_a_catalogue_is_said_and_breaks_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _catalogue(tmp_path, monkeypatch, 'msgid "{n:,} people"\nmsgstr "{aantal:,} mensen"\n\nmsgid "{a}"\nmsgstr "{a"\n')
    with hp.settings(language="nl"), pytest.warns(HiddenpopWarning, match=r"2 of nl\.po, which stay English: .*people"):
        assert tr("{n:,} people", n=1200) == "1.200 people"


@pytest.mark.usefixtures("fresh")
def test_kept_sentences_are_found_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _catalogue(
        tmp_path,
        monkeypatch,
        'msgctxt "kept"\nmsgid "a sample of {n:,} people, {how}"\nmsgstr "{how}: {n:,} mensen"\n\n'
        'msgctxt "kept"\nmsgid "sampled in {label}"\nmsgstr "steekproef in {label}"\n\n'
        'msgctxt "kept"\nmsgid "drawn by lot"\nmsgstr "geloot"\n\nmsgid "people"\nmsgstr "mensen"\n',
    )
    kept = english("a sample of {n:,} people, {how}", n=1200, how=english("drawn by lot"))
    assert kept == "a sample of 1,200 people, drawn by lot"
    assert read(kept) == kept
    with hp.settings(language="nl"):
        assert english("a sample of {n:,} people, {how}", n=1200, how="x") == "a sample of 1,200 people, x"
        assert read(kept) == "geloot: 1.200 mensen"
        assert read("a sample of 1,200 people, by {me}") == "a sample of 1,200 people, by {me}", "nobody said how"
        assert read("sampled in {Leiden}") == "steekproef in {Leiden}"
        assert read("people") == "people", "a user's word is not ours"


def test_a_language_is_one_of_those_with_a_catalogue() -> None:
    with pytest.raises(InputError, match="Did you mean 'nl'"):
        hp.settings(language="nld")
    with pytest.raises(InputError, match="'fr' \\(français\\)"):
        hp.settings(language="NL")
    with pytest.raises(InputError, match="language=3"):
        hp.settings(language=3)  # type: ignore[arg-type]


def test_blocks_nest_and_leave_nothing_behind() -> None:
    with hp.settings(language="nl"):
        with hp.settings(language="fr"):
            assert tr("estimate") == "estimation"
        assert tr("estimate") == "schatting"
        with hp.settings(seed=4):
            assert tr("estimate") == "schatting"
    assert tr("estimate") == "estimate"
    with pytest.raises(InputError), hp.settings(language="de"):
        hp.settings(replicates=1)
    assert tr("estimate") == "estimate"


def test_threads_and_tasks_speak_their_own_language() -> None:
    together = threading.Barrier(2)

    def speak(code: str) -> set[str]:
        with hp.settings(language=code):
            together.wait()
            return {tr("estimate") for _ in range(200)}

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(speak, ["nl", "fr"])) == [{"schatting"}, {"estimation"}]
    with hp.settings(language="nl"), ThreadPoolExecutor(1) as pool:
        assert pool.submit(tr, "estimate").result() == "estimate"

    async def task(code: str) -> str:
        with hp.settings(language=code):
            await asyncio.sleep(0)
            return tr("estimate")

    async def both() -> list[str]:
        return await asyncio.gather(task("nl"), task("es"))

    assert asyncio.run(both()) == ["schatting", "estimación"]


def test_from_now_on() -> None:
    try:
        hp.settings(language="nl")
        assert tr("estimate") == "schatting"
    finally:
        hp.settings(language="en")
    assert tr("estimate") == "estimate"


def test_files_and_what_programs_read_stay_english() -> None:
    survey = hp.Survey({"x": [1, 0, 1, 1], "g": list("aabb")}, name="city")
    size = hp.multiplier(100, survey.proportion("x"))
    plain, columns = size.to_json(), list(size.summary().columns)
    normal = survey.proportion("x").to_normal().to_json()
    with hp.settings(language="nl"):
        assert size.to_json() == plain
        assert survey.proportion("x").to_normal().to_json() == normal
        assert list(size.summary().columns) == columns
        again = hp.Survey({"x": [1, 0, 1, 1], "g": list("aabb")}, name="city")
        assert hp.multiplier(100, again.proportion("x")).methods() == size.methods()
        with pytest.raises(InputError, match="point must lie between"):
            hp.published(1, 2, 3)


def test_english_reads_no_catalogue() -> None:
    code = (
        "import hiddenpop as hp, sys; e = hp.multiplier(100, hp.Survey({'x': [1, 0]}).proportion('x')); str(e); e.methods();"
        "hp.settings(language='en'); str(e); sys.exit('babel' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
