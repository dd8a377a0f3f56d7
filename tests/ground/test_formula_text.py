"""Formulas name columns exactly, whatever they are called, and compute nothing but functions of a row's own answers."""

from __future__ import annotations

import hiddenpop as hp
import numpy as np
import pandas as pd
import pytest
from hiddenpop import InputError
from hiddenpop.ground import formula_text, formulas, matrices
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

#: Names that formulas, Python or pandas use for something else.
USED = [
    *(
        "Intercept",
        "1",
        "0",
        "2nd",
        ".",
        "..",
        "x.y",
        "a.b.c",
        "~",
        "+",
        "-",
        "a+b",
        "a:b",
        "a*b",
        "(a)",
        "[T.b]",
        "g[T.b]",
        "`",
        "a`b",
    ),
    *(
        "\\",
        "a\\`b",
        "'",
        '"',
        "{a}",
        "{",
        ")",
        "a b",
        " a",
        "a ",
        "\t",
        "\n",
        "#",
        "%in%",
        "in",
        "lambda",
        "class",
        "if",
        "None",
        "True",
    ),
    *(
        "C",
        "I",
        "Q",
        "np",
        "np.log",
        "log",
        "contr",
        "poly",
        "bs",
        "df",
        "degree",
        "Sum",
        "Treatment",
        "self",
        "data",
        "x",
    ),
    *(
        "é",
        "e\u0301",
        "ﬁ",
        "fi",
        "x²",
        "ª",
        "µ",
        "μ",
        "名前",
        "😀",
        "",
        "__builtins__",
        "__FORMULAIC_STATE__",
        "count",
        "0.5",
        "1e3",
        "a" * 300,
    ),
    *(formula_text.MARK, f"{formula_text.MARK}0l", f"{formula_text.MARK * 2}_0"),
]
NAMES = st.lists(
    st.one_of(st.sampled_from(USED), st.text(max_size=8)).filter(
        lambda name: name not in ("hits", "A", "B", "out", "list")
    ),
    min_size=3,
    max_size=3,
    unique=True,
)
PLAIN = ("age", "spend", "group")
#: Terms of a number, a number above zero and a category.
FORMULAS = [
    "{0} + {2}",
    "{0} * {2} + log({1})",
    "C({2}) + {0}:{1} + I({0} ** 2)",
    "poly({0}, degree=2) + np.log({1}) + I({2} == 'u')",
    "center({0}) + {1}.clip(2) + {2}.map({{'u': 1, 'v': 2}})",
    ".",
]


def written(name: str) -> str:
    """Write a name as a formula holds any."""
    return f"Q({name!r})"


@pytest.fixture(scope="module")
def people() -> pd.DataFrame:
    rng = np.random.default_rng(5)
    size = 120
    return pd.DataFrame(
        {
            "age": rng.normal(40, 9, size).round(1),
            "spend": rng.uniform(1, 5, size),
            "group": rng.choice(["u", "v"], size),
            "hits": 1 + rng.poisson(0.7, size),
            "A": np.r_[np.ones(80, int), np.zeros(40, int)],
            "B": np.r_[np.zeros(40, int), np.ones(80, int)],
            "out": rng.normal(size=size),
        }
    )


def fits(table: pd.DataFrame, formula: str) -> list[np.ndarray]:
    """Return the coefficients of a regression, a register and lists."""
    survey = hp.Survey(table.drop(columns=["hits", "A", "B"]), replicates=20)
    register = hp.CaptureCounts(table.drop(columns=["A", "B", "out"]), "hits", replicates=20)
    lists = hp.Lists(table.drop(columns=["hits", "out"]), ["A", "B"], replicates=20)
    model = hp.regress(survey, f"out ~ {formula}")
    assert len(set(model.coefficients.labels)) == len(model.coefficients.labels)
    assert len(model.test()) == len(model.terms)
    return [
        model.coefficients.point.to_numpy(),
        hp.zelterman(register, f"~ {formula}").coefficients["estimate"].to_numpy(),
        hp.capture_covariates(lists, f"~ {formula}").coefficients["estimate"].to_numpy(),
    ]


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(names=NAMES, formula=st.sampled_from(FORMULAS))
def test_names_of_columns_change_no_coefficient(people: pd.DataFrame, names: list[str], formula: str) -> None:
    """The right values are those of the same table with plain names."""
    renamed = people.rename(columns=dict(zip(PLAIN, names, strict=True)))
    plain = fits(people, formula.format(*PLAIN))
    strange = fits(renamed, formula.format(*map(written, names)))
    for one, other in zip(plain, strange, strict=True):
        np.testing.assert_array_equal(one, other)


