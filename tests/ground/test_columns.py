"""What kind of column is this: numbers are numbers however they are held, and keep their digits."""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import hiddenpop as hp
import numpy as np
import pandas as pd
import pytest
from hiddenpop import InputError
from hiddenpop.ground import columns

pa = pytest.importorskip("pyarrow")

#: Ways to hold the same whole numbers.
HELD: dict[str, Callable[[list[int]], Any]] = {
    "objects": lambda v: pd.Series(v, dtype=object),
    "NumPy's in objects": lambda v: pd.Series([np.int64(i) for i in v], dtype=object),
    "decimals": lambda v: pd.Series([Decimal(i) for i in v]),
    "decimals with places": lambda v: pd.Series([Decimal(f"{i}.00") for i in v]),
    "fractions": lambda v: pd.Series([Fraction(i) for i in v]),
    "decimals and others": lambda v: pd.Series([Decimal(i) if i % 2 else i for i in v], dtype=object),
    "nullable": lambda v: pd.Series(v, dtype="Int64"),
    "nullable floats": lambda v: pd.Series(v, dtype="Float64"),
    "unsigned": lambda v: pd.Series(v, dtype="uint64"),
    "small": lambda v: pd.Series(v, dtype="int8"),
    "single": lambda v: pd.Series(v, dtype="float32"),
    "Arrow's": lambda v: pd.Series(v, dtype=pd.ArrowDtype(pa.int64())),
    "Arrow's decimals": lambda v: pd.Series([Decimal(i) for i in v], dtype=pd.ArrowDtype(pa.decimal128(10, 2))),
}


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    rng = np.random.default_rng(4)
    size = 80
    return pd.DataFrame(
        {
            "age": rng.choice([20, 30, 40, 50], size),
            "w": rng.integers(1, 4, size),
            "y": rng.normal(size=size),
            "s": rng.choice([1, 2], size),
            "c": rng.integers(0, 9, size),
            "k": rng.integers(1, 5, size),
        }
    )


def answers(table: pd.DataFrame) -> list[np.ndarray]:
    survey = hp.Survey(table, strata="s", clusters="c", weights="w", nest=True, replicates=20)
    counted = hp.Survey(table, counts="k", replicates=20)
    register = hp.CaptureCounts(table, "k", counts="w", replicates=20)
    asked = [
        survey.mean("age"),
        survey.mean("y", by="age"),
        survey.median("age"),
        survey.ratio("age", "w"),
        hp.regress(survey, "y ~ age + C(s)").coefficients,
        counted.mean("age"),
        hp.zero_truncated(register, "~ age").size,
    ]
    return [np.concatenate([np.ravel(est.point), np.ravel(est.draws)]) for est in asked]


@pytest.mark.parametrize("held", HELD.values(), ids=HELD)
def test_numbers_are_numbers_however_they_are_held(table: pd.DataFrame, held: Callable[[list[int]], Any]) -> None:
    """Right are the digits of the same numbers in NumPy's own types, in every place at once."""
    other = table.assign(**{name: held(table[name].tolist()) for name in ("age", "w", "s", "c", "k")})
    for one, two in zip(answers(table), answers(other), strict=True):
        np.testing.assert_array_equal(one, two)


@pytest.mark.parametrize(
    ("values", "kind", "dtype"),
    [
        ([1, 2, None], "number", "Int64"),
        ([1.5, None, 2], "number", "float64"),
        ([Decimal("1.5"), Decimal("NaN")], "number", "float64"),
        ([Decimal("Infinity"), 1], "number", "float64"),
        ([2**60 + 1, None], "number", "Int64"),
        ([2**63 + 1, None], "number", "UInt64"),
        ([2**70, 2**70 + 1], "number", "object"),
        ([2**60 + 1, 1.5], "number", "object"),
        ([0, 1, None], "boolean", "Int64"),
        ([True, False, None], "boolean", "object"),
        ([1, "a"], "category", "object"),
        ([1 + 2j, 2], "category", "object"),
        ([None, None], "category", "object"),
    ],
)
def test_objects_are_read_as_what_they_are(values: list[object], kind: str, dtype: str) -> None:
    settled = columns.settled(pd.Series(values, dtype=object))
    assert (columns.kind(settled), str(settled.dtype)) == (kind, dtype)
    known = [v for v in values if not pd.isna(v)]
    assert [v for v in settled.tolist() if not pd.isna(v)] == known


