"""Catalogues agree with the sources, and no sentence for readers escapes them."""

import pytest
from hiddenpop.ground.language import FOLDER, LANGUAGES

from tools import messages, tree

OTHERS = [code for code in LANGUAGES if code != "en"]


@pytest.mark.parametrize("code", OTHERS)
def test_catalogues_are_up_to_date(code: str) -> None:
    """`make messages` brings them there."""
    assert (FOLDER / f"{code}.po").read_text(encoding="utf-8") == messages.updated(code)


@pytest.mark.parametrize("code", OTHERS)
def test_translations_have_the_fields_of_the_english_text(code: str) -> None:
    assert messages.wrong(code) == []


def test_dutch_is_complete() -> None:
    assert messages.missing("nl") == []


@pytest.mark.parametrize("name", messages.HELD)
def test_no_sentence_escapes(name: str) -> None:
    """Mark it with `tr`, `plural` or `english`; what is no sentence for readers says "stays English" in a comment."""
    assert name in tree.FILES
    assert list(messages.escaped(name)) == []


def test_what_escapes_is_found() -> None:
    found = {text for name in ("sample.strata", "errors") for _, text in messages.escaped(name)}
    assert not any("which can't be" in text for text in found), "errors are not for readers"
    assert list(messages.escaped("ground.bibliography"))
