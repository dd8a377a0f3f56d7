"""Whether the conda recipe can be read by rattler-build, and asks for what pyproject.toml asks for."""

import re
import sys
from pathlib import Path

import yaml
from rattler_build import Stage0Recipe

RECIPE = Path("recipe/recipe.yaml")


def required() -> set[str]:
    """Return the requirements in pyproject.toml, spelled as conda does (tomllib is missing in Python 3.10)."""
    line = re.search(r"(?m)^dependencies = \[(.*)\]", Path("pyproject.toml").read_text(encoding="utf-8"))
    return {re.sub(r"(?=[<>=])", " ", text, count=1) for text in re.findall(r'"([^"]+)"', line.group(1))}


def main() -> int:
    text = RECIPE.read_text(encoding="utf-8")
    Stage0Recipe.from_yaml(text)
    run = set(yaml.safe_load(text)["requirements"]["run"]) - {"python >=3.10"}
    if run != required():
        print(f"{RECIPE} and pyproject.toml differ in {sorted(run ^ required())}", file=sys.stderr)
        return 1
    print(f"{RECIPE}: read by rattler-build, same requirements as pyproject.toml")
    return 0


if __name__ == "__main__":
    sys.exit(main())
