"""Formulas have one home: which columns they name, what they make of them, and which of these say nothing."""

from __future__ import annotations

import ast

import numpy as np
import pandas as pd
import pytest
from hiddenpop import InputError
from hiddenpop.ground import collinear, formulas, matrices

from tools import tree

KNOWN = ["age", "my age", "sex", "df", "np", "I"]


def test_formulaic_stands_in_one_module() -> None:
    used = {
        name
        for name in tree.FILES
        for node in ast.walk(tree.parsed(name))
        if (isinstance(node, ast.Import) and any(alias.name.startswith("formulaic") for alias in node.names))
        or (isinstance(node, ast.ImportFrom) and (node.module or "").startswith("formulaic"))
    }
    assert used == {"ground.formulas"}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("~ 1", ()),
        ("~ age * sex", ("age", "sex")),
        ("~ poly(`my age`, 2)", ("my age",)),
        ("~ bs(age, df=4)", ("age",)),  # an option is no column
        ("~ np.log(age) + I(age ** 2)", ("age",)),  # nor is what a function is called
        ("~ C(sex, contr.treatment('df'))", ("sex",)),  # nor a text
        ("~ C(sex, Sum)", ("sex",)),
        ("~ Q('my age')", ("my age",)),
        ("~ age.clip(20)", ("age",)),
        ("~ I(age.map({20: 1, 30: 2}))", ("age",)),
        ("~ {age / df}", ("age", "df")),
    ],
)
def test_columns_that_a_formula_names(text: str, names: tuple[str, ...]) -> None:
    assert formulas.read_right(text, KNOWN).columns == names


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("~ aeg", "no column 'aeg'. Did you mean 'age'"),
        ("~ poly(aeg, 2)", "no column 'aeg'. Did you mean 'age'"),
        ("~ Q('my aeg')", "no column 'my aeg'. Did you mean 'my age'"),
        ("~ I(age > b)", "no column 'b'"),
        ("~ I(age.map(lambda a: a > 30))", "a lambda; write the condition"),
        ("~ foo(age)", "names 'foo', which is no function"),
        ("~ age | sex", "one list of terms"),
        ("~ age +", "can't be read"),
    ],
)
def test_what_a_formula_can_not_name(text: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        formulas.read_right(text, KNOWN)


def test_the_same_columns_of_other_rows() -> None:
    table = pd.DataFrame({"age": [20.0, 30, 40, 60], "sex": list("mfmf"), "y": [1, 2, 3, 4]})
    both = formulas.read_both("y ~ center(age) + sex", table.columns)
    made = matrices.make(both.right, table, np.arange(4))
    assert made.names == ("Intercept", "center(age)", "sex[T.m]")
    assert made.places == {"center(age)": (1,), "sex": (2,)}
    assert made.categories == {"sex": ("f", "m")}
    assert made.using("age") == [1]
    # The mean and the levels are those of the first rows.
    other = matrices.like(made, {"age": [50.0], "sex": ["m"]})
    np.testing.assert_allclose(made.at(other), [[1, 12.5, 1]])
    np.testing.assert_allclose(matrices.everybody(made, "sex", "f")[:, 2], 0)


def test_rows_are_named_where_they_stand_in_the_users_table() -> None:
    table = pd.DataFrame({"age": [20.0, 0, 40]})
    terms = formulas.read_right("~ np.log(age)", table.columns)
    with pytest.raises(InputError, match=r"in 1 row \(row number 7"):
        matrices.make(terms, table, np.array([3, 7, 9]))
    with pytest.raises(InputError, match=r"'age' is missing in 1 row \(row number 9"):
        matrices.require(table.where(table < 30), terms.columns, np.array([3, 7, 9]))


def test_columns_that_say_nothing_of_their_own() -> None:
    x = np.random.default_rng(0).normal(size=(50, 3)) * [1, 1e6, 1e-6]
    one = np.ones(50)
    # By hand: zeros, a copy, a sum; what comes after them is judged without them.
    values = np.column_stack([one, 0 * one, x[:, 0], 3 * one, x[:, 1], x[:, 0] + x[:, 1], x[:, 2]])
    assert collinear.dependent(values) == [1, 3, 5]
    assert collinear.dependent(np.linalg.qr(values, mode="r")) == [1, 3, 5]
    # A copy uses up no room: two rows hold two columns.
    assert collinear.dependent(np.array([[1.0, 1, 0], [0.0, 0, 1]])) == [1]
    # Where columns have a unit in common a short one is a zero.
    assert collinear.dependent(np.column_stack([one, 1e-12 * x[:, 0]])) == []
    assert collinear.dependent(np.column_stack([one, 1e-12 * x[:, 0]]), scale=np.sqrt(50)) == [1]
    # The part of its own is sin(angle): 1e-7 of the length is more than rounding, but squares lose it.
    near = np.column_stack([x[:, 0], x[:, 0] + 1e-7 * np.linalg.norm(x[:, 0]) * one / np.sqrt(50)])
    assert collinear.dependent(near) == []
    assert collinear.dependent(near, tolerance=collinear.DEPENDENT_AS_GIVEN) == [1]


@pytest.mark.parametrize(
    ("place", "words"),
    [
        (0, "The covariate 'x' of lambda is 0 for everyone"),
        (1, "'Intercept', 'x' of lambda say the same: 'x' is the same for everyone"),
        (2, "'age', 'x' of lambda say the same: 'x' follows from 'age'"),
    ],
)
def test_what_says_nothing_is_named(place: int, words: str) -> None:
    one, age = np.ones(9), np.arange(9.0)
    last = [0 * one, 2 * one, 3 * age][place]
    with pytest.raises(InputError, match=words):
        collinear.check(np.column_stack([one, age, last]), ("Intercept", "age", "x"), of=" of lambda")


def test_too_few_rows_are_told() -> None:
    with pytest.raises(InputError, match=r"2 rows can't determine 3 coefficients of lambda. Use fewer covariates"):
        collinear.check(np.ones((2, 3)), ("a", "b", "c"), of=" of lambda")
