"""What to worry about, in samples made to have one worry each."""

import hiddenpop as hp
import pandas as pd
import pytest

from .. import recruitment

pytestmark = pytest.mark.filterwarnings("ignore::hiddenpop.HiddenpopWarning")


def test_a_good_sample_worries_nobody() -> None:
    """R's fauxmadrona: ten chains alike, six waves, a population that is known."""
    found = recruitment.survey(homophily_on="disease", replicates=10).check()
    assert found.worries == []
    assert "10 chains of 29 to 63 participants" in found.finding("chains")
    assert "50% of the population of 1,000" in found.finding("population")
    assert str(found).startswith("Nothing to worry about was found.")
    assert "Not to be seen in any sample" in str(found)


def test_what_goes_wrong_is_said() -> None:
    """faux: one chain, no population, and Y settles after the last wave."""
    found = hp.Survey.rds(recruitment.faux(), **recruitment.FAUX, replicates=10).check(["X", "Y"])
    assert str(found).startswith("What to worry about in a respondent-driven sample:\n! ")
    worries = " ".join(found.worries)
    for text in ("1 chain of recruitment", "No population is known", "Recruitment by Y forgets the seeds", "moved by"):
        assert text in worries
    assert "by X" not in worries
    assert found.summary()["worry"].is_monotonic_decreasing


def test_a_bottleneck_and_a_chain_that_is_nearly_all() -> None:
    """Two groups that never recruit one another; one chain of 60, two of 12, two seeds of five without recruits."""
    rows = []
    for chain, (size, kind) in enumerate([(60, 1), (12, 0), (12, 0), (1, 0), (1, 1)]):
        rows += [(f"{chain}-{k}", f"{chain}-{(k - 1) // 2}" if k else None, 5, kind) for k in range(size)]
    table = pd.DataFrame(rows, columns=["id", "by", "knows", "kind"])
    found = hp.Survey.rds(table, id="id", recruiter="by", degree="knows", population=900, replicates=10).check()
    worries = " ".join(found.worries)
    for text in ("may be too short", "chains 1, 2 and 3 lie far", "some categories are never left"):
        assert text in worries
    assert "40% of the seeds recruited nobody" in found.finding("chains")


def test_items_of_the_checklist_are_filled() -> None:
    peers = recruitment.survey(seeds="out", replicates=50)
    report = hp.Report("A study").add(peers.proportion("disease"), peers.check("disease"), peers.convergence("disease"))
    answers = report.checklist("STROBE-RDS").numbers.set_index("item")["answer"]
    assert answers["12h RDS"] == "Seeds are left out of estimates."
    assert answers["7 RDS"] == "Recruits and recruiters are linked by the recruiter's id."
    assert answers["12g RDS"] == "Tables 2 and 3."
    assert "10 seeds" in answers["6a RDS"]


def test_a_report_has_it_in_the_reader_s_language() -> None:
    """A row a finding, by topic, and what no sample shows below: as `Tabled` makes the table, not the bare summary."""
    page = recruitment.survey(homophily_on="disease", replicates=10).check()
    with hp.settings(language="nl"):
        shown = hp.Report("A study").add(page).to_html()
    assert "Startdeelnemers (seeds) tellen mee in schattingen." in shown
    assert "In geen enkele steekproef te zien" in shown
    assert "Seeds count" not in shown
