"""What plans rest on, for their methods sentences."""

from __future__ import annotations

from collections.abc import Iterable

REFERENCES = {
    "chapman": (
        "Chapman DG (1951). Some properties of the hypergeometric distribution with applications to zoological sample "
        "censuses. University of California Publications in Statistics 1:131-160."
    ),
    "cochran": "Cochran WG (1977). Sampling techniques, 3rd edition. New York: Wiley, section 4.4.",
    "fearon": (
        "Fearon E, Chabata ST, Thompson JA, Cowan FM, Hargreaves JR (2017). Sample size calculations for population size "
        "estimation studies using multiplier methods with respondent-driven sampling surveys. JMIR Public Health and "
        "Surveillance 3(3):e59."
    ),
    "fleiss": (
        "Fleiss JL, Levin B, Paik MC (2003). Statistical methods for rates and proportions, 3rd edition. New York: Wiley, "
        "chapter 4."
    ),
    "goel": (
        "Goel S, Salganik MJ (2010). Assessing respondent-driven sampling. Proceedings of the National Academy of Sciences "
        "107:6743-6747."
    ),
    "kish": "Kish L (1965). Survey sampling. New York: Wiley, section 8.2.",
    "robson": (
        "Robson DS, Regier HA (1964). Sample size in Petersen mark-recapture experiments. Transactions of the American "
        "Fisheries Society 93:215-226."
    ),
    "salganik": (
        "Salganik MJ (2006). Variance estimation, design effects, and sample size calculations for respondent-driven "
        "sampling. Journal of Urban Health 83(Suppl 1):98-112."
    ),
    "wejnert": (
        "Wejnert C, Pham H, Krishna N, Le B, DiNenno E (2012). Estimating design effect and calculating sample size for "
        "respondent-driven sampling studies of injection drug users in the United States. AIDS and Behavior 16:797-806."
    ),
}


def cite(sentences: str, keys: Iterable[str]) -> str:
    """Put references under sentences, as methods sections of estimates have them."""
    listed = "\n".join(REFERENCES[key] for key in keys)
    return f"{sentences}\n\nReferences\n{listed}"
