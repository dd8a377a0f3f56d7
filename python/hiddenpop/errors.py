"""What can go wrong, in the user's terms."""

from __future__ import annotations

import datetime
import functools
import numbers
import re
import sys
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd

Able = TypeVar("Able")

#: Where no user's line stands: in the package, and in what calls its properties.
_NOT_A_USER = (str(Path(__file__).parent), str(functools.__file__))


#: How values of libraries write themselves, and what a reader gets instead: a number for a number, a kind for what is large.
_WRITTEN: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.DOTALL), shown)
    for pattern, shown in (
        (r"\bnp\.(?:u?int|float|longdouble|complex)\w*\(([^()]*)\)", r"\1"),
        (r"\bnp\.str_\(('[^']*'|\"[^\"]*\")\)", r"\1"),
        (r"\bnp\.(?:bool_?\()?(True|False)(?:_|\))", r"\1"),
        (r"\b(?:(?:np|numpy)\.datetime64|Timestamp)\('([^']*?)(?:[ T]00:00:00)?'(?:, (?:tz=)?'[^']*')?\)", r"\1"),
        (r"\b(?:np|numpy)\.timedelta64\((-?\d+), ?'(\w+)'\)", r"\1 \2"),
        (r"\b(?:Timedelta|Period)\('([^']*)'(?:, '[^']*')?\)", r"\1"),
        (r"\bdatetime\.date\((\d+), (\d)(?=\D)", r"datetime.date(\1, 0\2"),
        (r"\bdatetime\.date\((\d+), (\d+), (\d)\)", r"\1-\2-0\3"),
        (r"\bdatetime\.date\((\d+), (\d+), (\d+)\)", r"\1-\2-\3"),
        (r"\bInterval\((\S+), (\S+), closed='right'\)", r"(\1, \2]"),
        (r"\bInterval\((\S+), (\S+), closed='left'\)", r"[\1, \2)"),
        (r"\b(?:\w*Index|array)\(\[.*?\][\s,]*(?:\w+=[^()]*?)*\)", "an array"),
        (r"\bRangeIndex\([^()]*\)", "an array"),
        (r"\bSeries\(\[\], [^()]*\)", "a Series"),
        (r"[^=\n]*\n(?:[^\n]*\n)*?Categories \(\d+, \w+\): \[[^\]]*\]", "a Categorical"),
        (r"[^\s=]*(?: {2,}[^=\n]*)?\n(?:[^\n]*\n)*?(?:Name: [^\n]*?, )?(?:Length: \d+, )?dtype: [\w\[\]]+", "a Series"),
        (r" {2,}\S[^=\n]*\n(?:[^\n]*\n)*?\[\d+ rows x \d+ columns\]", "a DataFrame"),
        (r" {2,}\S[^=\n]*\n(?:\S+(?: {2,}\S+)+ *\n)*\S+(?: {2,}\S+)+", "a DataFrame"),
        (r"<(?:bound )?(?:function|method) (?:\w+\.)*?(\S+)(?: of [^>]*)? at 0x\w+>+", r"the function \1"),
        (r"<(?:[\w.]*\.)?(\w+) object at 0x\w+>", r"an object of type \1"),
        (r"<(\w+) object \S+ at 0x\w+>", r"a \1"),
        (r"\b(\w+)\(\w+\) at 0x\w+", r"a \1"),
    )
)

#: What no reader sees and some programs obey or refuse: control characters (those of terminals among them), what reverses the
#: order of letters, spaces of no width and other separators of lines, halves of characters, and what is no character. Joiners
#: (U+200C, U+200D) and marks of direction belong to the spelling of words and stay.
_UNSEEN = (
    "\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff"
    "\U000e0000-\U000e007f"
)
_INVISIBLE = re.compile(f"[{_UNSEEN}]")
#: The same with line breaks and tabs, where one line is wanted.
_UNRULY = re.compile(f"[{_UNSEEN}\t\n]")


def visible(text: str, *, lines: bool = True) -> str:
    r"""Show control characters as Python writes them (a vertical tab is `\x0b`), so that nothing obeys or chokes on them.

    Line breaks and tabs stay, as long as there may be several `lines`. Every writer's texts go through here.

    Examples
    --------
    >>> visible("home\x0bless\x1b[2J")
    'home\\x0bless\\x1b[2J'
    """
    if text.isascii() and text.isprintable():
        return text
    if lines:
        text = text.replace("\r\n", "\n")
    return (_INVISIBLE if lines else _UNRULY).sub(_escape, text)


