"""Methods sections."""

import hiddenpop as hp
import pytest
from hiddenpop import InputError


def test_methods_name_estimator_design_replicates_seed_version_reference(people: hp.Estimate) -> None:
    text = people.methods()
    for part in (
        "multiplier method",
        "520 participants in 2 strata by group (opioids: 393, crack only: 127)",
        "the proportion of in_treatment by group",
        "redrawing with replacement as many participants as there were within each stratum",
        "95% MOVER (limits recovered from those of the parts) intervals",
        "10,000 redraws, seed 0",
        f"hiddenpop {hp.__version__}",
        "Efron B (1979)",
        "UNAIDS/WHO",
    ):
        assert part in text
    assert "bias-corrected" in people.methods(method="bc")
    mixed = (people * hp.beta(80, 20, name="completeness")).sum()
    assert "completeness, beta(80, 20)" in mixed.methods()
    assert "the limits of their parts were carried through" in mixed.methods()
    assert "draw by draw" in mixed.methods(method="percentile")


def test_methods_refuse_what_intervals_refuse(people: hp.Estimate) -> None:
    with pytest.raises(InputError, match="'BC' is not one of"):
        people.methods(method="BC")
