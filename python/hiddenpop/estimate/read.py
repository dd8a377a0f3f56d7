"""Reading saved estimates."""

from __future__ import annotations

import binascii
import json
import zlib
from os import PathLike
from pathlib import Path

from ..errors import InputError
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
        came from as if never saved; to redraw more replicates give the survey: `replay(survey=...)`.

    Raises
    ------
    InputError
        The file is missing or holds no estimate.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> text = hp.beta(80, 20, name="completeness").to_json()
    >>> hp.read_estimate(text)
    completeness: 80.0% (95% interval 71.7% to 87.2%)
    """
    if isinstance(source, str) and source.lstrip().startswith("{"):
        text = source
    else:
        try:
            text = Path(source).read_text(encoding="utf-8")
        except OSError as error:
            raise InputError(f"There is no estimate to read at {str(source)!r}: {error.strerror}.") from error
        except (TypeError, UnicodeDecodeError):
            raise InputError("read_estimate takes the path of a JSON file, or the JSON text.") from None
    try:
        return restore(json.loads(text))
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, zlib.error, binascii.Error) as error:
        if isinstance(error, InputError):
            raise
        if isinstance(error, KeyError) and '"content"' in text:
            raise InputError(
                "This is a report; each of its estimates has a record of its own: "
                "read_estimate(json.dumps(report['content'][0]['record']))."
            ) from error
        raise InputError(
            "This is no estimate saved by hiddenpop, or the file is damaged or was changed. Save the estimate again with to_json()."
        ) from None
