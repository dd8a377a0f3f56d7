"""Reading saved estimates."""

from __future__ import annotations

from os import PathLike
from pathlib import Path

from ..errors import InputError
from ..ground.records import parsed
from ..ground.signatures import checked
from .estimate import Estimate, restore


@checked
def read_estimate(source: str | PathLike[str]) -> Estimate:
    """Read an estimate that `Estimate.to_json` wrote.

    Parameters
    ----------
    source : path or str
        The file, or the JSON text itself.

    Returns
    -------
    Estimate
        With the same points, draws, labels and history. It combines with estimates of the survey it
        came from as if never saved; to redraw more replicates give the survey: `replay(survey=...)`. One that
        somebody else saved is known to be of the same survey only beside others of theirs (docs/files.md).

    Raises
    ------
    InputError
        The file is missing, holds no estimate, or is damaged: its checksum, its numbers and its parts must agree.

    See Also
    --------
    Estimate.to_json : writes it.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> text = hp.beta(80, 20, name="completeness").to_json()
    >>> hp.read_estimate(text)
    completeness: 80.0% (95% interval 71.7% to 87.2%)
    """
    text = source if isinstance(source, str) and source.lstrip().startswith("{") else _written(source)
    try:
        record = parsed(text)
    except InputError as error:
        raise InputError(f"This is no estimate saved by hiddenpop, or the file is damaged. {error}") from None
    if isinstance(record, dict) and record.get("kind") == "hiddenpop report":
        raise InputError(
            "This is a report; each of its estimates has a record of its own: "
            "read_estimate(json.dumps(report['content'][0]['record']))."
        )
    return restore(record)


def _written(path: str | PathLike[str]) -> str:
    """Return the text of a file: of a file and of nothing else, such as a device that never ends."""
    try:
        other = Path(path).exists() and not Path(path).is_file()
        text = "" if other else Path(path).read_text(encoding="utf-8")
    except OSError as error:
        raise InputError(f"There is no estimate to read at {str(path)!r}: {error.strerror}.") from error
    except (TypeError, ValueError):
        raise InputError("read_estimate takes the path of a JSON file, or the JSON text.") from None
    if other:
        raise InputError(f"There is no estimate to read at {str(path)!r}: it is no file.")
    return text
