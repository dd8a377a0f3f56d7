"""Case (c) in a process of its own: how much memory the evaluation takes. Prints JSON."""

from __future__ import annotations

import json
import sys

import cases
import hiddenpop as hp
import measure


def main(threads: int) -> None:
    frame = cases.million_rows()
    columns = int(frame.memory_usage(index=False).sum())
    before_survey = measure.current_bytes()
    survey = hp.Survey(frame, replicates=cases.LARGE_REPLICATES)
    before = measure.current_bytes()
    measure.reset_peak()
    with hp.settings(threads=threads):
        estimate = cases.five_means(survey)
        estimate.interval(method="percentile")
    found = {
        "columns": columns,
        "draws": estimate.draws.nbytes,
        "growth": measure.peak_bytes() - before,
        "survey": before - before_survey,
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main(int(sys.argv[1]))
