"""Ask svy what docs/does_it_match.md compares, and keep what it says in tests/data/svy.json.

It needs `pip install svy` and nothing of hiddenpop.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import svy

DATA = Path(__file__).parents[1] / "tests" / "data"
#: Designs of the Californian schools, as svy says them.
DESIGNS = {
    "strat": {"stratum": "stype", "wgt": "pw", "pop_size": "fpc"},
    "strat_nofpc": {"stratum": "stype", "wgt": "pw"},
    "clus1": {"psu": "dnum", "wgt": "pw", "pop_size": "fpc"},
    "clus1_nofpc": {"psu": "dnum", "wgt": "pw"},
}


def main() -> None:
    said: dict[str, Any] = {}
    for name, design in DESIGNS.items():
        table = pl.read_csv(DATA / f"api{name.removesuffix('_nofpc')}.csv")
        estimate = svy.Sample(table, svy.Design(**design)).estimation

        def numbers(found: Any) -> dict[str, list[float]]:
            rows = sorted(found.estimates, key=lambda one: str(one.by_level))
            return {"est": [one.est for one in rows], "se": [one.se for one in rows]}

        def ends(method: str, asked: Any = estimate) -> list[float]:
            rows = asked.prop("awards", ci_method=method).estimates
            return next([one.lci, one.uci] for one in rows if "Yes" in str(one.y_level))

        said[name] = {
            "mean": numbers(estimate.mean("api00")),
            "total": numbers(estimate.total("enroll")),
            "ratio": numbers(estimate.ratio("api.stu", "enroll")),
            "by": numbers(estimate.mean("api00", by="awards")),
            "logit": ends("logit"),
            "beta": ends("korn-graubard"),
        }
    record = {"source": f"svy {svy.__version__}, by tools/record_svy.py", "designs": said}
    (DATA / "svy.json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
