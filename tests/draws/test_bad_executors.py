"""Executors that lose, double, delay or change what they are given: an error that names the range, and nothing half."""

import dataclasses
import threading
import time
from collections.abc import Callable
from concurrent.futures import CancelledError, Executor, Future, ThreadPoolExecutor
from typing import Any

import hiddenpop as hp
import numpy as np
import pytest
from hiddenpop import EstimationError, InputError
from hiddenpop.draws import settings
from hiddenpop.expression import evaluate


class Odd(Executor):
    """Changes each answer."""

    def __init__(self, change: Callable[[Any], Any]) -> None:
        self.change = change

    def submit(self, function: Any, /, *args: Any, **_: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(self.change(function(*args)))
        except Exception as error:
            future.set_exception(error)
        return future


class Twice(Odd):
    """Answers each range twice."""

    def __init__(self) -> None:
        super().__init__(lambda answer: answer)

    def submit(self, function: Any, /, *args: Any, **_: Any) -> Future[Any]:
        future = super().submit(function, *args)
        add = future.add_done_callback
        future.add_done_callback = lambda call: (add(call), add(call))  # type: ignore[method-assign,assign,func-returns-value]
        return future


class Same(Odd):
    """Hands out the first Future for all ranges."""

    def __init__(self) -> None:
        super().__init__(lambda answer: answer)
        self.first: Future[Any] | None = None

    def submit(self, function: Any, /, *args: Any, **_: Any) -> Future[Any]:
        self.first = self.first or super().submit(function, *args)
        return self.first


class Silent(Executor):
    """Never answers."""

    def __init__(self) -> None:
        self.futures: list[Future[Any]] = []

    def submit(self, function: Any, /, *args: Any, **_: Any) -> Future[Any]:
        self.futures.append(Future())
        return self.futures[-1]


class Refusing(Executor):
    """Takes nothing."""

    def submit(self, function: Any, /, *args: Any, **_: Any) -> Future[Any]:
        raise MemoryError("queue full")


class Futureless(Executor):
    """Gives the answer itself."""

    def submit(self, function: Any, /, *args: Any, **_: Any) -> Any:
        return function(*args)


def raising(error: BaseException) -> Callable[[Any], Any]:
    def change(_: Any) -> Any:
        raise error

    return change


def of(**changes: Any) -> Callable[[Any], Any]:
    return lambda answer: dataclasses.replace(
        answer, **{name: value(answer) if callable(value) else value for name, value in changes.items()}
    )


ODD: dict[str, tuple[Callable[[], Executor], str]] = {
    "no draws": (lambda: Odd(of(blocks=None)), "has no draws"),
    "None": (lambda: Odd(lambda _: None), "answered with a NoneType"),
    "too few draws": (lambda: Odd(of(blocks=lambda a: [b[:, :-1] for b in a.blocks])), "shape"),
    "transposed": (lambda: Odd(of(blocks=lambda a: [b.T for b in a.blocks])), "labels"),
    "flat": (lambda: Odd(of(blocks=lambda a: [b.ravel() for b in a.blocks])), "shape"),
    "no statistics": (lambda: Odd(of(blocks=[])), "labels"),
    "twice as many": (lambda: Odd(of(blocks=lambda a: a.blocks * 2)), "labels"),
    "other labels": (lambda: Odd(of(blocks=lambda a: [np.vstack([b, b]) for b in a.blocks])), "labels"),
    "texts": (lambda: Odd(of(blocks=lambda a: [b.astype(str) for b in a.blocks])), "type <U"),
    "single precision": (lambda: Odd(of(blocks=lambda a: [b.astype(np.float32) for b in a.blocks])), "float32"),
    "lists": (lambda: Odd(of(blocks=lambda a: [b.tolist() for b in a.blocks])), "no list of arrays"),
    "another range": (lambda: Odd(of(asked=lambda a: (a.asked[0], a.asked[1] + 1, a.asked[2] + 1))), "another range"),
    "another question": (lambda: Odd(of(asked=lambda a: ("x", *a.asked[1:]))), "another question"),
    "no time": (lambda: Odd(of(seconds=float("nan"))), "how long"),
    "a foreign error": (lambda: Odd(of(error=ValueError("x"))), "its error is a ValueError"),
    "raises": (lambda: Odd(raising(ZeroDivisionError("x"))), "ZeroDivisionError"),
    "cancelled": (lambda: Odd(raising(CancelledError())), "CancelledError"),
    "twice": (Twice, "twice"),
    "one future": (Same, "one Future for two ranges"),
    "refuses": (Refusing, "MemoryError: queue full"),
    "no future": (Futureless, "for a Future"),
}


@pytest.mark.parametrize("name", ODD)
def test_what_an_executor_answers_is_not_believed(name: str) -> None:
    made, said = ODD[name]
    estimate = hp.Survey({"x": [1, 0, 0, 1] * 25}, replicates=2000).mean("x")
    with hp.settings(executor=made()), pytest.raises(EstimationError, match="of 2,000 replicates") as caught:
        _ = estimate.draws
    assert said in str(caught.value)
    # A second answer and a second Future are named by the range that is left, if any.
    assert name == "twice" or "with replicates" in str(caught.value)
    assert evaluate.kept_draws(estimate.node) is None
    assert estimate.draws.shape == (1, 2000)  # made here, as if nothing had been


def test_a_stuck_executor_is_left_after_the_timeout() -> None:
    survey = hp.Survey({"x": [1, 0, 0, 1] * 25}, replicates=2000)
    silent = Silent()
    began = time.monotonic()
    with (
        hp.settings(timeout=0.3),
        pytest.raises(EstimationError, match=r"nothing came back for 0\.3 seconds, under way: replicates 0 to"),
    ):
        survey.mean("x", executor=silent)
    assert time.monotonic() - began < 2
    assert silent.futures
    assert all(future.cancelled() for future in silent.futures)


@pytest.mark.parametrize("timeout", [0, -1, float("nan"), "soon"])
def test_a_timeout_is_a_time(timeout: Any) -> None:
    with pytest.raises(InputError, match="timeout"):
        hp.settings(timeout=timeout)
    assert settings.defaults().timeout is None


def test_a_worker_has_none_of_the_callers_executor() -> None:
    # Handing work on to the pool that one works for would wait for ever.
    def nested(weights: np.ndarray) -> float:
        if threading.current_thread() is not threading.main_thread():  # where it is tried once
            assert settings.defaults().executor is None
        return float(weights[0])

    try:
        with ThreadPoolExecutor(1) as pool:
            hp.settings(executor=pool)
            assert hp.Survey({"x": [1, 0, 1]}, replicates=50).replicate(nested).draws.shape == (1, 50)
    finally:
        hp.settings(executor=None)
