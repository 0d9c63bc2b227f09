"""docs/dependencies.md names every dependency, and nothing that is installed to run is under the GPL or AGPL."""

import re
import tomllib
from importlib.metadata import distributions

from packaging.requirements import Requirement

from tests.unit.docs.pages import ROOT, page

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
NEVER_SHIPPED = {"yamllint"}
_GPL = re.compile(r"(?<!L)\bA?GPL|GNU (Affero )?General Public", re.IGNORECASE)


def test_every_dependency_is_on_the_page_and_no_other() -> None:
    groups = [
        PROJECT["project"]["dependencies"],
        PROJECT["dependency-groups"]["dev"],
        *PROJECT["project"]["optional-dependencies"].values(),
    ]
    declared = {Requirement(text).name for group in groups for text in group} - {"tillfree"}
    told = set(re.findall(r"^\| ([A-Za-z][\w.-]*) \d", page("dependencies.md"), re.MULTILINE))
    assert told == declared


def test_nothing_that_is_installed_to_run_is_under_the_gpl() -> None:
    wrong = {}
    for found in distributions():
        name, said = found.metadata["Name"], found.metadata.get_all
        licences = said("License-Expression", []) + said("License", []) + said("Classifier", [])
        # Some packages put the whole text of their licence into the field; its first line names it.
        lines = [text.partition("\n")[0] for text in licences]
        under = [line for line in lines if _GPL.search(line)]
        if under and name not in NEVER_SHIPPED:
            wrong[name] = under
    assert wrong == {}
