"""Which uncertainty an estimate rests on: the same source under another seed, or another source."""

import hiddenpop as hp
from hiddenpop.triangulation.evidence import replaced


def test_a_named_input_with_other_parameters_is_another_uncertainty() -> None:
    # Named inputs share an identity, and what a sentence prints of them is rounded: their parameters tell them apart.
    one = hp.beta(80, 20, name="completeness").node
    near = hp.beta(80.000001, 20, name="completeness").node
    assert replaced([one], [near])
    assert not replaced([one], [hp.beta(80, 20, name="completeness", seed=5).node])
    assert not replaced([one], [one.reseed(seed=1, replicates=50)])
