"""Who recruited whom: from ids or coupons, with errors that name rows and never ids."""

import datetime
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hiddenpop import HiddenpopWarning, InputError
from hiddenpop.sample.forest import Forest, Recruitment
from hypothesis import given
from hypothesis import strategies as st

TABLE = {"id": ["a7", "b7", "c7", "d7", "e7"], "by": [None, "a7", "a7", "b7", None]}
ONE_SITE = np.zeros(5, dtype=np.int64)


def read(changed: Mapping[str, Any] | None = None, site: Any = ONE_SITE, **options: Any) -> Forest:
    frame = pd.DataFrame({**TABLE, **(changed or {})})
    return Recruitment(**{"id": "id", "recruiter": "by", **options}).read(frame, site)


COUPONS = {
    "id": [1, 2, 3, 4, 5],
    "own": [None, 11, 12, 21, None],
    "c1": [11, 21, None, None, 51],
    "c2": [12, 22, None, None, None],
}
BY_COUPON = {"recruiter": None, "own_coupon": "own", "coupons": ("c1", "c2")}


@pytest.mark.parametrize(
    "ids",
    [
        TABLE,
        {"by": ["seed", "a7", "a7", "b7", "seed"]},
        {"id": [1, 2, 3, 4, 5], "by": [None, 1, 1, 2, None]},
        {"id": [1, 2, 3, 4, 5], "by": ["seed", "1", "1", "2", "seed"]},
        {"id": [1.0, 2.0, 3.0, 4.0, 5.0], "by": [0, 1, 1, 2, 0]},
        {"id": ["1", "2", "3", "4", "5"], "by": [-1, 1, 1, 2, -1]},
    ],
)
def test_seeds_have_no_recruiter_or_one_mark_that_is_nobodys_id(ids: dict[str, Any]) -> None:
    forest = read(ids)
    assert forest.recruiter.tolist() == [-1, 0, 0, 1, -1]
    assert forest.wave.tolist() == [0, 1, 1, 2, 0]
    assert forest.seed.tolist() == [0, 0, 0, 0, 4]
    assert forest.recruits.tolist() == [2, 1, 0, 0, 0]
    assert [wave.tolist() for wave in forest.waves] == [[0, 4], [1, 2], [3]]
    assert forest.order.tolist() == [0, 4, 1, 2, 3]


def test_coupons_say_the_same() -> None:
    assert read(COUPONS, **BY_COUPON).recruiter.tolist() == [-1, 0, 0, 1, -1]
    marked = {**COUPONS, "own": [0, 11, 12, 21, 0]}
    assert read(marked, **BY_COUPON).recruiter.tolist() == [-1, 0, 0, 1, -1]


def test_order_is_by_time_then_wave_then_row() -> None:
    assert read({"t": [3, 5, 3, 5, 1]}, time="t").order.tolist() == [4, 0, 2, 1, 3]
    days = pd.to_datetime(["2020-01-03", "2020-01-05", "2020-01-03", "2020-01-05", "2020-01-01"])
    assert read({"t": days}, time="t").order.tolist() == [4, 0, 2, 1, 3]


WRONG: dict[str, tuple[Any, dict[str, Any], str]] = {
    "no id": ({"id": ["a7", None, "c7", "d7", "e7"]}, {}, "missing in 1 row \\(row number 1"),
    "duplicate": (
        {"id": ["a7", "b7", "c7", "b7", "e7"]},
        {},
        "more than one participant alike, in 2 rows \\(row number 1, 3",
    ),
    "oneself": ({"by": [None, "a7", "c7", "b7", None]}, {}, "recruited themselves, in 1 row \\(row number 2"),
    "circle": ({"by": [None, "d7", "a7", "b7", None]}, {}, "in a circle .* in 2 rows \\(row number 1, 3"),
    "stranger": ({"by": [None, "a7", "x7", "b7", None]}, {}, "who are no participants, in 1 row \\(row number 2"),
    "strangers": (
        {"by": ["x7", "a7", "y7", "b7", "x7"]},
        {},
        "who are no participants, in 3 rows \\(row number 0, 2, 4",
    ),
    "given twice": (
        {**COUPONS, "c1": [11, 21, None, 12, 51]},
        BY_COUPON,
        "given more than once \\(1 too many\\), in 2 rows \\(row number 0, 3",
    ),
    "given to one twice": (
        {**COUPONS, "c2": [11, 22, None, None, None]},
        BY_COUPON,
        "given more than once .* in 1 row \\(row number 0",
    ),
    "redeemed twice": (
        {**COUPONS, "own": [None, 11, 11, 21, None]},
        BY_COUPON,
        "redeemed more than once .*in 2 rows \\(row number 1, 2",
    ),
    "of nobody": ({**COUPONS, "own": [None, 11, 12, 99, None]}, BY_COUPON, "given to nobody, in 1 row \\(row number 3"),
    "early": ({"t": [3, 2, 5, 5, 1]}, {"time": "t"}, "before those who recruited them, in 1 row \\(row number 1"),
    "no time": ({"t": [3, None, 5, 5, 1]}, {"time": "t"}, "missing in 1 row \\(row number 1"),
    "text": ({"t": list("abcde")}, {"time": "t"}, "holds texts, not times"),
}


