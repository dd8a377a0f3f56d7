"""What is installed, as a report of a fault should say it."""

import getpass
import platform
import re
import sys
from importlib import metadata

import hiddenpop as hp
import numpy as np
import pytest
from hiddenpop.ground import versions


def test_what_is_installed_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """Beside the packages' own words."""
    hp.show_versions()
    told = dict(line.split(": ", 1) for line in capsys.readouterr().out.splitlines())
    assert told["hiddenpop"] == hp.__version__
    assert told["numpy"] == np.__version__
    assert told["Python"].startswith(platform.python_version())
    assert told["pandas"] == metadata.version("pandas")
    assert "pytest" not in told  # what only those who work on the package need


def test_nothing_tells_who_or_where(capsys: pytest.CaptureFixture[str]) -> None:
    """No path, computer or user: it is pasted in public."""
    hp.show_versions()
    out = capsys.readouterr().out
    assert sys.prefix not in out
    assert platform.node() not in out.split("system:")[1].replace("#", " ").split()
    assert not re.search(rf"\b{re.escape(getpass.getuser())}\b", out)


def test_a_package_that_is_missing_is_said(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Instead of an error: who reports a fault may have little installed."""
    monkeypatch.setattr(metadata, "requires", lambda _: ["surely-not-there>=1; extra == 'plot'"])
    hp.show_versions()
    assert "surely-not-there: not installed" in capsys.readouterr().out


def test_a_tree_that_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Such as a checkout on the path."""

    def missing(_: str) -> list[str]:
        raise metadata.PackageNotFoundError

    monkeypatch.setattr(metadata, "requires", missing)
    assert versions._packages() == []
