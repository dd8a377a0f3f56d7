"""Sizes beside published shares: the numbers of the sources, and questions that follow."""

from __future__ import annotations

import hiddenpop as hp
import numpy as np
import pytest
from hiddenpop import InputError
from hiddenpop.doubt.plausible import published_ranges


def men(point: float, low: float, high: float, where: str = "") -> hp.Estimate:
    return hp.published(point, low, high, name=f"men who have sex with men{where}")


@pytest.mark.parametrize(
    ("size", "place", "asks"),
    [
        ((21_000, 15_000, 29_000), "below", "Are all men who had sex with another man in the past 12 months counted"),
        ((33_000, 25_000, 45_000), "across", "What would it take for the number to lie there?"),
        ((60_000, 50_000, 75_000), "within", "Is it of the same people"),
    ],
)
def test_the_brief_of_unaids_and_who(size: tuple[float, float, float], place: str, asks: str) -> None:
    """Below 1% of adult men an estimate needs revising (UNAIDS/WHO 2020)."""
    found = hp.plausible(men(*size), 3_000_000, "men who have sex with men")
    row = found.summary().iloc[0]
    assert row["place"] == place
    assert asks in row["question"]
    assert row["question"].endswith("?")
    assert row["estimate"] == pytest.approx(size[0] / 30_000)
    assert found.range == (1, np.inf)
    assert "1% or more; any country" in repr(found)
    assert "UNAIDS/WHO (2020)" in repr(found)
    for verdict in ("wrong", "implausible", "too low", "must"):
        assert verdict not in row["question"]


def test_ranges_by_region() -> None:
    """Vandepitte et al. (2006), abstract: Asia 0.2% to 2.6%, West Europe 0.1% to 1.4%, Latin America 0.2% to 7.4%."""
    women = hp.published(20_000, 15_000, 26_000, name="women who sell sex")
    assert hp.plausible(women, 1_000_000, "FSW", region="Asia").range == (0.2, 2.6)
    assert hp.plausible(women, 1_000_000, "FSW").range == (0.1, 7.4)
    west = hp.plausible(women, 1_000_000, "female sex workers", region="West Europe")
    assert west.range == (0.1, 1.4)
    assert west.summary()["place"].tolist() == ["above"]
    opioids = hp.published(13_300, 12_600, 14_200, name="opioids")
    assert hp.plausible(opioids, 11_700_000, "high-risk opioid use").summary()["place"].tolist() == ["within"]


def test_every_range_has_a_source() -> None:
    for one in published_ranges().values():
        assert set(one) == {"of", "counted", "also", "ranges", "says", "source"}
        for span in one["ranges"].values():
            low, high = span["low"] or 0.0, span["high"] or 1.0
            assert 0 <= low < high <= 1


def test_labels_and_reports() -> None:
    sizes = hp.concat({"Oss": men(100, 80, 130, " in Oss"), "Ede": men(900, 700, 1200, " in Ede")})
    found = hp.plausible(sizes, {"Oss": 30_000, "Ede": 40_000}, "MSM")
    assert found.summary()["place"].tolist() == ["below", "within"]
    page = hp.Report("r").add(found).to_html() or ""
    assert "Are all men who had sex with another man" in page
    assert "UNAIDS/WHO (2020)" in page
    assert "question" in found._repr_html_()


def test_what_is_not_at_hand_is_refused() -> None:
    with pytest.raises(InputError, match="Did you mean 'people who inject drugs'"):
        hp.plausible(men(100, 80, 130), 30_000, "people who inject drug")
    with pytest.raises(InputError, match="region='Oceania' has no published share"):
        hp.plausible(men(100, 80, 130), 30_000, "female sex workers", region="Oceania")
    with pytest.raises(InputError, match="is a rate"):
        hp.plausible(men(100, 80, 130).per(30_000), 30_000, "MSM")
    with pytest.raises(InputError, match="smaller than"):
        hp.plausible(men(100, 80, 130), 30, "MSM")