def test_complex_numbers_are_none() -> None:
    with pytest.raises(InputError, match="should hold a number"):
        columns.numbers(pd.Series([1 + 2j, 2], dtype=object, name="z"))


IDS = [2**60 + k for k in range(6)] + [None]


@pytest.mark.parametrize(
    "made",
    [
        lambda table: table,
        pa.table,
        lambda table: pytest.importorskip("polars").DataFrame(table),
        lambda table: pytest.importorskip("polars").DataFrame(table).lazy(),
        lambda table: pd.DataFrame({**table, "id": pd.Series(IDS, dtype="Int64")}),
        lambda table: pd.DataFrame({**table, "id": pd.Series(IDS, dtype=object)}),
        lambda table: pa.table({**table, "id": pa.array([2**63 + k for k in range(6)] + [None], type=pa.uint64())}),
    ],
)
def test_long_ids_keep_their_digits_beside_a_missing_one(made: Callable[[dict[str, Any]], Any]) -> None:
    table = made({"id": IDS, "A": [1] * 7, "B": [0] * 7})
    with pytest.warns(hp.HiddenpopWarning, match="have no id"):
        found = hp.dedupe_check(table, "id", ["A", "B"])
    assert found.loc["A", ["people", "extra_rows"]].tolist() == [7, 0]


@pytest.mark.parametrize("held", [np.int64, object, "Int64", "uint64"])
def test_long_names_of_groups_are_not_joined(held: Any) -> None:
    """Ten clusters of four: the standard error is that of the same clusters numbered from 0."""
    few, y = np.repeat(np.arange(10), 4), np.arange(40) % 7 * 1.0
    long = pd.Series([2**60 + int(i) for i in few], dtype=held)
    one = hp.Survey({"c": few, "y": y}, clusters="c", replicates=20)
    other = hp.Survey(pd.DataFrame({"c": long, "y": y}), clusters="c", replicates=20)
    assert one.mean("y").se("linearized") == other.mean("y").se("linearized")
    assert len(other.mean("y", by="c").labels) == 10
    swapped = hp.Survey(
        pd.DataFrame({"c": long.iloc[::-1].reset_index(drop=True), "y": y}), clusters="c", replicates=20
    )
    assert swapped.sample.record.digests["c"] != other.sample.record.digests["c"]


def test_floats_that_lost_digits_name_nobody() -> None:
    table = pd.DataFrame({"id": [2.0**60, 2.0**60, None], "A": [1, 1, 1], "B": [0, 1, 1], "y": [1.0, 2, 3]})
    with pytest.raises(InputError, match="more than 15 digits"):
        hp.dedupe_check(table, "id", ["A", "B"])
    for design in ({"clusters": "id"}, {"strata": "id"}):
        with pytest.raises(InputError, match="more than 15 digits"):
            hp.Survey(table.dropna(), replicates=20, **design)  # type: ignore[arg-type]


@pytest.mark.parametrize("count", [2.0**63, 2**63, 2.0**64, 2**64, 1e300, Decimal(2) ** 64])
def test_more_people_than_can_be_counted(count: object) -> None:
    table = pd.DataFrame({"x": [1, 1, 1], "b": [1, 0, 1], "n": pd.Series([count, 10, 10], dtype=object)})
    for made in (
        lambda: hp.Survey(table, counts="n"),
        lambda: hp.CaptureCounts(table, "x", counts="n"),
        lambda: hp.Lists(table, ["x", "b"], counts="n"),
    ):
        with pytest.raises(InputError, match=r"are more than|is above|is no number of people"):
            made()


def test_assigned_numbers_are_numbers_too() -> None:
    survey = hp.Survey({"y": [1.0, 2, 3, 4]}, replicates=20)
    assert survey.assign(z=[Decimal(1), Decimal(2), Decimal(3), Decimal(5)]).mean("z").point == 2.75
    assert survey.assign(z=Decimal("1.5")).mean("z").point == 1.5


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (pd.Series(pd.date_range("2020", periods=2)), "dates"),
        (pd.Series(pd.to_timedelta([1, 2], unit="D")), "durations"),
        (pd.Series(pd.period_range("2020", periods=2, freq="M")), "periods"),
        (pd.Series(pd.interval_range(0, 2)), "intervals"),
        (pd.Series([1j, 2]), "complex numbers"),
    ],
)
def test_what_is_no_number_is_said_in_words(values: pd.Series[Any], words: str) -> None:
    with pytest.raises(InputError, match=f"holds {words} where a number is needed"):
        columns.numbers(values.rename("x"))


