"""Defaults of evaluation."""

import asyncio
import threading
import time
from collections.abc import Iterator
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


def now() -> tuple[int, int]:
    return settings.defaults().replicates, settings.defaults().seed


def test_blocks_that_overlap_take_back_their_own() -> None:
    first, second = hp.settings(seed=1, replicates=50), hp.settings(seed=2)
    hp.settings(replicates=10_000, seed=0)  # what a call by itself set, for good
    first.__enter__()
    second.__enter__()
    assert now() == (50, 2)
    first.__exit__(None, None, None)
    assert now() == (10_000, 2)
    second.__exit__(None, None, None)
    assert now() == (10_000, 0)
    with first, first:
        assert now() == (50, 1)
    assert now() == (10_000, 0)


def test_a_generator_takes_back_its_own_when_it_ends() -> None:
    def generate(seed: int) -> Iterator[int]:
        with hp.settings(seed=seed):
            yield settings.defaults().seed

    one, other = generate(1), generate(2)
    assert (next(one), next(other)) == (1, 2)
    one.close()
    assert now()[1] == 2
    other.close()
    assert now() == (10_000, 0)


def test_tasks_do_not_see_one_another() -> None:
    async def block(seed: int) -> bool:
        with hp.settings(seed=seed):
            await asyncio.sleep(0.01)
            return now()[1] == seed

    async def plain(seed: int) -> bool:
        await asyncio.sleep(0)
        hp.settings(seed=seed)
        await asyncio.sleep(0.01)
        return now()[1] == seed

    async def all_of_them() -> list[bool]:
        return await asyncio.gather(*map(block, range(1, 5)), *map(plain, range(5, 9)))

    assert all(asyncio.run(all_of_them()))
    assert now() == (10_000, 0)


def test_a_call_in_a_thread_holds_for_that_thread() -> None:
    def plain(seed: int) -> int:
        hp.settings(seed=seed)
        time.sleep(0.01)
        return now()[1]

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(plain, range(1, 9))) == list(range(1, 9))
    assert now() == (10_000, 0)


def test_a_block_that_is_about_to_begin_is_no_business_of_other_threads() -> None:
    block = hp.settings(seed=5)
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(now).result(5) == (10_000, 0)
    with block:
        assert now() == (10_000, 5)
    assert now() == (10_000, 0)
    try:
        kept = hp.settings(seed=6)  # by itself, though its object is kept
        assert now() == (10_000, 6)
        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(now).result(5) == (10_000, 6)
        assert "seed=6" in repr(kept)
    finally:
        hp.settings(seed=0)


def test_what_one_cell_of_a_notebook_sets_holds_in_the_next() -> None:
    nbclient, nbformat = pytest.importorskip("nbclient"), pytest.importorskip("nbformat")
    pytest.importorskip("ipykernel")
    cells = [
        "import hiddenpop as hp\nhp.settings(replicates=70)",
        "survey = hp.Survey({'x': [1, 0, 1]}); print(survey.replicates)",
        "with hp.settings(replicates=60):\n    print(hp.Survey({'x': [1, 0, 1]}).replicates)",
        "print(hp.Survey({'x': [1, 0, 1]}).replicates)",
    ]
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    nbclient.NotebookClient(book, timeout=60).execute()
    shown = [cell.outputs[0].text.strip() for cell in book.cells[1:]]
    assert shown == ["70", "60", "70"]
