"""The first size that README shows, from whatever hiddenpop is installed: it must be the published number."""

import hiddenpop as hp
import pandas as pd

interviews = pd.DataFrame(
    {
        "group": ["opioids", "opioids", "crack only", "crack only"],
        "in_treatment": [1, 0, 1, 0],
        "count": [240, 153, 39, 88],
    }
)
survey = hp.Survey(interviews, counts="count", strata="group")
people = hp.multiplier({"opioids": 8126, "crack only": 4912}, survey.proportion("in_treatment", by="group"))
hp.show_versions()
print(people)
published = pd.Series({"opioids": 8126 * 393 / 240, "crack only": 4912 * 127 / 39})
pd.testing.assert_series_equal(people.summary()["estimate"], published, check_names=False)
