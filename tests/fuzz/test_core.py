"""Every door of the core, with arguments that nobody would give: an exception of Python's or an answer, in bounded time.

Doors are found by looking at the module, so that a new one can't be forgotten; what they take is read from the stub. A panic is
a BaseException (PyO3) or a RuntimeError of ours that asks to be reported: both fail here. The calls are made in a process of its
own, which an abort or an endless loop would end.
"""

import ast
import functools
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from hiddenpop import _core

from .effort import MINUTES, rounds

STUB = Path(_core.__file__).with_name("_core.pyi")
#: What is asked for may be long; then a signal must end it. Seconds until the signal, and until it must have been heard.
SIGNAL, HEARD = 0.3, 10.0
#: Calls of a short run.
CALLS = 8_000
NUMBERS = [0, 1, 2, 3, 5, 17, 50, 2**31, 2**32 - 1, 2**32, 2**63, 2**64 - 1, 2**64, 2**128, -1, 1.5, None, "x", True]
REALS = [
    0.0,
    1.0,
    0.5,
    -1.0,
    2.5,
    float("nan"),
    float("inf"),
    float("-inf"),
    1e300,
    -1e300,
    5e-324,
    1e-300,
    3,
    "x",
    None,
]
WORDS = [
    "raking", "linear", "logit", "gaussian", "binomial", "poisson", "log-binomial", "AIC", "AICc", "BIC", "log-uniform", "uniform",
    "normal", "beta", "triangular", "shifted lognormal", "semiparametric", "nonparametric", "parametric", "ztpoisson", "ztnegbin",
    "chao", "zelterman", "oichao", "chao_adjusted", "oichao_adjusted", "ratio_regression_log", "", "x", "\0", 3, None,
]  # fmt: skip


@functools.cache
def families() -> list[str]:
    """Return the names that Rust knows, as Python writes them."""
    from hiddenpop.counts import families  # noqa: PLC0415 (not needed by other fuzzers)

    text = Path(families.__file__).read_text()
    found = {node.value for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Constant)}
    return [name for name in found if isinstance(name, str) and name.isidentifier()]


Signature = tuple[list[tuple[str, ast.expr]], bool]


def signatures() -> dict[str, Signature]:
    """Return of each function and method what it takes, by the stub."""
    found: dict[str, Signature] = {}
    for node in ast.parse(STUB.read_text()).body:
        members = node.body if isinstance(node, ast.ClassDef) else [node]
        for member in members:
            if not isinstance(member, ast.FunctionDef):
                continue
            name = f"{node.name}.{member.name}" if isinstance(node, ast.ClassDef) else member.name
            decorators = {d.id for d in member.decorator_list if isinstance(d, ast.Name)}
            bound = isinstance(node, ast.ClassDef) and "staticmethod" not in decorators
            arguments = member.args.args[1:] if bound else member.args.args
            takes = [(a.arg, a.annotation) for a in arguments if a.annotation is not None]
            found[name] = (takes, "property" in decorators)
    return found


def doors() -> list[str]:
    """Return everything in the module that can be called or read."""
    found = []
    for name in dir(_core):
        held = getattr(_core, name)
        if name.startswith("__") or isinstance(held, (int, str)):
            continue
        if isinstance(held, type):
            found += [f"{name}.{member}" for member in vars(held) if not member.startswith("__") or member == "__new__"]
        else:
            found.append(name)
    return found


