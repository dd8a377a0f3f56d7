"""An answer under several populations, against surveys of each."""

from typing import Any

import hiddenpop as hp
import matplotlib as mpl
import numpy as np
import pytest
from hiddenpop import InputError

from .. import recruitment

mpl.use("Agg")
pytestmark = pytest.mark.filterwarnings("ignore::hiddenpop.HiddenpopWarning")


@pytest.mark.parametrize("own", [None, 1_000])
def test_each_is_a_survey_with_that_population(own: float | None) -> None:
    """And R's RDS 0.9-10 with 40,000 to 100,000 samples an iteration: 0.21253, 0.19439, 0.16910."""
    peers = recruitment.survey(population=own, homophily_on="disease", replicates=200)
    found = peers.sensitivity("disease", population=[5_000, 715, 1_000]).summary()
    assert found.index.tolist() == [715, 1_000, 5_000]
    np.testing.assert_allclose(found["estimate"], [0.2125265627, 0.194387713, 0.1690971329], atol=1e-4)
    for size in (715, 1_000, 5_000):
        made = recruitment.survey(population=size, homophily_on="disease", replicates=200).proportion("disease")
        assert found.loc[size, "estimate"] == pytest.approx(made.point, rel=1e-12)
        np.testing.assert_allclose(found.loc[size, ["lower", "upper"]], made.interval().iloc[0], rtol=1e-12)
    # What was asked leaves the survey as it was.
    again = recruitment.survey(population=own, homophily_on="disease", replicates=200)
    assert peers.proportion("disease").draws.tobytes() == again.proportion("disease").draws.tobytes()


def test_means_categories_and_figures() -> None:
    peers = recruitment.survey(replicates=100)
    mean = peers.sensitivity("age", population=[800, 900], level=0.9)
    assert mean.quantity == "mean"
    assert "90% intervals" in hp.plot.describe(mean.plot())
    kinds = hp.Survey.rds(recruitment.faux(), **recruitment.FAUX, replicates=100)
    found = kinds.sensitivity("Y", population=[400, 4_000])
    assert found.summary().groupby(level="population")["estimate"].sum().to_list() == pytest.approx([1, 1])
    assert len(found.plot().get_legend().get_texts()) == 3


def test_what_is_refused() -> None:
    peers = recruitment.survey(replicates=10)
    for sizes, match in (
        ([400], "never smaller"),
        ([], "list of different sizes"),
        ([800, 800], "list of different sizes"),
        ([float("inf")], "never smaller|infinite|number"),
    ):
        with pytest.raises(InputError, match=match):
            peers.sensitivity("disease", population=sizes)
    inverse = recruitment.survey(weights="volz_heckathorn", replicates=10)
    with pytest.raises(InputError, match="nothing to vary"):
        inverse.sensitivity("disease", population=[800])
    with pytest.raises(InputError, match="single population"):
        peers.sensitivity("disease", population=[{"one": 900}])


def sites(population: dict[str, float], **options: Any) -> hp.Survey:
    """Chains 1 to 4 of the sample were recruited in the north, the others in the south."""
    chain = recruitment.survey(replicates=10).chains
    table = recruitment.madrona().assign(site=np.where(chain <= 4, "north", "south"))
    return hp.Survey.rds(table, **recruitment.MADRONA, site="site", population=population, replicates=100, **options)


def test_several_sites_are_a_survey_each_time_too() -> None:
    tried = [{"north": 300, "south": 700}, {"south": 400, "north": 5_000}, {"north": 700, "south": 300}]
    peers = sites(tried[0])
    for column, labels in (("disease", 1), ("group", 2)):
        found = peers.sensitivity(column, population=tried)
        assert found.summary().index.names[:2] == ["population of north", "population of south"]
        assert len(found.summary()) == 3 * labels
        for one in tried:
            rows = found.summary().xs((one["north"], one["south"]), level=(0, 1))
            made = sites(one).proportion(column)
            np.testing.assert_allclose(np.ravel(rows["estimate"]), np.ravel(made.point), rtol=1e-12)
            np.testing.assert_allclose(np.atleast_2d(rows[["lower", "upper"]]), made.interval(), rtol=1e-12)
        words = hp.plot.describe(found.plot())
        assert "north 5,000, south 400" in words


def test_items_of_sites_that_are_refused() -> None:
    peers = sites({"north": 300, "south": 700})
    for item, match in (
        (900, "there are 2 sites"),
        ({"north": 900}, "lacks 'south'"),
        ({"north": 900, "south": 900, "west": 1}, "has 'west'"),
        ({"north": 900, "south": 20}, "20 at 'south'"),
    ):
        with pytest.raises(InputError, match=match):
            peers.sensitivity("disease", population=[item])
