"""What may come of a call: an answer, or a refusal in words; never another library's exception, warning, or `nan` for a number."""

import contextlib
import re
import signal
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import hiddenpop as hp
import numpy as np
import pandas as pd

#: No call of these sizes should take longer, in seconds of the process's own time; a hang is a finding.
SECONDS = 20
#: How other libraries write values.
RAW = re.compile(r"\bnp\.\w|dtype[=(]|array\(\[|Timestamp\(| at 0x|Traceback")


class Hangs(BaseException):
    """A call that took too long; nothing catches it on the way."""


@contextlib.contextmanager
def in_time(seconds: float = SECONDS) -> Iterator[None]:
    """Raise `Hangs` in what takes longer."""

    def stop(*_: object) -> None:
        raise Hangs

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def verdict(call: Callable[[], Any]) -> str | None:
    """Make a call and look at what comes of it; None where all is well, or what is wrong."""
    import matplotlib.pyplot as plt  # noqa: PLC0415

    with warnings.catch_warnings(record=True) as told, in_time():
        warnings.simplefilter("always")
        wrong = None
        try:
            wrong = _look(call())
        except (hp.InputError, hp.EstimationError) as error:
            if RAW.search(str(error)):
                wrong = f"a message not in words: {error}"
            elif not str(error).strip():
                wrong = "a refusal without words"
        except Hangs:
            wrong = f"takes more than {SECONDS} s"
        except Exception as error:
            wrong = f"{type(error).__name__}: {str(error)[:300]} {_where(error)}"
    plt.close("all")
    if wrong is None:
        for warning in told:
            if "missing from font" in str(warning.message):
                continue  # of matplotlib, and of the letters: who draws must know it
            if not issubclass(warning.category, hp.HiddenpopWarning):
                at = str(warning.filename).rpartition("/python/")[2]
                return f"{warning.category.__name__}: {str(warning.message)[:200]} ({at}:{warning.lineno})"
            if RAW.search(str(warning.message)):
                return f"a warning not in words: {warning.message}"
    return wrong


def _where(error: BaseException) -> str:
    trace, places = error.__traceback__, []
    while trace is not None:
        name = trace.tb_frame.f_code.co_filename
        if "hiddenpop/" in name and "signatures.py" not in name:
            places.append(f"{name.rpartition('hiddenpop/')[2]}:{trace.tb_lineno}")
        trace = trace.tb_next
    return "(" + " > ".join(places[-3:]) + ")"


def _look(found: Any) -> str | None:
    """Look at an answer as users do: print it, tabulate it; a number that exists is never `nan`."""
    if isinstance(found, hp.Estimate):
        points = np.atleast_1d(np.asarray(found.point, dtype=float))
        text = repr(found)
        found._repr_html_()
        if np.isfinite(points).all() and re.search(r"\bnan\b", text, re.IGNORECASE) and "nan" not in found.name:
            return f"nan for a number that exists: {text!r}, {points}"
        with contextlib.suppress(hp.InputError, hp.EstimationError):
            table = found.summary()
            if np.isfinite(points).all() and table["estimate"].isna().any():
                return f"a summary without a number that exists: {points}"
        return None
    if isinstance(found, (pd.DataFrame, pd.Series, str, bool, float, int, type(None), np.generic, np.ndarray)):
        return None
    if isinstance(found, tuple):
        return next((wrong for wrong in map(_look, found) if wrong), None)
    if type(found).__module__.startswith("hiddenpop"):
        repr(found)
        for name in ("summary", "methods"):
            method = getattr(found, name, None)
            if callable(method):
                with contextlib.suppress(hp.InputError, hp.EstimationError):
                    method()
    return None


def show(wrong: dict[str, str], most: int = 400) -> str:
    """Write what was found, a line each."""
    lines = [f"{call}\n    {what}" for call, what in list(wrong.items())[:most]]
    return f"{len(wrong)} findings\n" + "\n".join(lines)


def kind(what: str) -> str:
    """Say what findings have in common: the error and where it was raised."""
    place = re.search(r"([\w/]+\.py:\d+)\)?$", what)
    return f"{what.partition(':')[0]} {place.group(1) if place else what[:80]}"
