"""Published results that the tests reproduce, each with its source."""

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
OPAAK_USES_CRACK_PERCENT = 89.3
OPAAK_BOTH, OPAAK_OPIOIDS_ONLY, OPAAK_ALL_CRACK = 11_900, 1_400, 27_900

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