@settings(max_examples=200, deadline=None)
@given(names=NAMES)
def test_names_in_backquotes(names: list[str]) -> None:
    """A name without backquotes and backslashes stands in backquotes as it is."""
    some = [name for name in names if name and not set(name) & set("`\\")]
    if some:
        quoted = [f"`{name}`" for name in some]
        text = " + ".join([*quoted, *(f"C({name})" for name in quoted)])
        assert formulas.read_right(f"~ {text}", names).columns == tuple(sorted(some))


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("~ yr.rnd", ["yr.rnd"]),
        ("~ log(yr.rnd) + yr.rnd.clip(2)", ["yr.rnd"]),
        ("~ `age.left`", ["age.left"]),  # and not age
        ("~ poly(age, degree=2)", ["age"]),  # and not degree
        ("~ C(age, Sum)", ["age"]),  # and not Sum
        ("~ I(age.map({3: 1, 4: 0}))", ["age"]),
        (r"~ `a\`b`", ["a`b"]),
        ("~ Q('a`b') + Q(\"age\")", ["a`b", "age"]),
        ("~ log(log)", ["log"]),
        ("~ C(C) + C", ["C"]),
        ("~ np.log(np)", ["np"]),
        ("~ {age / df}", ["age", "df"]),
        ("~ log(größe) + größe.clip(3)", ["größe"]),
        ("~ age %in% df", ["age", "df"]),
        ("~ `1` + 1", ["1"]),
        ("~ 1 + 0", []),
        ("~ .:df", ["C", "age", "df"]),
    ],
)
def test_columns_that_a_formula_means(text: str, names: list[str]) -> None:
    known = ["yr.rnd", "yr", "age", "age.left", "degree", "Sum", "df", "a`b", "log", "C", "np", "größe", "1"]
    assert formulas.read_right(text, known, ["age", "C"]).columns == tuple(sorted(names))


def test_a_column_that_is_in_no_term_keeps_nobody_out() -> None:
    """Least squares by hand, on all rows: the column that is a part of a name, or an option, has holes."""
    y, z = np.array([1.0, 3, 2, 5, 4, 6, 9, 7]), np.array([0.0, 1, 1, 2, 3, 3, 4, 6])
    holes = [np.nan, np.nan, 1.0, 3, 4, 5, 6, 7]
    survey = hp.Survey({"y": y, "age.left": z, "age": holes, "raw": holes}, replicates=20)
    for formula in ("y ~ age.left", "y ~ poly(age.left, 1, raw=True)", "y ~ I(age.left.clip(lower=-1))"):
        model = hp.regress(survey, formula)
        assert model.missing == 0
        assert model.coefficients.point.iloc[1] == pytest.approx(np.polyfit(z, y, 1)[0], abs=1e-12)


def test_a_dot_is_all_other_answers(people: pd.DataFrame) -> None:
    """Not the outcome, what it is made of, the design, the offset or the domain."""
    table = people.assign(w=1.5, s=np.arange(120) % 2, off=0.1, dom=True, hits=people["hits"] * 1.0)
    survey = hp.Survey(table, weights="w", strata="s", replicates=20)
    model = hp.regress(survey, "log(spend) ~ . - A - B", offset="off", where="dom")
    assert model.terms == ["age", "group", "hits", "out"]
    by_name = hp.regress(survey, "log(spend) ~ age + group + hits + out", offset="off", where="dom")
    np.testing.assert_array_equal(model.coefficients.point, by_name.coefficients.point)
    lists = hp.Lists(people.drop(columns=["hits", "out"]).assign(n=2), ["A", "B"], counts="n", replicates=20)
    assert hp.capture_covariates(lists, "~ .").parameters == 2 * 4
    for formula in (". ~ age", "age ~ log(.)", "age ~ ."):
        with pytest.raises(InputError, match="can't be read"):
            hp.regress(hp.Survey(people[["age"]], replicates=20), formula)