@pytest.mark.parametrize("what", WRONG)
def test_errors_name_rows_and_no_ids(what: str) -> None:
    changed, options, said = WRONG[what]
    with pytest.raises(InputError, match=said) as error:
        read(changed, **options)
    assert not {"a7", "b7", "x7", "99", "11"} & set(str(error.value).replace(",", " ").replace("'", " ").split())


def test_days_of_spss_are_times() -> None:
    days = [datetime.date(2025, 1, day) for day in (1, 2, 3, 4, 5)]
    assert read({"t": days}, time="t").recruiter.tolist() == read({}).recruiter.tolist()
    with pytest.raises(InputError, match="before those who recruited them"):
        read({"t": days[::-1]}, time="t")


def test_chains_across_sites_are_refused() -> None:
    with pytest.raises(InputError, match="another site, in 1 row \\(row number 3"):
        read(site=np.array([0, 0, 0, 1, 1]))


def test_orphans_and_repeats_count_as_said() -> None:
    with pytest.warns(HiddenpopWarning, match="taken for seeds"):
        assert read({"by": [None, "a7", "x7", "b7", None]}, orphans="seeds").recruiter.tolist() == [-1, 0, -1, 1, -1]
    with pytest.warns(HiddenpopWarning, match="the last one in the table counts"):
        last = read({**COUPONS, "c1": [11, 21, None, 12, 51]}, **BY_COUPON, repeats="last")
    assert last.recruiter.tolist() == [-1, 0, 3, 1, -1]
    with pytest.warns(HiddenpopWarning, match="all who redeemed it"):
        both = read({**COUPONS, "own": [None, 11, 11, 21, None]}, **BY_COUPON, repeats="last")
    assert both.recruiter.tolist() == [-1, 0, 0, 1, -1]


@pytest.mark.parametrize(
    "options",
    [
        {"recruiter": None},
        {"own_coupon": "own", "coupons": ("c1",)},
        {"recruiter": None, "own_coupon": "own"},
        {"coupons": ("c1",)},
        {"orphans": "yes"},
        {"repeats": "first"},
    ],
)
def test_who_recruited_whom_is_said_in_one_way(options: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        read(COUPONS, **options)


@given(st.integers(2, 60).flatmap(lambda n: st.tuples(*(st.integers(-1, i - 1) for i in range(n)))), st.randoms())
def test_any_forest_comes_back_in_any_order(recruiter: tuple[int, ...], random: Any) -> None:
    """Property: waves are one more than the recruiter's, seeds the recruiter's, whatever the order of rows."""
    n = len(recruiter)
    order = list(range(n))
    random.shuffle(order)
    by = [None if recruiter[i] < 0 else f"p{recruiter[i]}" for i in order]
    frame = pd.DataFrame({"id": [f"p{i}" for i in order], "by": pd.Series(by, dtype=object)})
    forest = Recruitment("id", "by").read(frame, np.zeros(n, dtype=np.int64))
    recruits = forest.recruiter >= 0
    assert [order[r] if r >= 0 else -1 for r in forest.recruiter.tolist()] == [recruiter[i] for i in order]
    assert (forest.wave[recruits] == forest.wave[forest.recruiter[recruits]] + 1).all()
    assert (forest.seed[recruits] == forest.seed[forest.recruiter[recruits]]).all()
    assert (forest.wave[~recruits] == 0).all()


def test_a_long_chain_is_read_at_once() -> None:
    n = 20_000
    frame = pd.DataFrame({"id": np.arange(n), "by": np.arange(n) - 1})
    forest = Recruitment("id", "by").read(frame, np.zeros(n, dtype=np.int64))
    assert forest.wave.tolist() == list(range(n))
