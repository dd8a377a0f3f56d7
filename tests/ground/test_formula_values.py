"""What a formula's refusal says holds no answer, nor does any error that it leads to."""

import traceback

import hiddenpop as hp
import pandas as pd
import pytest

CANARY = "told me about his HIV"


@pytest.mark.parametrize(
    "term", ["poly(age, 2)", "log(age)", "bs(age, df=4)", "scale(age)", "np.sqrt(age)", "I(age - 1)", "age.clip(1)"]
)
@pytest.mark.parametrize("door", ["regress", "zero_truncated"])
def test_no_answer_is_told(term: str, door: str) -> None:
    age: list[object] = [20.0 + i for i in range(30)]
    age[7] = CANARY
    table = pd.DataFrame({"age": pd.Series(age, dtype=object), "y": [0, 1, 1] * 10, "hits": [1, 2, 1] * 10})
    with pytest.raises((hp.InputError, hp.EstimationError)) as told:  # noqa: PT012
        if door == "regress":
            hp.regress(hp.Survey(table, replicates=20), f"y ~ {term}")
        else:
            hp.zero_truncated(hp.CaptureCounts(table, "hits", replicates=20), f"~ {term}")
    assert CANARY not in "".join(traceback.format_exception(told.value))
