"""Make the synthetic interviews of hp.datasets.load("synthetic_opaak").

No respondent is in them: answers are drawn at random, subject to the margins that the study's
summary prints (and the counts recovered from them). Run once; the result is committed.
"""

from pathlib import Path

import numpy as np
import pandas as pd

RNG = np.random.default_rng(2023)
OPIOIDS, CRACK = "opioids", "crack only"
SIZES = {OPIOIDS: 393, CRACK: 127}
#: (group, born in NL or elsewhere): participants, of whom in treatment. Recovered counts.
TREATED = {
    (OPIOIDS, "NL"): (207, 140),
    (OPIOIDS, "elsewhere"): (186, 100),
    (CRACK, "NL"): (46, 17),
    (CRACK, "elsewhere"): (81, 22),
}
OUTSIDE_EU = {OPIOIDS: 140, CRACK: 67}
CITIES = {"Amsterdam": 0.26, "Rotterdam": 0.2, "The Hague": 0.14, "Utrecht": 0.12, "Eindhoven": 0.09, "Groningen": 0.08, "Arnhem": 0.06, "Heerlen": 0.05}  # fmt: skip


def exactly(mask: pd.Series, k: int, odds: np.ndarray | float = 1.0) -> np.ndarray:
    """Mark k of the rows in a mask, with probabilities in proportion to odds."""
    rows = np.flatnonzero(mask)
    weight = np.broadcast_to(odds, len(mask))[rows].astype(float)
    chosen = np.zeros(len(mask), dtype=bool)
    chosen[RNG.choice(rows, k, replace=False, p=weight / weight.sum())] = True
    return chosen


def nudge(ages: pd.Series, rows: pd.Series, mean: float) -> None:
    """Move single ages by a year until the mean of the known ones is right to a tenth."""
    while abs(gap := mean - ages[rows].mean()) > 0.01:
        row = RNG.choice(np.flatnonzero(rows & ages.between(25, 70)))
        ages[row] += np.sign(gap)


def blank(column: pd.Series, k: int, where: pd.Series | None = None) -> pd.Series:
    """Make k answers missing, at random."""
    rows = np.flatnonzero(np.ones(len(column)) if where is None else where)
    return column.mask(np.isin(np.arange(len(column)), RNG.choice(rows, k, replace=False)))


def main() -> None:
    rows = []
    for (group, born), (n, treated) in TREATED.items():
        rows += [(group, born, int(i < treated)) for i in range(n)]
    table = pd.DataFrame(rows, columns=["group", "born", "in_treatment"]).sample(frac=1, random_state=1)
    table = table.reset_index(drop=True)
    opioids = table.group == OPIOIDS
    abroad = table.born == "elsewhere"
    outside = np.zeros(len(table), dtype=bool)
    for group, k in OUTSIDE_EU.items():
        outside |= exactly(abroad & (table.group == group), k)
    table["born"] = np.where(~abroad, "Netherlands", np.where(outside, "outside EU", "other EU"))
    table.insert(0, "city", RNG.choice(list(CITIES), len(table), p=list(CITIES.values())))
    ages = pd.Series(np.clip(np.round(RNG.normal(np.where(opioids, 50.7, 47.8), 10.5)), 19, 79))
    ages[RNG.choice(np.flatnonzero(opioids), 2, replace=False)] = [19, 79]
    ages = blank(ages, 2, ages.between(25, 70))
    nudge(ages, opioids, 50.7)
    nudge(ages, ~opioids, 47.8)
    table["age"] = ages
    treated = table.in_treatment == 1
    table["uses_crack"] = (~opioids | exactly(opioids, 351, np.where(treated, 1.0, 1.3))).astype(int)
    everyone = pd.Series(True, index=table.index)
    shelter = exactly(opioids, 62) | exactly(~opioids, 28)
    rough = exactly(~pd.Series(shelter), 117, np.where(treated, 1.0, 2.5))
    friends = exactly(~pd.Series(shelter | rough), 57)
    table["housing"] = np.select([shelter, rough, friends], ["shelter", "sleeps rough", "with others"], "own home")
    unemployed = exactly(everyone, 192)
    unable = exactly(~pd.Series(unemployed), 191 + 9, np.where(table.age > 50, 1.6, 1.0))
    table["work"] = np.select([unemployed, unable], ["unemployed", "unable to work"], "other")
    table["work"] = blank(table["work"], 9, pd.Series(unable))
    man = exactly(everyone, 440 + 3)
    table["sex"] = blank(pd.Series(np.where(man, "man", "woman")), 3, pd.Series(man))
    table.loc[table.sex.isna(), "sex"] = None
    depressed = exactly(everyone, 386, np.where(rough, 1.3, 1.0))
    table["depression"] = blank(pd.Series(depressed.astype("float")), 30, ~pd.Series(depressed))
    injected = exactly(opioids, 47).astype(float)
    table["injected"] = pd.Series(np.where(opioids, injected, np.nan))
    table["injected"] = blank(table["injected"], 3, opioids & (injected == 0))
    room = exactly(opioids, 180) | exactly(~opioids, 39)
    table["consumption_room"] = blank(pd.Series(room.astype(float)), 1, opioids & ~pd.Series(room))
    table.insert(0, "id", [f"synthetic-{i:03d}" for i in range(1, len(table) + 1)])
    for column in ("age", "depression", "injected", "consumption_room"):
        table[column] = table[column].astype("Int64")
    columns = ["id", "city", "group", "age", "sex", "born", "housing", "work", "in_treatment", "uses_crack", "injected", "depression", "consumption_room"]  # fmt: skip
    table = table[columns]
    check(table)
    folder = Path(__file__).parents[1] / "python/hiddenpop/datasets"
    table.to_csv(folder / "synthetic_opaak.csv", index=False)


def check(table: pd.DataFrame) -> None:
    """Hold the result against what the summary prints."""
    by = table.groupby("group")
    print(by[["age", "in_treatment", "uses_crack", "injected", "consumption_room"]].mean().astype(float).round(4))
    print(table.age.mean(), table.age.min(), table.age.max())
    for column in ("sex", "born", "housing", "work", "depression"):
        print(table[column].value_counts(normalize=True).round(4).to_dict(), table[column].isna().sum())
    print(by.housing.value_counts(normalize=True).round(4).to_dict())
    print(table.groupby(["group", table.born == "Netherlands"]).in_treatment.mean().round(4).to_dict())


if __name__ == "__main__":
    main()
