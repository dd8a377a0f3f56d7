"""Classifiers for chances of histories: logistic regression of our own, or anyone's with fit and predict_proba."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

import numpy as np

from ..errors import EstimationError, InputError
from ..ground import collinear
from ..ground.columns import Codes, Floats

#: Chances that a mapping of learners gives separately.
NUISANCES = ("q1", "q2", "q12")
MOST_STEPS = 60


class Logistic:
    """Multinomial logistic regression by maximum likelihood, without penalty.

    With two lists it is the model of `hp.capture_covariates`: if lists are independent with logistic chances, the log odds
    of the histories seen are linear.
    """

    def fit(self, features: Floats, classes: Codes) -> Logistic:
        """Fit by Newton's method; the last class is the reference."""
        self.classes_, codes = np.unique(classes, return_inverse=True)
        design = np.column_stack([np.ones(len(features)), features])
        # Columns that are constant in these rows say nothing here.
        basis, self._triangle, self._kept = _orthogonal(design)
        others = len(self.classes_) - 1
        y = (codes[:, None] == np.arange(others)).astype(float)
        beta = np.zeros((others, basis.shape[1]))
        before = -np.inf
        for _ in range(MOST_STEPS):
            chance, likelihood = _softmax(basis @ beta.T, codes)
            chance = chance[:, :-1]
            score = ((y - chance).T @ basis).ravel()
            curve = np.einsum("ia,ab->iab", chance, np.eye(others)) - chance[:, :, None] * chance[:, None, :]
            information = np.einsum("iab,ip,iq->apbq", curve, basis, basis, optimize=True)
            information = information.reshape(len(score), len(score))
            try:
                step = np.linalg.solve(information, score)
            except np.linalg.LinAlgError:
                break
            size = 1.0
            while size > 1e-8:
                moved = beta + size * step.reshape(beta.shape)
                reached = _softmax(basis @ moved.T, codes)[1]
                if reached >= likelihood - 1e-12 * abs(likelihood):
                    break
                size /= 2
            beta = moved
            if np.abs(basis @ beta.T).max() > 30:
                break
            if score @ step < 1e-16 or (reached - before == 0 and score @ step < 1e-10):
                self._beta = beta
                return self
            before = reached
        raise EstimationError(
            "The logistic regression has no finite maximum in a fold: covariates tell exactly who is on which list. Join small "
            "groups, use fewer folds, or give a learner with a penalty, such as learner=LogisticRegression(C=1)."
        )

    def predict_proba(self, features: Floats) -> Floats:
        """Return chances (rows x classes)."""
        design = np.column_stack([np.ones(len(features)), features])[:, self._kept]
        odds = np.linalg.solve(self._triangle.T, design.T).T @ self._beta.T
        return _softmax(odds, None)[0]


def _orthogonal(design: Floats) -> tuple[Floats, Floats, Codes]:
    kept = np.delete(np.arange(design.shape[1]), collinear.dependent(design))
    basis, triangle = np.linalg.qr(design[:, kept])
    scale = np.sqrt(len(basis))
    return basis * scale, triangle / scale, kept.astype(np.int64)


def _softmax(odds: Floats, codes: Codes | None) -> tuple[Floats, float]:
    odds = np.column_stack([odds, np.zeros(len(odds))])
    odds = odds - odds.max(axis=1, keepdims=True)
    total = np.exp(odds).sum(axis=1, keepdims=True)
    log = odds - np.log(total)
    likelihood = 0.0 if codes is None else float(log[np.arange(len(odds)), codes].sum())
    return np.exp(log), likelihood


def check_learner(learner: Any) -> None:
    """Refuse what can't be fitted, or gives no chances."""
    if isinstance(learner, Mapping):
        if set(learner) != set(NUISANCES):
            raise InputError(
                f"A mapping of learners needs the keys 'q1', 'q2' and 'q12' (on the first list, on the second, on both), not "
                f"{', '.join(map(repr, learner)) or 'none'}. One learner for all is simpler: learner=..."
            )
        for each in learner.values():
            check_learner(each)
        return
    if isinstance(learner, str) and learner == "logistic":
        return
    if isinstance(learner, type) or not (hasattr(learner, "fit") and hasattr(learner, "predict_proba")):
        called = learner.__name__ if isinstance(learner, type) else type(learner).__name__
        hint = f"Make one first: {called}()." if isinstance(learner, type) else ""
        raise InputError(
            f"learner={called} needs methods fit and predict_proba, as scikit-learn's classifiers have (an SVC only with "
            f"probability=True, a regressor never). {hint}".strip()
        )


def named(learner: Any) -> str:
    """Name a learner for a methods section."""
    if isinstance(learner, Mapping):
        return ", ".join(f"{key} by {named(each)}" for key, each in learner.items())
    return "multinomial logistic regression" if isinstance(learner, str) else type(learner).__name__


def fresh(learner: Any, seed: int) -> Any:
    """Return an unfitted copy; randomness that the user left open is seeded, so that the digits stay."""
    if isinstance(learner, str):
        return Logistic()
    made = _clone(learner)
    if hasattr(made, "get_params") and hasattr(made, "set_params"):
        given = made.get_params()
        unseeded = [key for key in given if key.split("__")[-1] == "random_state" and given[key] is None]
        made.set_params(**dict.fromkeys(unseeded, seed % 2**31))
    return made


def _clone(learner: Any) -> Any:
    if hasattr(learner, "get_params"):
        try:
            from sklearn.base import clone  # noqa: PLC0415 (only for its own classifiers)
        except ImportError:
            return copy.deepcopy(learner)
        return clone(learner)
    return copy.deepcopy(learner)


def chances(fitted: Any, features: Floats, classes: int) -> Floats:
    """Return chances of classes 0, 1, ... (rows x classes), 0 for those that the training rows lacked."""
    given = np.asarray(fitted.predict_proba(features), dtype=float)
    known = np.asarray(fitted.classes_ if hasattr(fitted, "classes_") else np.arange(classes)).astype(np.int64)
    if given.shape != (len(features), len(known)) or not np.isfinite(given).all():
        raise InputError(
            f"{type(fitted).__name__}.predict_proba returned an array of shape {given.shape} or with missing numbers, where "
            f"({len(features)}, {len(known)}) chances are needed."
        )
    result = np.zeros((len(features), classes))
    result[:, known] = given
    return result
