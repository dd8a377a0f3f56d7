"""Every public function and method, with one or two of its arguments replaced by what nobody would give.

It answers, or refuses in words with `InputError` or `EstimationError`; no other exception, no other library's warning, no `nan`
for a number that exists, and no call that never ends.
"""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from . import hostile, zoo
from .effort import rounds
from .harness import kind, show, verdict


def _hostile_call(call: zoo.Call, rng: np.random.Generator) -> tuple[str, Any]:
    """Return a call with one or two arguments replaced, and how to write it."""
    given, named = list(call.given), dict(call.named)
    places: list[int | str] = [*range(len(given)), *{**call.more, **named}]
    written = []
    if places:
        for place in rng.choice(
            np.array(places, dtype=object), min(len(places), int(rng.integers(1, 3))), replace=False
        ):
            which = str(rng.choice(list(hostile.VALUES)))
            if call.name.endswith("pow, reflected") and which.startswith("Fraction"):
                continue  # Python itself makes a float of a fraction before it asks the other side
            written.append(f"{place}={which}")
            if isinstance(place, str):
                named[place] = hostile.VALUES[which]()
            else:
                given[int(place)] = hostile.VALUES[which]()
    return f"{call.name}({', '.join(written)})", lambda: call.function(*given, **named)


def test_calls_answer_or_refuse_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # for what calls write
    calls = zoo.everything()
    wrong: dict[str, str] = {}
    kinds: set[str] = set()
    made = 0
    for rng in rounds(100):
        name, call = _hostile_call(calls[int(rng.integers(len(calls)))], rng)
        found = verdict(call)
        made += 1
        if found is not None and kind(found) not in kinds:
            kinds.add(kind(found))
            wrong[name] = found
    print(f"{made:,} calls of {len(calls):,} callables")
    assert not wrong, show(wrong)