def opened() -> dict[str, list[Any]]:
    """Make one of each class as the package does, so that its methods are called from the first round on."""
    whole, real = functools.partial(np.array, dtype=np.uint32), functools.partial(np.array, dtype=float)
    people = np.ones(8, dtype=np.uint64)
    half = whole([0, 1] * 4)
    design = _core.Design.resample(half, people)
    x, y = real([1, 2, 4, 3, 6, 5, 8, 9]), real([0, 1, 0, 1, 0, 0, 1, 1])
    counts = real([0, 9, 8, 5, 7, 4, 3, 2])
    model = _core.CountModel("ztpoisson", [np.ones((1, 1))], whole([0] * 3), whole([1, 2, 3]), real([30, 12, 4]))
    nobody = np.iinfo(np.uint32).max
    peers = _core.Design.recruited(
        "tree",
        True,
        whole([nobody, nobody, 0, 0, 1, 2, 3, 4]),
        whole(range(8)),
        whole([0] * 8),
        half,
        real([4] * 8),
        np.ones(8),
        real([0]),
        np.zeros((0, 1)),
        False,
        False,
        False,
    )
    made = [
        design,
        _core.Recruitment(peers, np.array([0, 1] * 4, dtype=np.uint8), 2),
        _core.Visibilities(
            whole([3, 4, 2, 5]), 99, whole([1, 1, 0, 0]), whole([2] * 4), real([0.1, 0.2, 0.3, 0.4]), 8, "conway_maxwell_poisson",
            (4, 1, 2, 3), True, (0, 0.1), (-1, 0.5), [(0, 1)] * 3, np.zeros(20), 1, 1, 1,
        ),
        _core.Totals(design, [x, (whole([1, 4]), real([2, 3]))]),
        _core.Covariance(design, [x, y], [(0, 0), (0, 1), (1, 1)]),
        _core.Quantiles(design, [x], [0.5], True),
        _core.Regression(
            design, "gaussian", np.stack([np.ones(8), y], axis=1), x, np.zeros(8), whole(range(8)), np.ones(8), np.zeros(2), []
        ),
        _core.ListsRedraw(np.sort(half), np.ones(8), people[:2] * 4),
        _core.LogLinear([[1, 2, 4]], np.array([0.0] + 7 * [1.0])),
        _core.ListsPeople(whole(range(8)), people, 8),
        _core.ConditionalFit(2, True, np.ones((3, 1)), whole([1, 2, 3]), whole([0] * 3), 1),
        _core.LatentClasses(counts, 2, (0.25, 0.25), (0, 100), 1, 0, 0),
        model,
        model.fit(),
    ]  # fmt: skip
    return {type(one).__name__: [one] for one in made}


