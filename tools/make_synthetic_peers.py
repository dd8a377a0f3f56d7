"""Make hp.datasets.load("synthetic_peers"): a sample whose participants recruited one another, of a population of which all is known.

Nobody is in it: `hp.simulate` draws a population and recruits in it, so that what methods find can be held against the truth. Run
once; the result is committed, as later versions may draw other digits.
"""

from __future__ import annotations

import json
from pathlib import Path

import hiddenpop as hp
import numpy as np
import pandas as pd

FOLDER = Path(__file__).parents[1] / "python/hiddenpop/datasets"
PEOPLE, SAMPLE, SEEDS, COUPONS = 2_000, 400, 8, 3
FIRST_DAY = "2025-02-03"
SEED = 5


def main() -> None:
    # Who is in treatment knows more of the others, so a sample by peers meets them too often.
    network = hp.simulate.network(
        PEOPLE,
        {"in_treatment": 0.3, "no_home": 0.3},
        homophily={"in_treatment": 1.3, "no_home": 2.2},
        activity={"in_treatment": 1.6, "no_home": 1},
        mean_degree=11,
        spread=0.4,
        seed=SEED,
    )
    sample = hp.simulate.rds(network, n=SAMPLE, seeds=SEEDS, coupons=COUPONS, refuse=0.55, time=6, seed=SEED)
    rng = np.random.default_rng(SEED)
    coupons = pd.DataFrame(
        rng.permutation(np.arange(1_001, 1_001 + COUPONS * SAMPLE)).reshape(SAMPLE, COUPONS),
        columns=[f"coupon_{k}" for k in range(1, COUPONS + 1)],
    )
    row_of = {one: row for row, one in enumerate(sample["id"])}
    brought = dict.fromkeys(range(SAMPLE), 0)
    own: list[int | None] = []
    for recruiter in sample["recruiter"]:
        if pd.isna(recruiter):
            own.append(None)
            continue
        giver = row_of[recruiter]
        own.append(int(coupons.iloc[giver, brought[giver]]))
        brought[giver] += 1
    day = pd.Timestamp(FIRST_DAY) + pd.to_timedelta(sample["time"].astype(int), unit="D")
    interviews = pd.DataFrame(
        {
            "id": [f"P{one:03d}" for one in sample["id"]],
            "date": day.dt.date,
            "own_coupon": pd.array(own, dtype="Int64"),
            **coupons,
            "knows": sample["degree"],
            "knows_recruiter": pd.array(
                [None if one is None else int(rng.random() < 0.96) for one in own], dtype="Int64"
            ),
            "no_home": sample["no_home"],
            "in_treatment": sample["in_treatment"],
        }
    )
    interviews.to_csv(FOLDER / "synthetic_peers.csv", index=False)
    people = network.people
    about = {
        "name": "synthetic_peers",
        "title": f"SYNTHETIC interviews: {SAMPLE} invented participants who recruited one another, of {PEOPLE:,} invented people",
        "source": "Drawn at random by tools/make_synthetic_peers.py, with hp.simulate. Nobody's answers are in it.",
        "licence": "MIT, as the package.",
        "note": "SYNTHETIC data: invented people who know one another by chance; the table 'population' tells all that a sample has to find.",
        "tables": {
            "register": [{"register": "treatment", "people": int(people["in_treatment"].sum())}],
            "population": [
                {
                    "people": PEOPLE,
                    "in_treatment": round(float(people["in_treatment"].mean()), 4),
                    "no_home": round(float(people["no_home"].mean()), 4),
                    "homophily_by_treatment": round(network.homophily("in_treatment"), 3),
                    "homophily_by_home": round(network.homophily("no_home"), 3),
                    "activity_in_treatment": round(float(network.activity("in_treatment")[1]), 3),
                }
            ],
        },
    }
    text = json.dumps(about, indent=1, ensure_ascii=False)
    (FOLDER / "synthetic_peers.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
