"""Who recruits whom, against R's RDS 0.9-10, the network behind a sample, and small samples by hand."""

import hiddenpop as hp
import numpy as np
import pandas as pd
import pytest
from hiddenpop import InputError

from .. import recruitment
from ..facts import DATA

# Small and single-chained samples are told; here on purpose.
pytestmark = pytest.mark.filterwarnings("ignore::hiddenpop.HiddenpopWarning")
ROWS = {
    "id": [1, 2, 3, 4, 5, 6, 7, 8],
    "by": [None, None, None, 1, 1, 2, 3, 6],
    "knows": [4, 2, 6, 3, 8, 4, 4, 2],
}
COLUMNS = {"id": "id", "recruiter": "by", "degree": "knows"}


def reported() -> hp.Survey:
    """R's sample with reported contacts, weighted by the inverse of degrees."""
    return hp.Survey.rds(pd.read_csv(DATA / "rds" / "fauxmadrona.csv"), **recruitment.MADRONA, replicates=50)


def test_transitions_and_homophily_are_those_of_r() -> None:
    """RDS 0.9-10: rds.recruitment and homophily.estimates, in all digits that it gives."""
    found = recruitment.survey(replicates=50).recruitment("disease")
    assert found.transitions.to_numpy().tolist() == [[299, 57], [64, 70]]
    assert found.numbers["recruitment homophily"] == pytest.approx(1.236341506776, abs=1e-8)
    assert found.waves["participants"].tolist() == [10, 20, 40, 77, 149, 204]
    faux = hp.Survey.rds(recruitment.faux(), **recruitment.FAUX, replicates=50)
    two, three = faux.recruitment("X"), faux.recruitment("Y")
    assert two.transitions.loc[["blue", "red"], ["blue", "red"]].to_numpy().tolist() == [[39, 82], [79, 188]]
    assert two.numbers["recruitment homophily"] == pytest.approx(1.0197758429047796, abs=1e-8)
    kinds = ["black", "blue", "green"]
    assert three.transitions.loc[kinds, kinds].to_numpy().tolist() == [[44, 12, 3], [13, 153, 5], [13, 4, 141]]
    assert three.numbers["recruitment homophily"] == pytest.approx(2.3182195824715848, abs=1e-8)


def test_activity_and_homophily_of_the_population() -> None:
    """R's RDS with weights of RDS-II, and our own prototype's activity with those of successive sampling for 1,000.

    The network that the sample is from has an activity of 1.7595 and a homophily of 1.5293.
    """
    found = reported().recruitment("disease", contacts={0: "tonondiseased", 1: "todiseased"})
    assert found.table.loc[1, "activity"] == pytest.approx(1.77053903623, abs=1e-8)
    assert found.table["activity"].prod() == pytest.approx(1)
    assert found.numbers["population homophily (recruits)"] == pytest.approx(1.60397806962, abs=1e-8)
    assert found.numbers["population homophily (contacts)"] == pytest.approx(1.44720445837, abs=1e-8)
    known = recruitment.survey(replicates=50).recruitment("disease")
    assert known.table.loc[1, "activity"] == pytest.approx(1.7617397627890614, rel=1e-7)
    assert known.table.loc[1, "activity"] == pytest.approx(1.7595, rel=0.02)
    assert known.numbers["population homophily (recruits)"] == pytest.approx(1.5293, rel=0.1)


def test_where_recruitment_settles_is_where_it_stays() -> None:
    """Closed forms: q P = q; for two categories l = P_aa + P_bb - 1; 1 / sum of squared shares of chains."""
    found = recruitment.survey(replicates=50).recruitment("disease")
    settled, steps = found.table["equilibrium"].to_numpy(), found.shares.to_numpy()
    np.testing.assert_allclose(settled @ steps, settled, rtol=1e-12)
    assert found.numbers["second eigenvalue"] == pytest.approx(299 / 356 + 70 / 134 - 1)
    people = recruitment.madrona().sort_values("wave", kind="stable")
    brought = people["recruiter.id"].isin(people["id"].iloc[:250].astype(str)).sum() / 250
    assert found.numbers["m l^2"] == pytest.approx(brought * found.numbers["second eigenvalue"] ** 2)
    chains = recruitment.survey(replicates=50).bottleneck("disease").summary()["participants"]
    assert found.numbers["effective chains"] == pytest.approx(500**2 / (chains**2).sum())
    start, steps_taken = found.table["seed_share"].to_numpy(), 0
    while np.abs(start - settled).max() >= 0.02:
        start, steps_taken = start @ steps, steps_taken + 1
    assert found.numbers["waves to equilibrium"] == steps_taken
    assert found.worries == []


