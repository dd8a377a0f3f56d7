#!/usr/bin/env bash
# The conda recipe, read by rattler-build's own reader. With channels within reach (conda.sh build) it is built as well.
source "$(dirname "$0")/common.sh"
bin=$(tools conda py-rattler-build pyyaml)
"$bin/python" tools/release/recipe.py
if [ "${1:-}" = build ]; then
  "$bin/python" -m rattler_build build --recipe recipe --output-dir build/conda
fi
