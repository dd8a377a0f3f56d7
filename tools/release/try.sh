#!/usr/bin/env bash
# A wheel as a user meets it: try.sh [WHEEL] installs it where nothing else is and estimates a first size.
source "$(dirname "$0")/common.sh"
wheel=${1:-$(ls dist/*.whl)}
where=$ENVIRONMENTS/tried
rm -rf "$where"
"$PYTHON" -m venv "$where"
python=$PWD/$(bin "$where")/python
"$python" -m pip install --quiet --disable-pip-version-check "$wheel"
script=$PWD/tools/release/first_size.py
# From another folder: the checkout must not stand in for the wheel.
cd "$where"
PATH=$(dirname "$python") "$python" "$script"
