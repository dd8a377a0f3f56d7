"""How estimates read: rounding, text, tables in notebooks."""

import warnings
from html.parser import HTMLParser

import hiddenpop as hp
import numpy as np
from hiddenpop.words import printed


def test_numbers_show_what_their_precision_supports() -> None:
    # JCGM 100:2008, 7.2.6: two digits of the standard uncertainty. Here s.e. is width / 3.92.
    cases = {
        (13_306.3, 12_330.0, 14_450.0): "13,310",  # s.e. 541
        (15_995.5, 12_731.0, 21_511.0): "16,000",  # s.e. 2,240
        (0.61069, 0.5623, 0.6590): "0.611",  # s.e. 0.0247
        (1.137, 1.05, 1.24): "1.137",  # s.e. 0.048
        (0.000123, 0.0001, 0.0002): "0.000123",
    }
    for (point, lower, upper), expected in cases.items():
        places = printed.decimals(*(np.array([v]) for v in (point, lower, upper)))
        assert printed.show(point, places[0], "size") == expected
    assert printed.show(0.61069, 3, "share") == "61.1%"
    assert printed.show(np.inf, 0, "size") == "unbounded"
    assert printed.show(np.nan, 0, "size") == "no estimate"


def test_text(people: hp.Estimate) -> None:
    assert repr(people).splitlines()[:4] == [
        "population size",
        "              estimate        95% interval",
        "opioids         13,310    12,360 to 14,470",
        "crack only      16,000    12,500 to 21,000",
    ]
    assert repr(people["opioids"]).startswith("opioids: 13,310 (95% interval 12,360 to 14,470)\nNote: Counts recovered")
    assert "holds in" in repr(people > 1)


class _Balanced(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_html(people: hp.Estimate) -> None:
    html = people.rename({"opioids": "<b>opioids & more</b>"})._repr_html_()
    parser = _Balanced()
    parser.feed(html)
    assert parser.open == []
    assert "&lt;b&gt;opioids &amp; more" in html
    for part in ("13,310", "12,360 to 14,470", ">393<", "10,000 redraws, seed 0", 'scope="row"'):
        assert part in html


def test_what_prints_says_why_there_is_no_interval() -> None:
    share = hp.Survey({"r": [0] * 30}).proportion("r")
    assert repr(share) == "proportion of r: 0.0% (95% interval 0.0% to 11.4%)"  # Wilson's z^2 / (30 + z^2)
    cluster = hp.Survey({"k": [1, 1, 2, 2, 3, 3], "x": [0] * 6}, clusters="k").proportion("x")
    assert "standard error is zero" in repr(cluster)
    assert "standard error is zero" in cluster._repr_html_()
    size = hp.multiplier(hp.normal(300, 300, name="n"), hp.Survey({"r": [1, 0]}).proportion("r"))
    assert "draws of the benchmark are negative" in repr(size)
    rare = hp.Survey({"g": ["x"] * 4 + ["y"] * 96, "v": range(100)}).mean("v", by="g") > 1
    assert "no answer" in repr(rare)
    assert "undefined" in repr(rare)


def test_numbers_beyond_what_can_be_read_have_powers_of_ten() -> None:
    """Rounding to 309 decimals is NaN in NumPy; 300 digits are no number for a reader."""
    size = hp.published(100, 80, 130, name="p")
    assert repr(size * 1e20) == "p × 1e+20: 1.00e+22 (95% interval 8.0e+21 to 1.30e+22)"
    assert repr(size / 1e308 / 1e10) == "(p / 1e+308) / 1e+10: 1.0e-316 (95% interval 8.0e-317 to 1.30e-316)"
    assert repr(size * 5e-324) == "p × 4.94066e-324: 4.94e-322 (95% interval 3.95e-322 to 6.42e-322)"
    assert printed.show(0.0, 300, "size") == "0.0"
    assert printed.show(4.5e-19, 20, "share") == "4.5e-19"


def test_a_known_number_that_is_infinite_reads_so() -> None:
    people = hp.benchmark({"id": ["a", "b", "c"], "year": [2023] * 3}, id="id", date="year", period="2023")
    assert repr(people * 1e308) == "benchmark × 1e+308: unbounded"  # 3e308 passes floating point


def test_a_group_without_weight_has_no_design_effect_and_no_warning_of_numpy() -> None:
    people = {"y": [1.0, 2, 3, 4, 5], "g": list("aabbc"), "w": [1, 2, 1, 1, 0]}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", hp.HiddenpopWarning)
        summary = hp.Survey(people, weights="w", replicates=40).mean("y", by="g").summary()
    assert np.isnan(summary.loc["c", "deff"])


def test_a_group_of_one_has_no_design_effect_and_no_warning_of_numpy() -> None:
    table = {"g": ["a", "a", "a", "b"], "y": [1.0, 2, 4, 3], "w": [1.0, 2, 1, 1]}
    share = hp.Survey(table, weights="w", replicates=50).mean("y", by="g")
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        warnings.simplefilter("ignore", hp.HiddenpopWarning)
        effects = share.summary()["deff"]
    assert np.isnan(effects["b"])
    assert effects["a"] > 0


def test_decimals_are_those_of_the_column() -> None:
    """JCGM 100's digits of each label, but as many decimals in all: what half of them need."""

    def places(rows: list[tuple[float, float, float]], unit: str) -> list[int]:
        point, lower, upper = np.array(rows).T
        return printed.in_column(point, lower, upper, None, [unit] * len(rows))

    wide, narrow = (0.5, 0.2, 0.8), (0.301, 0.299, 0.303)  # s.e. 15 points and 0.1 point
    assert printed.decimals(*np.array([wide, narrow]).T) == [2, 4]
    assert places([wide, narrow], "share") == [4, 4]
    assert places([wide, wide, narrow], "share") == [2, 2, 2]
    assert places([wide, wide, (0.0004, 0.0003, 0.0005)], "share") == [2, 2, 6]  # what would be 0% keeps its own
    assert places([(13_306, 12_330, 14_450), (31.4, 20.2, 50.1)], "size") == [-1, 0]
    assert places([(0.5, 0.2, 1.2), (12.34, 3.1, 60.0)], "ratio") == [2, 2]


def test_an_interval_without_an_upper_end_shows_no_false_digits() -> None:
    # The lower arm of 1.96 s.e. speaks for both: (12,347 - 9,213) / 1.96 = 1,599.
    assert printed.decimals(np.array([12_347.0]), np.array([9_213.0]), np.array([np.inf])) == [-2]
    assert printed.decimals(np.array([12_347.0]), np.array([12_347.0]), np.array([np.inf])) == [-2]  # three digits
    assert printed.decimals(np.array([12_347.0]), np.array([12_347.0]), np.array([12_347.0])) == [0]


def test_differences_of_shares_are_points_and_what_compares_a_kind_is_a_ratio() -> None:
    a, b = hp.beta(611, 389, name="a"), hp.beta(307, 693, name="b")
    assert repr(a - b).startswith("a − b: 30.4 points (95% interval 26.3 to ")
    assert ": -30.4 points" in repr(-(a - b))
    both = hp.concat({"a": a, "b": b})
    assert repr(both.contrast({"a": 1, "b": -1}, "change")).startswith("change: 30.4 points")
    assert repr(a / b).startswith("a / b: 1.99 (95% interval 1.80 to ")
    assert "points" not in repr(1 - a)
    assert "points" not in repr(both.contrast({"a": 0.5, "b": 0.5}, "mean"))
