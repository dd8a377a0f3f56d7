"""Saved estimates that somebody damaged or made up: InputError, or an estimate that works; nothing else."""

import base64
import copy
import io
import json
import warnings
import zlib
from collections.abc import Callable
from contextlib import redirect_stderr
from functools import cache
from typing import Any

import hiddenpop as hp
import numpy as np
import pytest
from hiddenpop import EstimationError, InputError
from hiddenpop.ground import records
from hiddenpop.uncertainty import interval_methods

from ..draws import test_travel
from .effort import MINUTES, rounds

#: What sits in JSON in place of something else.
ODD = [
    None, True, False, 0, -1, 1, 2, 7, 0.5, -0.5, 1e308, -1e308, 1e-320, 2**53, 2**64, 2**127, 10**30, "", "a", "x" * 500, [], {},
    [0], [[0.5]], {"node": 0}, {"node": -1}, {"node": 99}, {"float": "nan"}, {"float": "inf"}, {"integer": "9" * 39}, {"tuple": []},
    {"tuple": ["a"]}, {"array": []}, {"array": [0.5]}, {"array": [[0.5]]}, {"index": ["a"], "names": [None]},
    {"sealed": "number 00"},
    {"type": "Constant", "point": {"array": [1.0]}}, {"time": "2020"}, {"date": "2020-01-01"}, {"period": "2020", "freq": "Y"},
    {"interval": [1, 2], "closed": "left"}, "share", "size", "event", "mean", "=1+1", "\u0000", "~ os", "~ 1",
]  # fmt: skip


