"""docs/products.md types what the command line knows, and tells every figure that is written."""

import re
import shlex

import numpy as np
import pytest

from edge.perception.products.certainty import Certainty
from tests.unit.docs.commands import complaint
from tests.unit.docs.pages import page
from tillfree.evaluate.products import Trial, figures

TEXT = page("products.md")


@pytest.mark.parametrize("command", re.findall(r"^    tillfree (.*)$", TEXT, re.MULTILINE))
def test_every_command_on_the_page_is_known(command: str) -> None:
    assert complaint(shlex.split(command)) is None


def test_every_figure_is_told() -> None:
    trial = Trial(("a", "b"), np.eye(2), ("a", "?"), Certainty(20.0, 0.5))
    told = set(re.findall(r"`([a-z_0-9]+)`", TEXT))
    assert set(figures(trial, trial)) - told == set()
