"""Arithmetic of thousands of steps: by the step, and deeper than Python's stack goes."""

from __future__ import annotations

import sys

import hiddenpop as hp
import numpy as np
import pytest
from hiddenpop.expression import graph
from hiddenpop.expression.nodes import Node

STEPS = 2 * sys.getrecursionlimit()


def test_a_long_sum_is_what_it_adds_up_to() -> None:
    share = hp.Survey({"x": [1, 0, 1, 1, 0, 0, 1, 0]}, replicates=20).proportion("x")
    total = share
    for _ in range(STEPS):
        total = total + share
    np.testing.assert_allclose(total.draws, (STEPS + 1) * share.draws, rtol=1e-12)
    assert total.se("linearized") == pytest.approx((STEPS + 1) * share.se("linearized"))
    assert repr(total)
    assert total.methods()


def test_a_step_looks_at_what_is_new(monkeypatch: pytest.MonkeyPatch) -> None:
    looked = 0
    walk = graph.walk

    def counting(node: Node, **how: object) -> list[Node]:
        nonlocal looked
        found = walk(node, **how)  # type: ignore[arg-type]
        looked += len(found)
        return found

    monkeypatch.setattr(graph, "walk", counting)
    share = hp.Survey({"x": [1, 0, 1, 1, 0, 0, 1, 0]}, replicates=20).proportion("x")
    total = share
    for _ in range(300):
        total = total + share
    # A step has two arguments and itself, and is asked for its sources some times; 300 walks of all would be 45,000.
    assert looked < 300 * 20


def test_sources_stand_in_the_order_of_their_first_use() -> None:
    a, b, c = hp.beta(2, 3, name="a"), hp.beta(2, 3, name="b"), hp.beta(2, 3, name="c")
    node = ((b + a) * (c + b)).node
    assert [one.origin for one in graph.sources(node)] == [one.node.origin for one in (b, a, c)]