@cache
def saved() -> tuple[str, ...]:
    """Return a file of each kind of estimate, with draws and without."""
    found = []
    with warnings.catch_warnings(), hp.settings(replicates=40):
        warnings.simplefilter("ignore")
        for make in test_travel.CASES.values():
            made = make()
            found += [made.to_json(), made.to_json(draws=False)]
        people = hp.multiplier(
            {f"{test_travel.PLANTED} f": 900, f"{test_travel.PLANTED} m": 800},
            test_travel.survey().proportion("c", by="group"),
        )
        found += [
            one.to_json() for one in (people.sum(), people > 1000, hp.concat({2012: people, 2024: people}).per(1e6))
        ]
    return tuple(text for text in found if text)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """List the places of all values within a value."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(one for key, part in inside for one in places(part, (*path, key)))]


def holder(record: Any, path: tuple[Any, ...]) -> Any:
    """Return what holds the value at a place."""
    for key in path[:-1]:
        record = record[key]
    return record


def at(record: Any, path: tuple[Any, ...]) -> Any:
    """Return the value at a place."""
    return holder(record, path)[path[-1]]


def changed(text: str, rng: np.random.Generator) -> str:
    """Change one to three values, and the checksum with them."""
    record = json.loads(text)
    for _ in range(rng.integers(1, 4)):
        every = [path for path in places(record) if path and path[0] not in ("checksum", "about", "notes", "hiddenpop")]
        path = every[rng.integers(len(every))]
        within, key, value = holder(record, path), path[-1], at(record, path)
        match rng.integers(8):
            case 0:
                within[key] = copy.deepcopy(ODD[rng.integers(len(ODD))])
            case 1:
                del within[key]
            case 2:
                other = every[rng.integers(len(every))]
                within[key] = copy.deepcopy(at(record, other))
            case 3 if isinstance(value, list) and value:
                value.append(copy.deepcopy(value[rng.integers(len(value))]))
            case 4 if isinstance(value, (int, float)) and not isinstance(value, bool):
                within[key] = [value * 10, -value, value + 1, value * 1e6, float(value), int(value)][rng.integers(6)]
            case 5 if isinstance(value, list) and value:
                value.pop(rng.integers(len(value)))
            case 6 if isinstance(value, str):
                within[key] = value[: rng.integers(len(value) + 1)] + "z" * int(rng.integers(3))
            case 7 if isinstance(value, dict) and "replicates" in value and len(value) == 3:
                count = int(value["replicates"])
                drawn = [np.full(count, 7.0), np.full(count, np.nan), rng.normal(size=count), np.zeros(count + 1)][
                    rng.integers(4)
                ]
                packed = base64.b64encode(zlib.compress(drawn.tobytes())).decode()
                value["zlib+base64 of little-endian doubles"] = packed
    try:
        record["checksum"] = records.checksum(record)
        return json.dumps(record)
    except (TypeError, ValueError):
        return text


def damaged(text: str, rng: np.random.Generator) -> str:
    """Damage the text itself."""
    place = int(rng.integers(len(text)))
    match rng.integers(4):
        case 0:
            return text[:place]
        case 1:
            return text[:place] + chr(int(rng.integers(1, 0x2FF))) + text[place + 1 :]
        case 2:
            end = int(rng.integers(place, len(text) + 1))
            return text[:end] + text[place:end] + text[end:]
        case _:
            odd = ["[" * 5000, "9" * 5000, "NaN", "1e999999", '{"a":' * 5000, "-", "\ud800"][rng.integers(7)]
            return text[:place] + odd + text[place:]


#: What can be asked of any estimate.
USES: dict[str, Callable[..., Any]] = {
    "repr": repr,
    "html": lambda est: est._repr_html_(),
    "summary": lambda est: est.summary(),
    "methods": lambda est: est.methods(),
    **{name: lambda est, name=name: est.interval(method=name) for name in interval_methods.METHODS},
    "level": lambda est: est.interval(level=0.9),
    "se": lambda est: est.se(),
    "vcov": lambda est: est.vcov(),
    "quantile": lambda est: est.quantile(0.3),
    "draws": lambda est: est.draws,
    "cv": lambda est: est.cv(),
    "normal": lambda est: est.to_normal(),
    "sum": lambda est: est.sum().summary(),
    "replay": lambda est: est.replay(seed=1).summary(),
    "difference": lambda est: (est - est).summary(),
    "square": lambda est: (est * est).summary(),
    "share": lambda est: (1 / est).summary(),
    "prob": lambda est: hp.prob(est > 0.5),
    "pick": lambda est: est[est.labels[0]],
    "save": lambda est: hp.read_estimate(est.to_json() or ""),
    "save points": lambda est: hp.read_estimate(est.to_json(draws=False) or ""),
    "report": lambda est: hp.Report("r", suppress_below=5).add(est).to_json(),
}


def use(text: str) -> bool:
    """Read a file and, if it is believed, ask everything of it; return whether it was."""
    with warnings.catch_warnings(), redirect_stderr(io.StringIO()):
        warnings.simplefilter("ignore")
        try:
            est = hp.read_estimate(text)
        except InputError:
            return False
        for name, ask in USES.items():
            try:
                ask(est)
            except (InputError, EstimationError):
                pass
            except Exception as error:
                raise AssertionError(f"{name} of {text}") from error
    return True


def test_what_was_saved_is_read_and_works() -> None:
    for text in saved() if MINUTES else saved()[::15]:
        assert use(text)


@pytest.mark.parametrize("tamper", [changed, damaged])
def test_a_file_that_was_tampered_with_is_refused_or_works(tamper: Callable[[str, np.random.Generator], str]) -> None:
    tried = believed = 0
    for rng in rounds(60):
        files = saved()
        text = files[rng.integers(len(files))]
        made = tamper(text, rng)
        taken = use(made)
        tried, believed = tried + 1, believed + taken
        # Damage without a new checksum is believed only where the file says the same (other spaces); with one it often is.
        if taken and tamper is damaged:
            assert json.loads(made) == json.loads(text)
    print(f"{tried:,} files, {believed:,} believed")
    assert tamper is damaged or believed > 0


def test_damage_is_always_seen() -> None:
    """With its checksum as it was, a file is the same estimate or none."""
    for rng in rounds(40):
        text = saved()[rng.integers(len(saved()))]
        again = damaged(text, rng)
        try:
            read = hp.read_estimate(again)
        except InputError:
            continue
        assert json.loads(read.to_json(draws=False) or "")["estimate"] == json.loads(text)["estimate"]
