"""Models of lists are read as they are written, whatever lists are called."""

from __future__ import annotations

import pytest
from hiddenpop import InputError
from hiddenpop.capture import notation
from hypothesis import given
from hypothesis import strategies as st

NAMES = st.lists(
    st.one_of(
        st.sampled_from(["A", "B", "C", "a+b", "a*b", "a:b", " a", "`", "'", '"', "\\", "\\`", "", "~", "1"]),
        st.text(max_size=5),
    ),
    min_size=3,
    max_size=3,
    unique=True,
)


@given(names=NAMES, model=st.sampled_from([(1, 2, 4), (1, 2, 4, 3), (1, 2, 4, 3, 5), (1, 2, 4, 3, 5, 6)]))
def test_a_model_means_what_is_written(names: list[str], model: tuple[int, ...]) -> None:
    written = notation.name(model, tuple(names))
    assert notation.parse(written, names) == notation.order(model)


def test_letters_call_lists_unless_they_call_others() -> None:
    assert notation.parse("A*B + C", ["x", "y", "z"]) == (1, 2, 4, 3)
    assert notation.parse("A*B + C", ["A", "y", "z"]) == (1, 2, 4, 3)
    with pytest.raises(InputError, match="names 'A', which is no list"):
        notation.parse("A*B + C", ["B", "y", "z"])
    assert notation.parse("`y z`*'B' + \"C\"", ["B", "y z", "C"]) == (1, 2, 4, 3)
