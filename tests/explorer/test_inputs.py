"""What a browser sends is checked: columns are those of the table, words those on lists, numbers finite."""

from hiddenpop.explorer import inputs
from hiddenpop.explorer.choices import Column

COLUMNS = (Column("treated", "", "yes or no", 0, (0, 1)), Column("city", "", "categories", 0, ("Oss", "Ede")))


def test_forged_values_are_not_taken() -> None:
    sent = {
        "sizes_column": "treated'); import os",
        "sizes_by": "city",
        "sizes_benchmark_0": "1e999",
        "sizes_benchmark_1": 40,
        "sizes_benchmark_7": 40,
        "found_strata": ["city", "nowhere"],
        "found_how": "magic",
        "paper_language": "xx",
        "doubts_completeness": ["a", 1],
        "doubts_label": 99,
        "plan_method": "__import__",
        "models_criterion": "AIC') #",
    }
    made = inputs.choices(sent.get, None, COLUMNS)
    assert made.sizes.column == ""
    assert made.sizes.benchmark == (("Ede", 40.0),)
    assert made.found.strata == ("city",)
    assert made.found.how == "simple"
    assert made.paper.language == "en"
    assert made.doubts.completeness == (1.0, 1.0)
    assert made.doubts.label is None
    assert made.planned.method == "multiplier"
    assert made.models.criterion == "AIC"


def test_words_and_codes_are_told_apart() -> None:
    sent = {"source_missing": " refused, 99 ,-7.5,", "source_separator": "tab", "source_blank": True}
    made = inputs.source(sent.get, "file", "a.csv")
    assert made.missing == ("refused", 99.0, -7.5)
    assert made.separator == "\t"
    assert made.blank
