"""Published results that the tests reproduce, each with its source; and where the files lie that hold more of them."""

import json
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
DATA = ROOT / "tests" / "data"


def printed(name: str) -> Any:
    """Return what other software printed, from the file of this name in tests/data."""
    return json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))


OPAAK_SOURCE = (
    "Strada et al. (2025), Hoog-risicogebruik van crack en opioïden in Nederland: summary of the OPAAK study, "
    "Trimbos Institute, September 2025"
)
#: Register counts implied by size times share; the report does not print them.
OPAAK_BENCHMARKS = {"opioids": 8126, "crack only": 4912}
#: Per cent in treatment, as printed.
OPAAK_TREATED = {"opioids": 61.1, "crack only": 30.7}
#: By birthplace, as printed: {(group, born in): per cent}.
OPAAK_TREATED_BY_BIRTHPLACE = {
    ("opioids", "Netherlands"): 67.6,
    ("opioids", "elsewhere"): 53.8,
    ("crack only", "Netherlands"): 37.0,
    ("crack only", "elsewhere"): 27.2,
}
OPAAK_TREATED_BIRTHPLACE_ALL = {"Netherlands": 62, "elsewhere": 46}
#: Sizes, rounded to hundreds, as printed.
OPAAK_SIZES = {"opioids": 13_300, "crack only": 16_000}
#: The study's size of the group that uses crack only, before rounding: 39 of 127 were in treatment.
CRACK = OPAAK_BENCHMARKS["crack only"] * 127 / 39
OPAAK_USES_CRACK_PERCENT = 89.3
OPAAK_BOTH, OPAAK_OPIOIDS_ONLY, OPAAK_ALL_CRACK = 11_900, 1_400, 27_900


def crack_size(completeness: float, odds: float) -> float:
    """Closed form: 39 of 127 seen, those registered found with `odds` times the odds of the others."""
    return float(OPAAK_BENCHMARKS["crack only"] * (39 + odds * 88) / 39 / completeness)


#: Published sizes with intervals, the same source: (estimate, lower, upper).
PUBLISHED = [(16_000, 11_300, 25_200), (14_300, 13_400, 16_300), (12_400, 10_300, 15_600), (13_300, 12_600, 14_200)]

#: First words of splitmix64.c (Vigna 2015) are tested in src/stream.rs. The digits below were written down once
#: with hiddenpop 0.1.0: a change means that users' digits change, and belongs in the changelog.
FIXED_DRAWS = {
    "kinds": [233.0, 239.0, 236.0, 227.0, 237.0],
    "rows": [32.5, 21.5, 34.75, 31.0, 34.75],
    "quantile": [2.0, 1.75, 3.625, 4.25, 3.625],
    "beta": [0.794418641, 0.818543565, 0.834563166],
}

#: How many to interview for a share, as the manual of R's RSurveillance prints: n.ap(p, precision, conf).
RSURVEILLANCE_N_AP = {
    (0.5, 0.1, 0.95): 97,
    (0.5, 0.1, 0.99): 166,
    (0.1, 0.05, 0.95): 139,
    (0.2, 0.05, 0.95): 246,
    (0.3, 0.05, 0.95): 323,
    (0.4, 0.05, 0.95): 369,
    (0.5, 0.05, 0.95): 385,
    (0.2, 0.01, 0.95): 6147,
    (0.2, 0.02, 0.95): 1537,
    (0.2, 0.1, 0.95): 62,
}
#: Two shares, as the examples on the help page of R's power.prop.test say: power of 50 a group, n for a power of 90%.
POWER_PROP_TEST = {"shares": (0.5, 0.75), "power of 50": 0.740, "n for 0.9": 76.7}
#: D = n1 n2 (N - 1) / ((N - n1)(N - n2)) that an accuracy needs with 95% confidence: Seber (1982), The estimation of
#: animal abundance, section 3.1.5, after Robson and Regier (1964).
ROBSON_REGIER_D = {0.5: 24.4, 0.25: 69.9, 0.1: 392}

#: The standard normal distribution's 97.5% quantile.
Z = 1.959963984540054
