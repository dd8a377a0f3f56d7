"""Whether the workflows hold no logic: every `run:` is one call of a script that stands in tools/release, or of make."""

import re
import sys
from pathlib import Path

import yaml

#: A step runs a script of this folder or a target of the Makefile, with plain words as arguments.
CALL = re.compile(r"(?:bash (tools/release/[a-z_]+\.sh)|make ([a-z-]+))(?: [\w./*${}= '\"-]*)?")


def main() -> int:
    wrong, seen = [], set()
    targets = set(re.findall(r"(?m)^([a-z-]+):", Path("Makefile").read_text(encoding="utf-8")))
    for file in sorted(Path(".github/workflows").glob("*.yml")):
        for name, job in yaml.safe_load(file.read_text(encoding="utf-8"))["jobs"].items():
            for step in job["steps"]:
                if "run" not in step:
                    continue
                place, call = f"{file.name}, {name}", CALL.fullmatch(step["run"].strip())
                if call is None:
                    wrong.append(f"{place}: {step['run']!r} is more than a call of a script in tools/release")
                elif call[1] and not Path(call[1]).exists():
                    wrong.append(f"{place}: {call[1]} is not there")
                elif call[2] and call[2] not in targets:
                    wrong.append(f"{place}: make knows no {call[2]}")
                else:
                    seen.add(call[1] or f"make {call[2]}")
    print("\n".join(wrong) or f"steps: {', '.join(sorted(seen))}")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
