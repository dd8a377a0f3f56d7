"""Defaults of evaluation."""

import threading
from concurrent.futures import ThreadPoolExecutor

import hiddenpop as hp
import pytest
from hiddenpop import InputError
from hiddenpop.draws import settings


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


def test_a_block_is_no_business_of_other_threads() -> None:
    begun, over = threading.Event(), threading.Event()

    def block(seed: int) -> tuple[int, int]:
        with hp.settings(replicates=111, seed=seed):
            begun.set()
            assert over.wait(5)
            survey = hp.Survey({"x": [1, 0, 1]})
            return survey.replicates, survey.seed

    before = repr(hp.settings())
    with ThreadPoolExecutor(3) as pool:
        inside = [pool.submit(block, seed) for seed in (7, 8)]
        assert begun.wait(5)
        other = hp.Survey({"x": [1, 0, 1]})
        over.set()
        assert [one.result(5) for one in inside] == [(111, 7), (111, 8)]
    assert (other.replicates, other.seed) == (10_000, 0)
    assert repr(hp.settings()) == before


def test_blocks_of_many_threads_leave_nothing_behind() -> None:
    before = repr(hp.settings())

    def often(seed: int) -> bool:
        for _ in range(200):
            with hp.settings(seed=seed, replicates=50):
                if settings.defaults().seed != seed:
                    return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(often, range(1, 9)))
    assert repr(hp.settings()) == before


def test_what_is_set_for_good_is_set_for_all_threads_and_blocks_nest() -> None:
    try:
        hp.settings(replicates=77)
        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(lambda: hp.Survey({"x": [1, 0]}).replicates).result(5) == 77
        with hp.settings(seed=1):
            with hp.settings(replicates=60):
                assert (settings.defaults().seed, settings.defaults().replicates) == (1, 60)
            hp.settings(seed=2)  # until the block ends
            assert (settings.defaults().seed, settings.defaults().replicates) == (2, 77)
        assert settings.defaults().seed == 0
        for _ in range(settings.MANY_CHANGES + 5):
            hp.settings(replicates=78)
        assert settings.defaults().replicates == 78
    finally:
        hp.settings(replicates=10_000)