def test_a_column_called_self() -> None:
    survey = hp.Survey({"y": [1.0, 2, 3, 4]}, replicates=20).assign(self=[0, 1, 0, 1])
    assert hp.regress(survey, "y ~ self").effects("self").point.tolist() == [1.0]


class Two(tuple):
    """A tuple with another name."""


@pytest.mark.parametrize(
    "values",
    [
        [("x", 0), ("x", 1)],
        [("x",), ("x", 1)],
        [(), (1,)],
        [Two((1, 2)), Two((1, 3))],
        [frozenset([1]), frozenset([2])],
        ["a", ("x", 1)],
        [[1], [2]],
        ["a", [1]],
        [{1}, {2}],
        [{"a": 1}, {"b": 1}],
    ],
    ids=str,
)
def test_a_cell_holds_one_answer(values: list[Any]) -> None:
    """Labels that are tuples would be those of two columns: each question refuses them, and lists when the table is read."""
    table = pd.DataFrame({"x": [1, 0, 0, 1] * 10})
    table["g"] = pd.Series(values * 20, dtype=object)

    def ask(question: Callable[[hp.Survey], object]) -> None:
        with pytest.raises(hp.InputError, match="'g' holds lists, tuples or other values of several parts"):
            question(hp.Survey(table, replicates=20))

    ask(lambda survey: survey.proportion("x", by="g"))
    ask(lambda survey: survey.proportion("g"))
    ask(lambda survey: survey.count("g"))
    ask(lambda survey: survey.mean("x", by=["g", "x"]))
    ask(lambda survey: hp.describe(survey, ["x"], by="g"))
    ask(lambda survey: hp.crosstab(survey, "x", "g"))
    ask(lambda survey: hp.compare(survey, "x", by="g"))
    ask(lambda survey: hp.Survey(table, strata="g"))


def test_categories_that_are_tuples_are_refused_too() -> None:
    codes = pd.Categorical.from_codes([0, 1] * 20, pd.Index([("a", 1), ("b", 2)], tupleize_cols=False))
    survey = hp.Survey(pd.DataFrame({"g": codes, "x": [1, 0] * 20}), replicates=20)
    with pytest.raises(hp.InputError, match="several parts"):
        survey.proportion("x", by="g")
    with pytest.raises(hp.InputError, match="texts or numbers"):
        survey.proportion("x").rename({survey.proportion("x").labels[0]: ("x", 1)})


@pytest.mark.parametrize("held", ["str", object, "string[python]", "string[pyarrow]"])
def test_text_is_told_by_codes_and_levels_however_it_is_held(held: Any) -> None:
    """The digest is what it was in the first version, level by level: saved estimates know their people by it."""
    answers = ["b", None, "ä", "b", "", "c d"]
    hashed = hashlib.blake2b(b"q", digest_size=16)
    hashed.update(b"category" + np.array([0, -1, 1, 0, 2, 3], dtype="<i8").tobytes())
    for level in ("b", "ä", "", "c d"):
        hashed.update(len(level.encode()).to_bytes(8, "little"))
        hashed.update(level.encode())
    assert columns.digest(pd.Series(answers, name="q", dtype=held)) == hashed.digest()


def test_who_people_are_is_looked_up_when_surveys_are_compared() -> None:
    """Hashing names and codes took a third of the time of making a survey; most are never compared with another."""
    table = pd.DataFrame({"code": [f"SECRET{i}" for i in range(60)], "x": [True, False] * 30})
    survey = hp.Survey(table, replicates=20)
    survey.proportion("x").interval()
    assert not set(vars(survey.record.hashes)) - {"_table", "_known"}
    assert b"SECRET" not in pickle.dumps(survey.record)
    other = hp.Survey(table.assign(x=True).iloc[5:], replicates=20)
    with pytest.warns(hp.HiddenpopWarning, match="coincide with those of another survey"):
        (survey.proportion("x") + other.proportion("x")).draws  # noqa: B018 (combining is what is tested)
    assert pickle.loads(pickle.dumps(survey.record)).hashes.keys() == {"code"}
