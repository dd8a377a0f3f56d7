"""Invent the two exports in `notebooks/data`, with the troubles that exports have: `python tools/make_synthetic_exports.py`.

Nobody was asked and nobody is in a register: people, answers and months are drawn here. The columns and what is wrong with
them are listed in `notebooks/data/README.md`, and looked for in `tests/test_raw_study.py`.
"""

from pathlib import Path

import numpy as np
import pandas as pd

DATA = Path(__file__).parents[1] / "notebooks" / "data"
CITIES = {"Rotterdam": 0.45, "Den Haag": 0.35, "Utrecht": 0.2}
SPELLED = {"ja": ["ja", "ja", "ja", "Ja ", "JA"], "nee": ["nee", "nee", "nee", "Nee", "nee "]}


def interviews(rng: np.random.Generator, people: int = 520) -> pd.DataFrame:
    """Draw interviews, and write their answers as interviewers do."""
    group = np.where(np.arange(people) < 320, "opioids", "crack only")
    age = np.clip(rng.normal(np.where(group == "opioids", 51, 44), 8), 19, 79).round(1)
    abroad = rng.random(people) < np.where(group == "opioids", 0.3, 0.45)
    odds = np.where(group == "opioids", 0.6, -0.6) + 0.03 * (age - 48) - 0.6 * abroad
    treated = rng.random(people) < 1 / (1 + np.exp(-odds))
    injected = np.where(rng.random(people) < np.where(group == "opioids", 0.25, 0.1), 1, 2)
    born = np.where(abroad, rng.choice(["België", "Curaçao", "Marokko", "Polen"], people), "Nederland")
    days = pd.Timestamp("2023-09-01") + pd.to_timedelta(rng.integers(0, 110, people), unit="D")
    table = pd.DataFrame(
        {
            "nr": [f'="{number:03}"' for number in range(1, people + 1)],
            "date": days.strftime("%Y-%m-%d"),
            "city": rng.choice(list(CITIES), people, p=list(CITIES.values())),
            "group": group,
            "age": [str(value).replace(".", ",") for value in age],
            "treat": _written(treated, rng),
            "abroad": _written(abroad, rng),
            "born": born,
            "injected": injected,
        }
    )
    for cell in table.groupby(["group", "city"]).groups.values():  # so many that a report may tell how many
        chosen = rng.choice(cell, 7, replace=False)
        table.loc[chosen, "treat"] = ["onbekend"] * 4 + [""] * 3
    for column, word in {"abroad": "weet niet", "injected": 9, "age": ""}.items():
        for people_of in table.groupby("group").groups.values():
            table.loc[rng.choice(people_of, 7, replace=False), column] = word
    table.loc[rng.choice(people, 12, replace=False), "city"] = "rotterdam "
    table.loc[76, "date"] = "2023-09-31"
    again = table.loc[[41]].assign(date="2023-12-12", treat="nee")  # came back under another interviewer
    return pd.concat([table, again])


def register(rng: np.random.Generator, people: int = 600) -> pd.DataFrame:
    """Draw people in treatment and the months that each was there, also before and after 2023."""
    months = pd.period_range("2022-10", "2024-03", freq="M").astype(str)
    names = {"Den Haag": "'s-Gravenhage", "Rotterdam": "Rotterdam", "Utrecht": "UTRECHT"}
    rows: list[dict[str, str]] = []
    for person in range(people):
        group = "opioids" if rng.random() < 0.75 else "crack only"
        city = str(rng.choice(list(CITIES), p=list(CITIES.values())))
        start = int(rng.integers(0, len(months)))
        for when in range(start, min(start + 1 + int(rng.geometric(0.25)), len(months))):
            dossier = f"{'D' if rng.random() < 0.95 else 'd'}{10_000 + 7 * person}"
            rows.append({"dossier": dossier, "month": months[when], "group": group, "city": names[city]})
            if rng.random() < 0.015:
                group = "opioids" if group == "crack only" else "crack only"
            if rng.random() < 0.01:
                city = str(rng.choice(list(CITIES)))
    table = pd.DataFrame(rows).sort_values(["month", "dossier"], ignore_index=True)
    table.loc[rng.choice(len(table), 14, replace=False), "dossier"] = ""
    return table


def _written(yes: np.ndarray, rng: np.random.Generator) -> list[str]:
    return [str(rng.choice(SPELLED["ja" if value else "nee"])) for value in yes]


if __name__ == "__main__":
    rng = np.random.default_rng(2023)
    DATA.mkdir(exist_ok=True)
    interviews(rng).to_csv(
        DATA / "synthetic_interviews.csv", sep=";", index=False, encoding="cp1252", lineterminator="\r\n", quoting=3
    )
    register(rng).to_csv(DATA / "synthetic_register.csv", index=False, lineterminator="\n")
