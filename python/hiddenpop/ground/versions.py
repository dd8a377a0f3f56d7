"""What is installed here: the first thing that a report of a fault should say."""

from __future__ import annotations

import os
import platform
import re
import struct
from importlib import metadata

from .._core import VERSION
from .signatures import checked

#: Extras of those who work on the package: what is in them only says nothing of a fault.
_MAKERS = re.compile(r"extra == ['\"](test|dev|bench|docs)['\"]")
#: "numpy>=1.24", "scikit-learn>=1.3; extra == 'learn'": the name of a requirement comes first.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


@checked
def show_versions() -> None:
    """Print the versions of hiddenpop, of Python, and of the packages that it can use.

    Copy what it prints into a report of a fault. It holds no path, no name of a computer or of a user, and no data.

    Returns
    -------
    None
        It prints: a line for each package that hiddenpop needs or can make use of, with its version or "not installed".

    See Also
    --------
    hiddenpop.settings : what holds for all calculations of this session.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> hp.show_versions()  # doctest: +ELLIPSIS
    hiddenpop: ...
    Python: ...
    """
    print(f"hiddenpop: {VERSION}")
    print(f"Python: {platform.python_version()} ({platform.python_implementation()}, {8 * struct.calcsize('P')} bits)")
    print(f"system: {platform.system()} {platform.release()}, {platform.machine()}, {os.cpu_count()} processors")
    for name in _packages():
        print(f"{name}: {_version(name)}")


def _packages() -> list[str]:
    """Return what hiddenpop says it needs, and what its extras for users need, as its installer knows it."""
    try:
        requirements = metadata.requires("hiddenpop") or []
    except metadata.PackageNotFoundError:  # used from its source, without having been installed
        requirements = []
    names = [found.group() for found in map(_NAME.match, requirements) if found and not _MAKERS.search(found.string)]
    return sorted(set(names) - {"hiddenpop"}, key=str.lower)


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "not installed"
