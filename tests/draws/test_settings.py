"""Defaults of evaluation."""

import hiddenpop as hp
import pytest
from hiddenpop import InputError


def test_settings_hold_within_a_block() -> None:
    before = repr(hp.settings())
    with hp.settings(replicates=50, seed=3, threads=2, progress=False):
        est = hp.Survey({"x": [1, 0]}).mean("x")
        assert est.draws.shape == (1, 50)
        assert "replicates=50" in repr(hp.settings())
    assert repr(hp.settings()) == before
    try:
        hp.settings(replicates=77)
        assert hp.Survey({"x": [1, 0]}).replicates == 77
    finally:
        hp.settings(replicates=10_000)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"replicates": 1}, "2 at least"),
        ({"replicates": "many"}, "whole number"),
        ({"threads": 0}, "outside 1 to"),
        ({"threads": 10**6}, "outside 1 to"),
        ({"seed": 2**64}, "outside 0 to"),
        ({"seed": 1.5}, "whole number"),
    ],
)
def test_bad_settings(options: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        hp.settings(**options)  # type: ignore[arg-type]
