"""Figures are closed after each test of a plan."""

import pytest
from matplotlib import pyplot


@pytest.fixture(autouse=True)
def _closed():
    yield
    pyplot.close("all")
