"""What wheels and source distributions must hold and must not: contents.py FILE..."""

import sys
import tarfile
import zipfile
from pathlib import Path

#: What the package reads when it runs: without it an import works, and a function fails.
READ = ("py.typed", "_core.pyi", "languages/", "datasets/")
#: What only a checkout has.
CHECKOUT = ("shared/", ".venv/", "target/", "__pycache__/", ".ipynb_checkpoints/")


def names(file: Path) -> list[str]:
    """Return the paths in a wheel or a source distribution."""
    if file.suffix == ".whl":
        return zipfile.ZipFile(file).namelist()
    with tarfile.open(file) as archive:
        return archive.getnames()


def main(files: list[Path]) -> int:
    wrong = []
    for file in files:
        held = names(file)
        wrong += [f"{file.name} lacks {part}" for part in READ if not any(f"hiddenpop/{part}" in name for name in held)]
        wrong += [f"{file.name} holds {name}" for name in held if any(part in name for part in CHECKOUT)]
        wrong += [f"{file.name} lacks its licence"] * (not any(name.endswith("LICENSE") for name in held))
        if file.suffix != ".whl":  # all of the core's source, or it can't be built
            core = [path.as_posix() for path in Path("src").rglob("*.rs")]
            wrong += [f"{file.name} lacks {path}" for path in core if not any(name.endswith(path) for name in held)]
            wrong += [f"{file.name} holds the built {name}" for name in held if name.endswith((".so", ".pyd"))]
    print("\n".join(wrong) or f"{len(files)} files hold what they must")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main([Path(name) for name in sys.argv[1:] if Path(name).exists()]))
