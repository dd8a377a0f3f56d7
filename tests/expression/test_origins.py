"""What tells two sources apart is decided in one place, for sources that nobody has thought of as well."""

import dataclasses
from dataclasses import dataclass
from typing import Any, ClassVar

import hiddenpop as hp
import pytest
from hiddenpop import HiddenpopWarning, InputError
from hiddenpop.expression.origins import Origin, Redrawn, check_apart


@dataclass(frozen=True)
class Trees(Redrawn):
    """Recruitment trees: the package has never heard of them."""

    fingerprint: int
    seed: int = 0
    build: str | None = None
    title: str = "the trees of Tilburg"

    twins: ClassVar[str] = "forests"
    door: ClassVar[str] = "hp.Trees"


@dataclass(frozen=True)
class Stored(Origin):
    """Stored draws that were found from somebody."""

    key: str
    seed: int
    about: int
    title: str = "stored draws"

    sampled: ClassVar[bool] = False
    draws: ClassVar[str] = "stored draws"

    @property
    def identity(self) -> str:
        return self.key

    @property
    def people(self) -> frozenset[int]:
        return frozenset({self.about})


def test_one_thing_under_two_seeds_is_refused() -> None:
    with pytest.raises(InputError, match=r"redraw the trees of Tilburg under different seeds \(1 and 0\).*seed=0"):
        check_apart(Trees(7), Trees(7, seed=1))
    with pytest.raises(InputError, match=r"use stored draws under two seeds \(3 and 2\).*seed=2"):
        check_apart(Stored("k", 2, 7), Stored("k", 3, 7))
    check_apart(Trees(7), Trees(8, seed=1))


def test_the_same_people_drawn_twice_are_told() -> None:
    for pair in ((Trees(7), Stored("k", 0, 7)), (Stored("k", 0, 7), Stored("l", 0, 7))):
        with pytest.warns(HiddenpopWarning, match="speak of the same people"):
            check_apart(*pair)
    check_apart(Trees(7), Stored("k", 0, 8))


def test_two_builds_of_equal_data_are_told() -> None:
    with pytest.warns(HiddenpopWarning, match=r"Two forests \(the trees of Tilburg\).*make hp.Trees once"):
        check_apart(Trees(7, build="a"), Trees(7, build="b"))
    check_apart(Trees(7, build="a"), Trees(7))


def test_who_brings_words_says_them_once() -> None:
    survey = hp.Survey({"y": [1, 0, 1, 1, 0, 1]}, replicates=20)
    share = survey.proportion("y")
    drawn = share.to_normal(name="a")
    for combine in (lambda: drawn + share, lambda: share + drawn, lambda: drawn + share.to_normal(name="b")):
        with pytest.warns(HiddenpopWarning) as told:
            combine()
        assert len(told) == 1
        assert "Normal draws of" in str(told[0].message)


def _all(kind: Any) -> set[Any]:
    return {kind}.union(*(_all(below) for below in kind.__subclasses__()))


def test_every_origin_states_its_facts() -> None:
    for kind in _all(Origin) - {Origin, Redrawn}:
        stated = {field.name for field in dataclasses.fields(kind)}
        for fact in ("sampled", "identity", "people", "title", "draws", "seed"):
            assert fact in stated or hasattr(kind, fact), f"{kind.__name__} does not say its {fact}"
        assert "check_against" not in vars(kind)