def _escape(found: re.Match[str]) -> str:
    sign = found.group()
    return {"\t": r"\t", "\n": r"\n", "\r": r"\r"}.get(sign) or (
        f"\\x{ord(sign):02x}"
        if ord(sign) < 0x100
        else f"\\u{ord(sign):04x}"
        if ord(sign) < 0x10000
        else f"\\U{ord(sign):08x}"
    )


#: No message of ours is as long; what is has a value in it that nobody can read.
LONGEST_MESSAGE = 5_000


def _plain(message: str) -> str:
    """Write a message without other libraries' ways of writing values, and with its control characters shown."""
    if len(message) > LONGEST_MESSAGE:
        half = LONGEST_MESSAGE // 2
        message = f"{message[:half]} ... {message[-half:]}"
    for pattern, shown in _WRITTEN:
        message = pattern.sub(shown, message)
    return visible(message)


class InputError(ValueError):
    """The data or an argument can't be used: what was wrong, where, and what to do.

    See Also
    --------
    EstimationError : the question has no answer in these data.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> try:
    ...     hp.Survey({"treated": [1, 0]}).proportion("treatment")
    ... except hp.InputError as error:
    ...     print(error)
    The table has no column 'treatment'. There are: 'treated'.
    """

    def __init__(self, message: str = "") -> None:
        super().__init__(_plain(message))


class EstimationError(ArithmeticError):
    """The question has no defined answer for these data, so no number is given.

    See Also
    --------
    InputError : what was given can't be right.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> try:
    ...     hp.multiplier(100, hp.Survey({"treated": [0, 0, 0]}).proportion("treated"))
    ... except hp.EstimationError as error:
    ...     print(str(error)[:40])
    Nobody in the sample is in the register
    """

    def __init__(self, message: str = "") -> None:
        super().__init__(_plain(message))


class HiddenpopWarning(UserWarning):
    """A result stands, but something about it must be known to read it.

    See Also
    --------
    InputError, EstimationError

    Examples
    --------
    >>> import hiddenpop as hp
    >>> import warnings
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("error", hp.HiddenpopWarning)  # a doubt stops the program
    ...     share = hp.Survey({"treated": [1, 0]}).proportion("treated")
    """


@dataclass(frozen=True)
class Refusal:
    """What stands where a design or a leaf can't do something: the reason, in words."""

    reason: str
    #: What is raised: the question has no answer, or the call asked for what it could have known.
    error: type[InputError] | type[EstimationError] = EstimationError


def granted(capability: Able | Refusal) -> Able:
    """Return what a design or a leaf can do, or say why it can't."""
    if isinstance(capability, Refusal):
        raise capability.error(capability.reason)
    return capability


def warn(message: str, category: type[Warning] = HiddenpopWarning) -> None:
    """Warn at the line that led here: the nearest one outside the package, wherever in it something was noticed."""
    frame, level = sys._getframe(1), 2
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_NOT_A_USER):
        frame, level = frame.f_back, level + 1
    warnings.warn(_plain(message), category, stacklevel=level)