def test_an_intercept_and_a_column_called_so(people: pd.DataFrame) -> None:
    survey = hp.Survey(people.rename(columns={"age": "Intercept", "spend": "1"}), replicates=20)
    plain = hp.regress(hp.Survey(people, replicates=20), "out ~ age + spend").coefficients.point
    point = hp.regress(survey, "out ~ Intercept + `1`").coefficients.point
    assert list(point.index) == ["Intercept", "`Intercept`", "1"]
    np.testing.assert_array_equal(point, plain)


@pytest.mark.parametrize(
    "formula",
    [
        "~ np.f2py.os.system('x')",
        "~ age.to_csv('x')",
        "~ I(age.map(lambda a: __import__('os')))",
        "~ I(age.map(lambda a: a.__class__))",
        "~ I(age.__class__.__mro__)",
        "~ {open('x')}",
        "~ poly(age, ().__class__)",
        "~ scale(age, '\"')",  # kept under its text, between quotes
        "~ center(age.map({'\\\\': 1}))",
        "~ I(age.map(open))",
        "~ I(age.map(lambda a: a > 30))",
        "~ I(age.map('age'))",
        "~ np.log(age, age)",  # which NumPy would write into
        "~ np.log(age, out=age)",
        "~ np.log(age, dtype='U99')",
        "~ I(age.clip(0, inplace=True))",
        "~ I(age.astype('U999999999'))",
        "~ I(age.str.zfill(999999999))",
        "~ I(age.str.contains('(a+)+b'))",  # takes longer than anybody waits
        "~ poly(age, 999999999)",
        "~ bs(age, df=999999999)",
        "~ poly(age, 2, _state={})",
        "~ center(age, _context={})",
        "~ C(age, contr.mro())",
        "~ I([x for x in age])",
        "~ I((lambda: 1)())",
        "~ age if age else 1",
        "~ [age ~ age]",
        "~ {age.__class__}",
        "~ age {1} age",
        "~ __import__",
        "~ np",
        "~ np.f2py",
        "~ contr",
        "~ Q(age)",
        "~ hashed(age)",
        "~ I(9 ** 9 ** 9 * age)",
        "~ np.add.reduce(age)",
        "~ C(age, levels=age)",
        "~ age[::-1]",
        "~ I(f'{age}')",
        "~ I(age := 3)",
        "~ lag(age)",  # of rows that stand side by side
        "~ I(age - age.mean())",  # of all rows, and others in new data
        "~ I(age - np.mean(age))",
    ],
)
def test_what_formulas_do_not_compute(formula: str) -> None:
    with pytest.raises(InputError, match=r"can't be read|no function that formulas know|not defined"):
        formulas.read_right(formula, ["age"])


