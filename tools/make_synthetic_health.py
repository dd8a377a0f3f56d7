"""Make the second half of the synthetic questionnaire: care, complaints, sharing of equipment.

As `make_synthetic_opaak.py`: nobody's answers, only the margins that the study's summary prints. It adds to the
interviews made there, which stay as they are. Run once; the result is committed.
"""

from pathlib import Path

import numpy as np
import pandas as pd

RNG = np.random.default_rng(2024)
FOLDER = Path(__file__).parents[1] / "python/hiddenpop/datasets"
#: Column: how many say yes, of how many who answered, and the percentage printed.
EVERYONE = {
    "insured": (436, 520, 83.8),
    "in_dutch": (463, 520, 89.0),
    "complaint_teeth": (314, 520, 60.4),
    "complaint_memory": (269, 520, 51.7),
    "complaint_sleep": (260, 519, 50.1),
    "complaint_breathing": (260, 520, 50.0),
    "anxiety": (388, 520, 74.6),
    "mental_care": (83, 520, 16),
}
#: (column, group): the same within a group.
BY_GROUP = {
    ("shared_equipment", "opioids"): (247, 392, 63.0),
    ("shared_equipment", "crack only"): (83, 125, 66.4),
}


def ticks(rows: np.ndarray, yes: int, answered: int, size: int) -> pd.Series:
    """Let some of the rows say yes, some no, and the rest nothing, at random."""
    shuffled = RNG.permutation(rows)
    column = pd.Series(pd.NA, index=range(size), dtype="Int64")
    column[shuffled[:answered]] = 0
    column[shuffled[:yes]] = 1
    return column


def main() -> None:
    people = pd.read_csv(FOLDER / "synthetic_opaak.csv")
    everyone = np.arange(len(people))
    health = people[["id"]].copy()
    # Maintenance treatment is treatment: 235 of the 240 in treatment, and nobody else.
    treated = np.flatnonzero((people.group == "opioids") & (people.in_treatment == 1))
    health["maintenance"] = 0
    health.loc[RNG.choice(treated, 235, replace=False), "maintenance"] = 1
    for column, (yes, answered, _) in EVERYONE.items():
        health[column] = ticks(everyone, yes, answered, len(people))
    for (column, group), (yes, answered, _) in BY_GROUP.items():
        rows = np.flatnonzero(people.group == group)
        part = ticks(rows, yes, answered, len(people))
        health[column] = part if column not in health else health[column].fillna(part)
    check(health.assign(group=people.group))
    health.to_csv(FOLDER / "synthetic_opaak_health.csv", index=False)


def check(health: pd.DataFrame) -> None:
    """Hold the result against what the summary prints."""
    for column, (_, _, printed) in EVERYONE.items():
        assert abs(100 * health[column].mean() - printed) <= (0.05 if printed != 16 else 0.5), column
    for (column, group), (_, _, printed) in BY_GROUP.items():
        assert abs(100 * health.loc[health.group == group, column].mean() - printed) <= 0.05, (column, group)
    assert round(100 * health.loc[health.group == "opioids", "maintenance"].mean(), 1) == 59.8


if __name__ == "__main__":
    main()
