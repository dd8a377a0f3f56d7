"""All interval methods. Another one is a file beside these and a line here."""

from __future__ import annotations

from ..errors import InputError
from .basic import BASIC
from .bias_corrected import BC, BCA
from .hdi import HDI
from .method import Method
from .mover import MOVER
from .normal import NORMAL
from .of_models import LOGIT, PROFILE
from .percentile import PERCENTILE
from .proportions import BETA, LIKELIHOOD, WILSON
from .student_t import JACKKNIFE, STUDENT_T
from .studentized import STUDENTIZED
from .woodruff import WOODRUFF

#: By name, in the order in which messages list them.
METHODS: dict[str, Method] = {
    method.name: method
    for method in (
        PERCENTILE,
        BASIC,
        NORMAL,
        BC,
        BCA,
        STUDENTIZED,
        HDI,
        STUDENT_T,
        JACKKNIFE,
        WILSON,
        BETA,
        LIKELIHOOD,
        WOODRUFF,
        MOVER,
        PROFILE,
        LOGIT,
    )
}


def named(name: str) -> Method:
    """Return the method that a user names."""
    if name not in METHODS:
        raise InputError(f"method={name!r} is not one of {', '.join(METHODS)}.")
    return METHODS[name]