class Odd:
    """Makes arguments, most of them of the right kind and few of the right size."""

    def __init__(self, rng: np.random.Generator, made: dict[str, list[Any]]) -> None:
        self.rng, self.made = rng, made
        # Most sizes agree, or no door would open.
        self.size = int(rng.choice([1, 2, 4, 8, 16, 3, 0]))
        self.families = families()

    def pick(self, values: list[Any]) -> Any:
        return values[int(self.rng.integers(len(values)))]

    def odd(self, share: float = 0.1) -> bool:
        return bool(self.rng.random() < share)

    def argument(self, name: str, of: ast.expr) -> Any:
        said = ast.unparse(of)
        if self.odd(0.02):
            return self.pick(
                [None, "x", 3, [], np.zeros(3), np.zeros((2, 2), dtype=bool), object(), np.zeros(4, dtype=">f8")]
            )
        if "None" in said and self.odd(0.4):
            return None
        if said.split(" |")[0] in self.made:
            return self.pick(self.made[said] or [None])
        if said.startswith(("Sequence", "tuple")):
            return self.sequence(name, of)
        if "NDArray" in said:
            return self.array(name, said)
        if said == "str":
            return self.pick(WORDS + self.families if self.odd(0.7) else [*WORDS[:27]])
        if said == "bool":
            return self.pick([True, False, True, False, 3])
        if said == "float":
            return self.pick(REALS) if self.odd(0.4) else float(self.rng.random())
        return self.whole(name)

    def whole(self, name: str) -> Any:
        if self.odd(0.15):
            return self.pick(NUMBERS)
        return {
            "threads": lambda: self.pick([1, 1, 2, 0]),
            "start": lambda: self.pick([0, 0, 3, 2**64 - 9]),
            "stop": lambda: self.pick([0, 4, 9, 2**64 - 1, 2**64 - 5]),
            "most": lambda: self.pick([0, 3, 500]),
            "draws": lambda: self.pick([0, 2, 5]),
            "thin": lambda: self.pick([0, 1, 2]),
            "lists": lambda: self.pick([1, 2, 3, 4]),
            "chains": lambda: self.pick([0, 1, 2]),
        }.get(name, lambda: int(self.rng.integers(0, 6)))()

    def sequence(self, name: str, of: ast.expr) -> Any:
        assert isinstance(of, (ast.Subscript, ast.BinOp))
        of = of.left if isinstance(of, ast.BinOp) else of
        assert isinstance(of, ast.Subscript)
        inside = of.slice
        if isinstance(inside, ast.Tuple):
            return tuple(self.argument(name, part) for part in inside.elts)
        return [self.argument(name, inside) for _ in range(int(self.rng.integers(0, 4)))]

    def array(self, name: str, said: str) -> np.ndarray:  # noqa: PLR0912 (each branch is one oddity)
        flat = name not in {
            "x",
            "drawn",
            "factors",
            "weights",
            "counts",
            "tables",
            "draws",
            "designs",
            "targets",
            "values",
        }
        size = self.size if not self.odd(0.15) else int(self.rng.integers(0, 9))
        shape: Any = (size,) if flat ^ self.odd(0.3) else (size, int(self.rng.integers(0, 5)))
        if name in {"x", "targets"} and self.odd(0.6):
            shape = (self.size, self.size)  # as many coefficients as rows: the other arrays are of that length
        if name in {"counts", "tables"} and self.odd(0.5):
            shape = (2, self.size)
        values = self.rng.integers(0, 3, shape) if self.odd(0.7) else self.rng.integers(1, 90, shape)
        if "uint32" in said or "uint64" in said:
            array = values.astype(np.uint32 if "uint32" in said else np.uint64)
            if self.odd() and array.size:
                array.flat[int(self.rng.integers(array.size))] = np.iinfo(array.dtype).max
            if self.odd(0.5):
                array.sort(axis=-1)
        else:
            array = values.astype(float) if self.odd(0.6) else self.rng.random(shape)
            if self.odd() and array.size:
                array.flat[int(self.rng.integers(array.size))] = self.pick(REALS[:12])
            if name == "open":
                array = np.minimum(array, 1)
        if self.odd(0.03):
            array = array[::2]
        if self.odd(0.03):
            array = np.asfortranarray(array)
        if self.odd(0.03):
            array.flags.writeable = False
        if self.odd(0.02):
            with np.errstate(invalid="ignore", over="ignore"):
                array = array.astype(self.pick([np.float32, np.int64, object, bool]))
        if self.odd(0.01):
            array = self.pick(
                [
                    np.empty((2**40, 0)),
                    np.empty((0, 2**40)),
                    np.broadcast_to(1.0, (2**20, 2**20)),
                    np.broadcast_to(1.0, 2**40),
                ]
            )
        return array


def used(name: str, made: dict[str, list[Any]], odd: Odd, takes: Signature) -> Callable[[], Any] | None:
    """Return a call of a door; None where nothing was made yet to call it on."""
    owner, _, member = name.partition(".")
    arguments, is_property = takes
    values = [odd.argument(argument, of) for argument, of in arguments]
    if not member:
        return lambda: getattr(_core, owner)(*values)
    kind = getattr(_core, owner)
    if member == "__new__":
        return lambda: kind(*values)
    if member in {"resample", "dirichlet", "nested"}:
        return lambda: getattr(kind, member)(*values)
    if not made[owner]:
        return None
    one = odd.pick(made[owner])
    return lambda: getattr(one, member) if is_property else getattr(one, member)(*values)