@contextmanager
def once() -> Iterator[None]:
    """Say each warning once, however often it comes, and with whatever numbers."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield
    first: dict[tuple[type[Warning], str], str] = {}
    for one in caught:
        text = str(one.message)
        first.setdefault((one.category, re.sub(r"[<=>]? ?-?[0-9][0-9.,e-]*", "#", text)), text)
    for (category, _), text in first.items():
        warn(text, category)


class Said:
    """What was said of one thing, which is said once, whatever is asked of it or derived from it."""

    def __init__(self) -> None:
        self.texts: set[str] = set()

    def __call__(self, text: str) -> None:
        """Warn, if it was not said before."""
        if text not in self.texts:
            self.texts.add(text)
            warn(text)


def name_rows(rows: npt.NDArray[np.bool_], *, shown: int = 5) -> str:
    """Say which rows a mask marks: how many and the first few numbers, never their answers."""
    numbers = np.flatnonzero(rows)
    first = ", ".join(str(n) for n in numbers[:shown])
    more = ", ..." if len(numbers) > shown else ""
    noun = "row" if len(numbers) == 1 else "rows"
    return f"{len(numbers)} {noun} (row number {first}{more}, counted from 0)"


def suggest(wanted: object, known: Iterable[object]) -> str:
    """Return a sentence naming the nearest known name, or the known names."""
    names = [str(k) for k in known]
    text = (wanted if isinstance(wanted, str) else in_words(wanted))[
        :LONGEST
    ]  # what it is may be too large to be written
    if text in names:
        return f"There is one that reads the same but is no {type(wanted).__name__}."
    from difflib import get_close_matches  # noqa: PLC0415 (only when something is wrong)

    near = next((name for name in get_close_matches(text, names, n=5) if _near(text.casefold(), name.casefold())), None)
    if near is not None:
        return f"Did you mean '{near}'?"
    listed = ", ".join(f"'{n}'" for n in names[:12])
    return f"There are: {listed}{', ...' if len(names) > 12 else ''}."


def _near(one: str, other: str) -> bool:
    """Tell whether two names differ by slips of the keyboard only, a letter in four at most, or one is cut short."""
    short, long = sorted((one, other), key=len)
    if len(short) > 3 and long.startswith(short):
        return True
    most = max(1, (len(long) + 1) // 4)
    if len(long) - len(short) > most:
        return False
    # Letters left out, added, changed, or two exchanged (Damerau 1964).
    before: list[int] = []
    last = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        row = [i]
        for j, b in enumerate(other, 1):
            row.append(min(last[j] + 1, row[-1] + 1, last[j - 1] + (a != b)))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                row[-1] = min(row[-1], before[j - 2] + 1)
        before, last = last, row
    return last[-1] <= most


#: Longer texts than this are cut in messages.
LONGEST = 80
#: Such values stand in messages as their owner would write them.
_PLAIN = (
    numbers.Number,
    datetime.date,
    datetime.time,
    datetime.timedelta,
    np.datetime64,
    np.timedelta64,
    pd.Interval,
    pd.Period,
)


#: Deeper lists than this are written without what is in them.
DEEPEST = 4


def in_words(value: object, *, shown: int = 6, deep: int = DEEPEST) -> str:
    """Write a value for a message as its owner would: `1` and never `np.int64(1)`, a column by its kind and never its numbers."""
    if isinstance(value, np.generic) and not isinstance(value, (np.datetime64, np.timedelta64)):
        value = value.item()
    if value is None or isinstance(value, bool):
        return str(value)
    if isinstance(value, str):
        return repr(str(value) if len(value) <= LONGEST else f"{value[:LONGEST]}...")
    if value is pd.NA or value is pd.NaT:
        return "a missing value"
    if isinstance(value, _PLAIN):
        text = _number_text(value) if isinstance(value, numbers.Number) else str(value)
        return text.removesuffix(" 00:00:00") if isinstance(value, datetime.date) else text
    if isinstance(value, (tuple, list)):
        ends = "()" if isinstance(value, tuple) else "[]"
        comma = "," if isinstance(value, tuple) and len(value) == 1 else ""
        inner = listing(value, shown=shown, deep=deep - 1) if deep else "..." * bool(value)
        return f"{ends[0]}{inner}{comma}{ends[1]}"
    if isinstance(value, dict):
        if not deep:
            return "{...}" if value else "{}"
        items = list(value.items())[:shown]
        parts = [f"{in_words(key, deep=deep - 1)}: {in_words(one, deep=deep - 1)}" for key, one in items]
        return f"{{{', '.join(parts)}{', ...' if len(value) > shown else ''}}}"
    if isinstance(value, type):
        return f"the type {value.__name__}"
    if callable(value) and hasattr(value, "__name__"):
        return f"the function {value.__name__}"
    kind = "array" if isinstance(value, np.ndarray) else type(value).__name__
    return f"{'an' if kind[:1].lower() in 'aeiou' else 'a'} {kind}"


def _number_text(value: object) -> str:
    """Write a number; one of thousands of digits by how many they are, which Python refuses to write out."""
    try:
        text = str(value)
    except ValueError:
        return "a number of thousands of digits"
    return text if len(text) <= LONGEST else f"a number of {len(text):,} digits"


def listing(values: Sequence[object], *, shown: int = 6, deep: int = DEEPEST) -> str:
    """Join the first few values for a message."""
    more = ", ..." if len(values) > shown else ""
    return ", ".join(in_words(v, deep=deep) for v in values[:shown]) + more
