#!/usr/bin/env bash
# The tests in a fresh environment: tests.sh [default|lowest|newest].
# lowest: of each direct requirement the oldest version that pyproject.toml allows; newest: pre-releases too.
source "$(dirname "$0")/common.sh"
which=${1:-default}
uv=$(tools uv uv)/uv
where=$ENVIRONMENTS/tests-$which
"$uv" venv --quiet --clear --python "$PYTHON" "$where"
python=$(bin "$where")/python
say "requirements: $which"
case $which in
  default) resolution=() ;;
  lowest) resolution=(--resolution lowest-direct) ;;
  newest) resolution=(--prerelease allow) ;;
  *) echo "say default, lowest or newest, not $which" >&2; exit 2 ;;
esac
"$uv" pip compile --quiet --python "$python" ${resolution[@]+"${resolution[@]}"} --extra test --no-emit-package hiddenpop \
  --no-header --no-annotate pyproject.toml --output-file "$where/requirements.txt"
"$uv" pip install --quiet --python "$python" --requirement "$where/requirements.txt"
"$uv" pip install --quiet --python "$python" --no-deps --editable .
say "the core"
cargo test --quiet --release --no-default-features
say "the package"
"$python" -c "import hiddenpop as hp; hp.show_versions()"
"$python" -m pytest -n auto --dist loadfile