def restored(made: dict[str, list[Any]], odd: Odd) -> Callable[[], Any] | None:
    """Return a call that restores something from bytes that were changed, the sum as well where that is possible."""
    kinds = [kind for kind, held in made.items() if held and hasattr(held[0], "_restore")]
    if not kinds:
        return None
    restore, arguments = odd.pick(made[odd.pick(kinds)]).__reduce__()
    data = bytearray(arguments[-1])
    for _ in range(int(odd.rng.integers(0, 3))):
        data[int(odd.rng.integers(len(data)))] = int(odd.rng.integers(256))
    return lambda: restore(*arguments[:-1], bytes(data))


def call_all(
    rng: np.random.Generator, made: dict[str, list[Any]], known: dict[str, Signature], names: list[str]
) -> str | None:
    """Make one call; say what it should not have done."""
    odd = Odd(rng, made)
    name = odd.pick([*names, "_restore"])
    call = restored(made, odd) if name == "_restore" else used(name, made, odd, known[name])
    if call is None:
        return None
    began = time.monotonic()
    result, failure = None, None
    try:
        try:
            # Within, because on a busy machine the signal may come at once.
            signal.setitimer(signal.ITIMER_REAL, SIGNAL)
            result = call()
        except (TimeoutError, MemoryError, ValueError, TypeError, OverflowError, AttributeError):
            pass
        except BaseException as error:
            failure = error
        signal.setitimer(signal.ITIMER_REAL, 0)
    except TimeoutError:  # just now
        pass
    if failure is not None:
        return f"{name}: {type(failure).__name__}: {failure}"
    taken = time.monotonic() - began
    if type(result).__name__ in made:
        kept = made[type(result).__name__]
        kept.append(result)
        del kept[1:-20]  # the first one is as good as the package's own
    return f"{name} took {taken:.0f} s" if taken > HEARD else None


def alarm(*_: object) -> None:
    """End what takes long."""
    raise TimeoutError


def run() -> None:
    """Call doors, round after round; what fails is printed."""
    known = signatures()
    signal.signal(signal.SIGALRM, alarm)
    names = [name for name in doors() if not name.endswith("._restore")]
    made = opened()
    failures, calls = 0, 0
    for number, rng in enumerate(rounds(CALLS)):
        found = call_all(rng, made, known, names)
        calls += 1
        if found:
            failures += 1
            print(number, found, flush=True)
        if failures > 10:
            break
    print(f"calls: {calls:,}")
    # What the fuzzer made itself, of arguments of its own.
    print("opened:", *sorted(name for name, held in made.items() if len(held) > 1))


def test_no_door_is_forgotten() -> None:
    known = signatures()
    for name in doors():
        if not name.endswith("._restore"):
            assert name in known, f"{name} is not in the stub"
    restorable = {name.split(".")[0] for name in doors() if name.endswith("._restore")}
    assert restorable >= {"Design", "Totals", "Quantiles", "Regression", "ListsRedraw", "ListsPeople", "ConditionalFit"}


def test_each_class_is_opened() -> None:
    assert set(opened()) == {name for name in dir(_core) if isinstance(getattr(_core, name), type)}


def test_doors_give_an_answer_or_an_exception() -> None:
    process = subprocess.run(
        [sys.executable, "-X", "faulthandler", "-c", "from tests.fuzz.test_core import run; run()"],
        cwd=Path(__file__).parents[2],
        env={**os.environ, "RUST_BACKTRACE": "0"},
        capture_output=True,
        text=True,
        timeout=60 * MINUTES + 120,
        check=False,
    )
    assert process.returncode == 0, process.stdout[-2000:] + process.stderr[-2000:]
    assert "panicked" not in process.stderr, process.stdout[-2000:] + process.stderr[:2000]
    (made,) = (line for line in process.stdout.splitlines() if line.startswith("opened:"))
    if MINUTES:
        print(process.stdout)
    # A fuzzer that opens nothing finds nothing.
    assert {"Design", "Totals", "Quantiles", "Covariance", "ListsRedraw"} <= set(made.split()[1:])
    wrong = [line for line in process.stdout.splitlines() if line[:1].isdigit()]
    assert not wrong, wrong
