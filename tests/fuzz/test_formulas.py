"""No text of a formula does anything but compute from columns: soups of its pieces, changed formulas, ways out of sandboxes."""

from __future__ import annotations

import builtins
import sys
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hiddenpop import EstimationError, InputError
from hiddenpop.ground import formulas, matrices

from tests.fuzz.effort import rounds

PIECES = [
    *[
        "+",
        "-",
        "*",
        "/",
        ":",
        "^",
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        "|",
        "~",
        ",",
        ".",
        "=",
        "<",
        ">",
        "&",
        "%",
        "!",
        "@",
        ";",
        "#",
        "'",
        '"',
        "`",
        "\\",
        "**",
        ":=",
        "==",
        "->",
        "in",
        "%in%",
        "0",
        "1",
        "2",
        "9",
        "1e308",
        "99999999999",
    ],
    *[
        "age",
        "g",
        "`my",
        "age`",
        "np",
        "I",
        "C",
        "Q",
        "log",
        "poly",
        "bs",
        "cr",
        "center",
        "scale",
        "contr",
        "Sum",
        "Treatment",
        "lambda",
        "if",
        "else",
        "for",
        "and",
        "not",
        "None",
        "True",
    ],
    *[
        ".str",
        ".map",
        ".clip",
        ".__class__",
        ".__globals__",
        "__import__",
        "__builtins__",
        "np.log",
        "np.load",
        "np.f2py",
        ".eval",
        ".query",
        "df=",
        "levels=",
        "out=",
    ],
    *("'x'", "f'{age}'", "{'a': 1}", "[1, 2]", "I(age > 40)", "poly(age, 2)", "C(g, Sum)", "np.where(age > 1, 1, 2)"),
]
REAL = [
    "age + g",
    "age * g - 1",
    "C(g, contr.treatment('b')) + log(age)",
    "poly(age, 2):g + bs(`my age`, df=4)",
    "I(age ** 2) + np.where(g == 'a', 1, 0)",
    "scale(age) + g.map({'a': 1, 'b': 2}) + g.str.upper()",
    "(age + g + `my age`)^2 + center(age)",
]
ESCAPES = [
    "I(().__class__.__bases__[0].__subclasses__())",
    "I(age + age.__class__.__init__.__globals__['np'].f2py.os.system('CANARY'))",
    "np.f2py.os.system('CANARY')",
    "{__import__('os').system('CANARY')}",
    "I((lambda: open('CANARY', 'w'))())",
    "np.load('CANARY', allow_pickle=True)",
    "age.to_pickle('CANARY')",
    "I(age.map(print))",
    "I(eval('CANARY'))",
    "C(age, contr.custom.__init__.__globals__)",
    "I('{0.__class__}'.format(age))",
    'I(f\'{open("CANARY", "w")}\')',
    "I([open('CANARY', 'w') for _ in age])",
    "I((x := open('CANARY', 'w')))",
    "`age`.__class__",
    "Q('age').__class__",
    "`CANARY` + __import__('os').system('CANARY')",
    "poly(age, __import__('os').system('CANARY'))",
    "[age ~ g] + [__import__('os') ~ g]",
]
#: Columns whose names are code are columns.
TABLE = pd.DataFrame(
    {
        "age": np.linspace(20, 60, 12),
        "g": list("abcabcabcabc"),
        "my age": np.arange(12) % 5 + 0.5,
        "np": np.arange(12.0) ** 2,
        "__import__('os').system('CANARY')": np.arange(12.0) % 3,
        "`": np.arange(12.0) % 4,
    }
)
#: What a process is told of anything that reaches beyond it, and of code that is made.
WATCHED = (
    "os.system",
    "subprocess.Popen",
    "os.exec",
    "os.fork",
    "os.posix_spawn",
    "pickle.find_class",
    "socket.connect",
)
_seen: list[str] = []
_watching = False


def _hook(event: str, args: tuple[Any, ...]) -> None:
    if not _watching:
        return
    if event in WATCHED or (event == "open" and isinstance(args[1], str) and set(args[1]) & set("wax+")):
        _seen.append(f"{event} {args!r:.200}")
    # ast.parse tells of code that it only reads: text that is run would be named by what was written.
    if event == "exec" and getattr(args[0], "co_filename", "").startswith(("<string>", "<unknown>")):
        _seen.append(f"{event} {args!r:.200}")


@pytest.fixture(scope="module", autouse=True)
def watched() -> None:
    """An audit hook can't be taken off again: it is silent outside these tests."""
    # Imports evaluate (a namedtuple makes itself so): what is imported when first needed is so before anybody looks.
    warm = formulas.read_right("~ poly(age, 2) + bs(age, df=4) + cr(age, df=3) + C(g, Sum)", TABLE.columns)
    matrices.make(warm, TABLE, np.arange(12))
    sys.addaudithook(_hook)


def _try(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    global _watching  # noqa: PLW0603 (the hook outlives every test)

    def ran(*args: Any, **_: Any) -> Any:
        raise AssertionError(f"eval of {args!r:.200}")

    with monkeypatch.context() as patched:
        patched.setattr(builtins, "eval", ran)
        _seen.clear()
        _watching = True
        try:
            made = matrices.make(
                formulas.read_right(f"~ {text}", TABLE.columns, list(TABLE.columns)), TABLE, np.arange(12)
            )
            assert np.isfinite(made.values).all()
        except (InputError, EstimationError) as error:
            assert "\ua66e" not in str(error).replace(text, "")
        finally:
            _watching = False
    assert not _seen, (text, _seen)


def _changed(rng: np.random.Generator, text: str) -> str:
    for _ in range(rng.integers(1, 4)):
        place = int(rng.integers(0, len(text) + 1))
        cut = int(rng.integers(0, 4))
        text = text[:place] + str(rng.choice(PIECES)) * int(rng.integers(0, 3)) + text[place + cut :]
    return text


@pytest.mark.parametrize(
    "text", [*ESCAPES, *(f"age + {text}" for text in ESCAPES), *(f"log({text})" for text in ESCAPES)]
)
def test_known_escapes_reach_nothing(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    _try(monkeypatch, text)


def test_a_name_that_is_code_is_a_column(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in TABLE.columns:
        _try(monkeypatch, f"center(Q({name!r})) + C(Q({name!r}))")


def test_the_hook_sees_what_it_looks_for(tmp_path: Any) -> None:
    """A canary that can't sing tells nothing."""
    global _watching  # noqa: PLW0603 (as above)
    _seen.clear()
    _watching = True
    try:
        (tmp_path / "written").write_text("")
        exec("1")
    finally:
        _watching = False
    assert [one.split()[0] for one in _seen] == ["open", "exec"]


def test_soups_and_changed_formulas(monkeypatch: pytest.MonkeyPatch) -> None:
    for rng in rounds(1_000):
        soup = " ".join(rng.choice(PIECES, int(rng.integers(1, 9))))
        _try(monkeypatch, soup)
        _try(monkeypatch, _changed(rng, str(rng.choice(REAL))))
        _try(monkeypatch, _changed(rng, str(rng.choice(ESCAPES))))
