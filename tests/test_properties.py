"""Random tables at the public functions: a result or an InputError, nothing else, never a panic."""

import warnings

import hiddenpop as hp
import numpy as np
import pandas as pd
import pytest
from hiddenpop import EstimationError, HiddenpopWarning, InputError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 5),
    st.integers(-(10**18), 10**18),
    st.floats(allow_nan=True, allow_infinity=True),
    st.sampled_from(["", "a", "b", "yes", "no", "é", "1"]),
)
NAMES = ["g", "x", "y", "n", "w"]
HOMOGENEOUS = st.sampled_from(
    [st.booleans(), st.integers(0, 1), st.integers(0, 4), st.floats(-5, 5), st.sampled_from("abc"), VALUES]
)


@st.composite
def tables(draw: st.DrawFn) -> pd.DataFrame:
    rows = draw(st.integers(0, 12))
    some = st.lists(st.sampled_from(NAMES), min_size=1, max_size=5)  # may repeat, and lack what is asked for
    names = draw(st.one_of(st.permutations(NAMES), st.permutations(NAMES), some))
    columns = [pd.Series(draw(st.lists(draw(HOMOGENEOUS), min_size=rows, max_size=rows))) for _ in names]
    table = pd.concat(columns, axis=1) if rows else pd.DataFrame(columns=range(len(names)))
    table.columns = names
    return table


def allowed(function: object) -> object:
    """Call; InputError and EstimationError are answers too, everything else is a bug."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", HiddenpopWarning)
        try:
            return function()  # type: ignore[operator]
        except (InputError, EstimationError) as error:
            assert len(str(error)) > 20
            return None


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    table=tables(),
    strata=st.sampled_from([None, "g", ["g", "x"]]),
    counts=st.sampled_from([None, None, "n"]),
    by=st.sampled_from([None, "g", ["g", "w"]]),
    where=st.sampled_from([None, None, "w"]),
    column=st.sampled_from(["x", "y", "g"]),
    kind=st.sampled_from(["proportion", "mean", "total", "count", "median", "ratio"]),
)
def test_any_table_any_question(table, strata, counts, by, where, column, kind) -> None:  # type: ignore[no-untyped-def]
    survey = allowed(lambda: hp.Survey(table, strata=strata, counts=counts, replicates=20))
    if survey is None:
        return
    more = ("y",) if kind == "ratio" else ()
    est = allowed(lambda: getattr(survey, kind)(column, *more, by=by, where=where))
    if est is None:
        return
    assert est.draws.shape == (len(est.labels), 20)
    summary = allowed(est.summary)
    assert summary is None or list(summary.index) == list(est.labels)
    assert isinstance(repr(est), str)
    assert isinstance(est._repr_html_(), str)
    if kind == "proportion":
        known = est.draws[~np.isnan(est.draws)]
        assert ((known >= 0) & (known <= 1)).all()
        size = allowed(lambda: hp.multiplier(1e6, est))
        if size is not None:
            allowed(size.summary)


@settings(max_examples=60, deadline=None)
@given(
    counts=st.lists(st.integers(0, 400), min_size=2, max_size=12).filter(lambda c: sum(c) >= 2),
    seed=st.integers(0, 2**64 - 1),
)
def test_redraws_keep_the_sample_size_and_the_kinds(counts: list[int], seed: int) -> None:
    survey = hp.Survey({"x": [f"k{i}" for i in range(len(counts))], "n": counts}, counts="n", seed=seed, replicates=50)
    drawn = survey.count("x").draws
    assert (drawn.sum(axis=0) == sum(counts)).all()
    assert (drawn >= 0).all()
    present = {f"k{i}" for i, c in enumerate(counts) if c > 0}
    with_people = {label for label, row in zip(survey.count("x").labels, drawn, strict=True) if row.any()}
    assert with_people <= present


@settings(max_examples=60, deadline=None)
@given(point=st.floats(10, 1e6), up=st.floats(0.01, 3), down=st.floats(0.01, 0.5), level=st.floats(0.5, 0.99))
def test_published_meets_its_numbers_or_refuses(point: float, up: float, down: float, level: float) -> None:
    lower, upper = point * (1 - down), point * (1 + up)
    est = allowed(lambda: hp.published(point, lower, upper, level=level))
    if est is not None:
        ends = est.interval(level).iloc[0]
        assert ends["lower"] == pytest.approx(lower, rel=1e-6)
        assert ends["upper"] == pytest.approx(upper, rel=1e-6)
        assert (est.draws > 0).all()


@settings(max_examples=100, deadline=None)
@given(st.lists(st.one_of(st.floats(), st.none(), st.text(), st.integers()), min_size=2, max_size=3))
def test_uncertain_inputs_answer_or_refuse(values: list[object]) -> None:
    for make in (hp.beta, hp.uniform, hp.normal) if len(values) == 2 else (hp.triangular, hp.published, hp.lognormal):
        est = allowed(lambda make=make: make(*values, replicates=10))
        if est is not None:
            assert np.isfinite(est.draws).all()
