"""An estimate without verbs: a node with labels and a name. Arithmetic, files and figures take and return it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from ..ground.columns import Floats
from ..ground.signatures import checked
from . import evaluate, graph
from .nodes import Node


@checked
@dataclass(frozen=True, eq=False, repr=False)
class Labelled:
    """An uncertain quantity: labelled points, their draws, and how they were computed."""

    node: Node
    labels: pd.Index[Any]
    scalar: bool
    name: str

    @property
    def draws(self) -> Floats:
        """Draws, labels x replicates: made when first asked for, then kept; read-only."""
        return evaluate.draws(self.node)

    @property
    def replicates(self) -> int:
        """Number of draws, or of variance replicates where those measure variance."""
        return graph.replicates(self.node)

    @property
    def quantity(self) -> str:
        """What it measures: size, rate, share, mean, total, event or other."""
        return self.node.quantity

    def __len__(self) -> int:
        return len(self.labels)
