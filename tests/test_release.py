"""What a release rests on and a commit can break unnoticed: one version, requirements, workflows without logic."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

HOME = Path(__file__).parents[1]


def run(script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a script of tools/release as the workflows do."""
    command = [sys.executable, f"tools/release/{script}", *arguments]
    return subprocess.run(command, cwd=HOME, capture_output=True, text=True, check=False)


def test_all_places_name_one_version() -> None:
    """Cargo.toml, the citation, the recipe, the changelog."""
    assert run("version.py").returncode == 0


def test_a_tag_must_be_that_version() -> None:
    """A release of another version would be published under a wrong number."""
    wrong = run("version.py", "v99.0")
    assert wrong.returncode == 1
    assert "one version" in wrong.stderr


def test_workflows_only_call_scripts() -> None:
    """So that each step can be run here."""
    pytest.importorskip("yaml", reason="PyYAML reads the workflows")
    found = run("workflows.py")
    assert found.returncode == 0, found.stdout


def test_the_recipe_asks_for_what_pyproject_asks_for() -> None:
    """conda spells a requirement with a space before its bound."""
    yaml = pytest.importorskip("yaml", reason="PyYAML reads the recipe")
    line = re.search(r"(?m)^dependencies = \[(.*)\]", (HOME / "pyproject.toml").read_text(encoding="utf-8"))
    assert line
    recipe = yaml.safe_load((HOME / "recipe" / "recipe.yaml").read_text(encoding="utf-8"))
    run_by = {text.replace(" ", "") for text in recipe["requirements"]["run"]} - {"python>=3.10"}
    assert run_by == set(re.findall(r'"([^"]+)"', line.group(1)))


def test_scripts_can_be_read_by_bash() -> None:
    """A mistake in a script would show in a release only."""
    for script in sorted((HOME / "tools" / "release").glob("*.sh")):
        subprocess.run(["bash", "-n", str(script)], check=True)
