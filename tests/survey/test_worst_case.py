"""What missing answers could change at worst, in closed form."""

from __future__ import annotations

import hiddenpop as hp
import pytest
from hiddenpop.errors import InputError


def test_worst_cases_enclose_every_answer() -> None:
    survey = hp.Survey({"yes": [1, 0, None], "count": [60, 30, 10]}, counts="count")
    worst = survey.worst_case("yes")
    assert (worst.lowest.point, worst.highest.point) == (0.6, 0.7)
    # Imbens and Manski (2004): a wide gap needs the one-sided quantile on either side.
    ends = worst.interval().iloc[0]
    assert ends["lower"] == pytest.approx(0.6 - 1.6449 * worst.lowest.se(), abs=2e-4)
    # Without missing answers it is the two-sided interval.
    full = hp.Survey({"yes": [1, 0], "count": [60, 30]}, counts="count").worst_case("yes")
    assert full.interval().iloc[0]["upper"] == pytest.approx(2 / 3 + 1.96 * full.lowest.se(), abs=1e-4)
    # Both ends go through arithmetic, jointly.
    sizes = hp.concat({"lowest": hp.multiplier(600, worst.highest), "highest": hp.multiplier(600, worst.lowest)})
    assert sizes.point.round().tolist() == [857, 1000]
    ages = hp.Survey({"age": [20, None, 40]}).worst_case("age", limits=(18, 80))
    assert (ages.lowest.point, ages.highest.point) == (26, pytest.approx(140 / 3))
    with pytest.raises(InputError, match="limits=\\(18, 80\\)"):
        hp.Survey({"age": [20, None, 40]}).worst_case("age")
    with pytest.raises(InputError, match="must enclose all answers"):
        hp.Survey({"age": [20, None, 40]}).worst_case("age", limits=(25, 80))