@pytest.mark.parametrize(
    ("formula", "words"),
    [
        ("~ I(20 < age < 40)", "compares twice"),
        ("~ I(age > 2 and age < 4)", "'&'"),
        ("~ I((age > 2) + (age > 4))", "conditions"),
        ("~ 2nd", "`2nd`"),
        ("~ I(age > 40)99", "side by side"),
        ("~ (age + sex)**40", "up to 5 terms"),
        ("~ 'age'", "is a text and no term"),
        ("~ `age", "opened and not closed"),
        ("~ log(age", "opened and not closed"),
        ("~ age > 40", r"in I\(age > 40\)"),
        ("~ log(sex)", "'sex' holds categories"),
        ("~ log(sex`age`)", "'sexage' is not defined"),
        ("~ C(age, levels=[1])", "Name all that occur"),
        ("~ C(sex.map({'m': 1}))", "no category in 2 rows"),
        ("~ bs(age, degree='a')", "degree= that is no number up to 100"),
        ("~ bs(age, df=4, lower_bound=30)", "makes no column of these answers"),
        ("~ " + "(" * 100_000 + "age", "letters; at most"),
        ("~ " + "(" * 40_000 + "age" + ")" * 9, "brackets stand in one another"),
        ("~ I(" + "-" * 40_000 + "age)", "more than 2,000 signs"),
        ("~ I(" + "-" * 1_900 + "age)", "is no expression"),
        ("~ (age + sex + mixed)^50", "up to 5 terms"),
        ("~ (age + sex + mixed)^(50)", "is a whole number up to 5"),
        ("~ " + "*".join(["(age + sex)"] * 300), "more than 4,000 terms"),
        ("~ " + "*".join(f"I(age > {i})" for i in range(300)), "more than 4,000 terms"),
        ("~ " + ":".join(f"C(age > {i})" for i in range(20)), "more than 8 things"),
        ("~ log(age - 99)", "no finite number in 4 rows"),
        ("~ C(mixed)", "categories that read the same, 1, '1'"),
        ("~ C(one) + age", r"'C\(one\)' has a single category"),
    ],
)
def test_refusals_are_in_our_words(formula: str, words: str) -> None:
    table = pd.DataFrame({"age": [20.0, 30, 40, 60], "sex": list("mfmf"), "mixed": [1, "1", 2, 3], "one": "a"})
    with pytest.raises(InputError, match=words) as told:
        matrices.make(formulas.read_right(formula, table.columns), table, np.arange(4))
    for foreign in ("formulaic", "np.", "Error", "dtype", f"{formula_text.MARK}0"):
        assert foreign not in str(told.value).replace("np.sqrt", "").replace(formula, "")


@settings(max_examples=300, deadline=None)
@given(text=st.one_of(st.text(max_size=30), st.text(alphabet="age+*:~^().`'\"[]{}|%-0123=<> \\,CIQlog", max_size=30)))
def test_any_text_is_read_or_refused(text: str) -> None:
    """Never an error of another library, and never its words."""
    table = pd.DataFrame({"age": [20.0, 30, 40, 60], "g": list("mfmf")})
    try:
        made = matrices.make(formulas.read_right(f"~ {text}", table.columns, ["age", "g"]), table, np.arange(4))
    except InputError as error:
        assert "formulaic" not in str(error)
        assert formula_text.MARK not in str(error).replace(text, "")
    else:
        assert len(set(made.names)) == len(made.names)


def test_whole_numbers_are_computed_with_as_numbers() -> None:
    """Closed forms; integers would overflow, or have no negative powers."""
    table = pd.DataFrame(
        {"x": [2, 4_000_000, 5], "yes": [True, False, True], "single": np.array([0.1, 0.2, 0.3], dtype="float32")}
    )
    made = matrices.make(
        formulas.read_right("~ 0 + I(x ** -1) + I(x ** 3) + I(yes + yes) + exp10(single)", table.columns),
        table,
        np.arange(3),
    )
    x = table["x"].astype(float)
    np.testing.assert_allclose(
        made.values, np.column_stack([1 / x, x**3, [2, 0, 2], 10.0 ** table["single"].astype(float)])
    )
    whole = matrices.make(
        formulas.read_right("~ C(x // 2) + C(big)", ["x", "big"]),
        table.assign(big=[2**60, 2**60 + 1, 2**60 + 2]),
        np.arange(3),
    )
    assert whole.names[1:] == (
        "C(x // 2)[T.2]",
        "C(x // 2)[T.2000000]",
        f"C(big)[T.{2**60 + 1}]",
        f"C(big)[T.{2**60 + 2}]",
    )


def test_new_data_beyond_the_categories_is_refused() -> None:
    """It would count as the reference."""
    table = pd.DataFrame({"age": [20.0, 30, 40, 60]})
    made = matrices.make(formulas.read_right("~ C(age // 20)", table.columns), table, np.arange(4))
    np.testing.assert_array_equal(made.at(matrices.like(made, {"age": [45]})), [[1, 1, 0]])
    with pytest.raises(InputError, match="has not seen"):
        made.at(matrices.like(made, {"age": [95]}))
