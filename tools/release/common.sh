# What the scripts beside this one share: where they stand, and environments made by uv. Source it, don't run it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
PYTHON=${PYTHON:-python3}
ENVIRONMENTS=build/environments

say() { printf '\n== %s\n' "$*"; }

# Windows keeps an environment's programs elsewhere.
bin() { if [ -d "$1/Scripts" ]; then echo "$1/Scripts"; else echo "$1/bin"; fi; }

# tools NAME PACKAGE...: programs that the project itself doesn't need, in an environment of their own; prints its folder of programs.
tools() {
  local where=$ENVIRONMENTS/$1
  shift
  [ -d "$where" ] || "$PYTHON" -m venv "$where" >&2
  "$(bin "$where")/python" -m pip install --quiet --disable-pip-version-check "$@" >&2
  bin "$where"
}
