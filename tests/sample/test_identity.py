"""Ids name everybody once, and rows that look entered twice are told."""

import pickle
import warnings

import hiddenpop as hp
import numpy as np
import pandas as pd
import pytest
from hiddenpop import HiddenpopWarning, InputError
from hiddenpop.sample import identity


def people(n: int = 60) -> pd.DataFrame:
    number = np.arange(n)
    return pd.DataFrame({"nr": [f"secret-{i}" for i in number], "treated": number % 3 == 0, "age": 20 + number % 31})


def wide(columns: int, n: int = 500, chance: float = 0.4) -> pd.DataFrame:
    rng = np.random.default_rng(5)
    return pd.DataFrame({f"q{i}": rng.choice(["yes", "no"], n, p=[chance, 1 - chance]) for i in range(columns)})


def test_double_people_are_refused_by_row_number() -> None:
    twice = pd.concat([people(), people().iloc[[7]]], ignore_index=True)
    with pytest.raises(
        InputError, match=r"'nr' names some participants more than once, in 2 rows \(row number 7, 60"
    ) as told:
        hp.Survey(twice, id="nr")
    assert "secret" not in str(told.value)
    lost = people()
    lost.loc[[3, 4], "nr"] = [None, "  "]
    with pytest.raises(InputError, match=r"'nr' has no id in 2 rows \(row number 3, 4"):
        hp.Survey(lost, id="nr")


def test_ids_are_read_alike_however_they_are_held() -> None:
    with pytest.raises(InputError, match="more than once"):
        hp.Survey({"nr": ["7", "7 ", "8"], "x": [1, 0, 1]}, id="nr")
    numbers, texts = ({"nr": kind(["1", "2", "3"]), "x": [1, 0, 1]} for kind in (lambda v: [float(i) for i in v], list))
    a, b = hp.Survey(numbers, id="nr"), hp.Survey(texts, id="nr")
    with pytest.warns(HiddenpopWarning):
        _ = a.proportion("x") - b.proportion("x")


def test_what_cannot_have_ids_says_so() -> None:
    with pytest.raises(InputError, match="doesn't go with counts="):
        hp.Survey({"nr": [1, 2], "x": [1, 0], "n": [5, 6]}, counts="n", id="nr")
    with pytest.raises(InputError, match="part of the design"):
        hp.Survey(people(), clusters="nr", id="nr")
    with pytest.raises(InputError, match=r"no column 'number'"):
        hp.Survey(people(), id="number")


def test_ids_are_no_answers_and_are_not_kept() -> None:
    survey = hp.Survey(people(), id="nr", replicates=20)
    assert survey.columns == ["treated", "age"]
    assert "nr" not in hp.describe(survey, interval=False).to_pandas().index.get_level_values(0)
    with pytest.raises(InputError, match="'nr' holds the ids of participants, so it is no answer"):
        survey.proportion("nr")
    share = survey.proportion("treated")
    for text in (pickle.dumps(survey), pickle.dumps(share), (share.to_json() or "").encode(), repr(survey).encode()):
        assert b"secret" not in text
    hashed = pd.util.hash_array(people()["nr"].to_numpy(dtype=object))
    assert int(hashed[0]).to_bytes(8, "little") not in pickle.dumps(survey)
    assert pickle.loads(pickle.dumps(survey)).proportion("treated").point == share.point


def test_two_surveys_of_the_same_people_are_recognised() -> None:
    treated = hp.Survey(people(), id="nr").proportion("treated")
    some = people().sample(5, random_state=1).rename(columns={"nr": "client"}).assign(well=[1, 0, 1, 0, 1])
    with pytest.warns(HiddenpopWarning, match="By their ids 5 people of the survey of 60 participants"):
        _ = hp.Survey(some, id="client").proportion("well") / treated
    with pytest.warns(HiddenpopWarning, match="By their ids 5 people"):
        hp.multiplier(treated * 1000, hp.Survey(some, id="client").proportion("well"))
    others = some.assign(client=[f"other {i}" for i in range(5)])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        _ = hp.Survey(others, id="client").proportion("well") / treated
        _ = hp.Survey(some, id="client", name="2012").proportion("well") / hp.Survey(
            people(), id="nr", name="2023"
        ).proportion("treated")


def test_ids_are_no_part_of_what_makes_two_kinds_of_people() -> None:
    """Redraws with ids are by kind, so they are none of those without."""
    with_ids, without = hp.Survey(people(), id="nr"), hp.Survey(people())
    assert with_ids.record.fingerprint != without.record.fingerprint


def test_identical_rows_of_wide_tables_are_told_once() -> None:
    table = pd.concat([wide(25), wide(25).iloc[[3]]], ignore_index=True)
    with pytest.warns(HiddenpopWarning, match=r"2 rows \(row number 3, 500, .*all of their 25 columns") as told:
        survey = hp.Survey(table)
    assert len(told) == 1
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        survey.assign(q1=1).proportion("q1")
        hp.Survey(wide(25))
        hp.Survey(table.assign(nr=range(501)), id="nr")  # ids tell them apart
        hp.Survey(table.assign(n=1), counts="n")


@pytest.mark.parametrize(("columns", "chance"), [(4, 0.5), (12, 0.5), (12, 0.05), (30, 0.02)])
def test_people_who_are_alike_by_chance_are_not_told(columns: int, chance: float) -> None:
    table = wide(columns, chance=chance)
    assert table.duplicated().any()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        hp.Survey(table, weights=None)
    assert identity.identical(table, []) is None


def test_frequencies_of_one_are_frequencies() -> None:
    table = pd.concat([wide(25), wide(25).iloc[[3]]], ignore_index=True).assign(people=1)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        hp.Survey(table, counts="people")


def test_rows_without_answers_say_too_little() -> None:
    table = wide(25).astype(object)
    table.iloc[[10, 20], 1:] = None
    table.iloc[[10, 20], 0] = "yes"
    assert identity.identical(table, []) is None