def test_recruitment_that_keeps_to_itself_is_told() -> None:
    """Chains of 40 in two groups that change once: l near 1, and two recruits each."""
    people = [(i, (i - 2) // 2 if i > 1 else None, i % 2 if i < 2 else None) for i in range(254)]
    kinds: list[int] = []
    for i, by, own in people:
        kinds.append(int(own) if by is None else (1 - kinds[by] if i in (250, 253) else kinds[by]))  # type: ignore[arg-type]
    rows = {"id": [p[0] for p in people], "by": [p[1] for p in people], "knows": 5, "kind": kinds}
    found = hp.Survey.rds(pd.DataFrame(rows), **COLUMNS, replicates=50).recruitment("kind")
    assert found.numbers["m l^2"] > 1
    assert "more interviews barely" in found.worries[0]
    assert "forgets the seeds" not in found.worries[0]
    never = hp.Survey.rds({**ROWS, "kind": [1, 0, 0, 1, 1, 0, 0, 0]}, **COLUMNS, replicates=50).recruitment("kind")
    assert np.isnan(never.table["equilibrium"]).all()
    assert "never left" in never.worries[-1]
    dead = hp.Survey.rds({**ROWS, "kind": list("aabbaccc")}, **COLUMNS, replicates=50).recruitment("kind")
    assert "'b'" not in dead.worries[-1]


def test_missing_answers_count_in_no_transition() -> None:
    table = pd.DataFrame({**ROWS, "kind": ["a", "b", "a", None, "b", "a", "b", "b"]})
    found = hp.Survey.rds(table, **COLUMNS, replicates=50).recruitment("kind")
    assert found.transitions.to_numpy().tolist() == [[0, 3], [1, 0]]
    assert found.table["participants"].sum() == 7


def test_coupons_are_counted() -> None:
    """Six given and three redeemed, by hand."""
    table = {
        "id": [1, 2, 3, 4],
        "own": [None, "a", "b", "d"],
        "c1": ["a", "d", None, None],
        "c2": ["b", "e", None, None],
        "c3": ["c", "f", None, None],
        "knows": [3, 4, 5, 6],
        "kind": ["a", "b", "a", "b"],
    }
    survey = hp.Survey.rds(table, id="id", own_coupon="own", coupons=["c1", "c2", "c3"], degree="knows", replicates=50)
    numbers = survey.recruitment("kind").numbers
    assert (numbers["coupons given"], numbers["coupons unreturned"]) == (6, 3)
    assert "3 of 6 coupons came back" in survey.check("kind").finding("coupons")


@pytest.mark.parametrize("how", ["recruitment", "convergence", "bottleneck"])
def test_what_has_no_recruitment_refuses(how: str) -> None:
    plain = hp.Survey({"x": [0, 1, 1]})
    with pytest.raises(InputError, match=rf"{how}\(\) counts who recruits whom"):
        getattr(plain, how)("x")
    with pytest.raises(InputError, match="who recruits whom"):
        plain.sensitivity("x", population=[10])
    with pytest.raises(InputError, match="who recruits whom"):
        plain.check()
    peers = reported()
    with pytest.raises(InputError, match="how many people participants know"):
        getattr(peers, how)("degree")
    with pytest.raises(InputError, match="no column"):
        getattr(peers, how)("nothing")
    calibrated = peers.calibrate({"disease": {0: 800, 1: 200}})
    with pytest.raises(InputError, match="calibrated"):
        getattr(calibrated, how)("disease")


def test_contacts_are_checked() -> None:
    peers = reported()
    with pytest.raises(InputError, match="lacks 1"):
        peers.recruitment("disease", contacts={0: "tonondiseased"})
    with pytest.raises(InputError, match="has 2, which nobody is"):
        peers.recruitment("disease", contacts={0: "tonondiseased", 1: "todiseased", 2: "wave"})
    below = peers.assign(todiseased=-1)
    with pytest.raises(InputError, match="below zero"):
        below.recruitment("disease", contacts={0: "tonondiseased", 1: "todiseased"})


def test_few_participants_tell_no_degree() -> None:
    """A category of one has the degree of that person: no activity."""
    table = pd.DataFrame({**ROWS, "kind": list("abbbbbbb")})
    assert hp.Survey.rds(table, **COLUMNS, replicates=50).recruitment("kind").table["activity"].isna().all()


def test_reports_with_hidden_numbers_refuse_what_they_do_not_know() -> None:
    peers = recruitment.survey(replicates=50)
    for thing in (
        peers.recruitment("disease"),
        peers.convergence("disease"),
        peers.bottleneck("disease"),
        peers.sensitivity("disease", population=[800, 900]),
        peers.check("disease"),
    ):
        with pytest.raises(InputError, match="can't be checked for small numbers"):
            hp.Report("r", suppress_below=5).add(thing)
        assert thing.title[1:] in str(hp.Report("r").add(thing).to_html())
        for text in (repr(thing), str(thing.to_html()), thing._repr_html_()):
            assert "194" not in text.replace("0.194", "")  # the first seed's id


def test_reciprocity_is_the_share_of_recruits_who_know_their_recruiter() -> None:
    """By hand: of five recruits one didn't answer and three of four said yes; what seeds say doesn't count."""
    said = pd.Series(["no", "no", "no", "yes", "yes", "no", "yes", None], dtype=object)
    table = pd.DataFrame({**ROWS, "x": [0, 1, 1, 0, 1, 0, 1, 0]})
    for column in (said, said.map({"yes": 1, "no": 0})):
        survey = hp.Survey.rds(table.assign(knows_by=column), **COLUMNS, replicates=10)
        found = survey.recruitment("x", reciprocity="knows_by")
        assert found.numbers["reciprocity"] == 0.75
        assert "75% of recruits say that they know their recruiter" in found.worries[0]
        page = survey.check("x", reciprocity="knows_by")
        assert page.finding("reciprocity").startswith("75% of the 4 recruits who answered")
        assert page.finding("reciprocity") in page.worries
    assert "reciprocity 0.75" in " ".join(found._as_table().notes)  # numbers go along where a table goes
    assert np.isnan(survey.recruitment("x").numbers["reciprocity"])
    assert survey.check("x").finding("reciprocity") == ""
    all_known = hp.Survey.rds(table.assign(knows_by=1), **COLUMNS, replicates=10).check("x", reciprocity="knows_by")
    assert all_known.finding("reciprocity") not in all_known.worries
    other = hp.Survey.rds(table.assign(knows_by=["friend", "stranger"] * 4, none=None), **COLUMNS, replicates=10)
    for name, match in (("knows_by", "yes and no"), ("none", "yes and no|No recruit"), ("by", "no answer")):
        with pytest.raises(InputError, match=match):
            other.check("x", reciprocity=name)
