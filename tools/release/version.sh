#!/usr/bin/env bash
# One version everywhere: version.sh [TAG] compares Cargo.toml, CITATION.cff, the recipe, the changelog and the tag.
source "$(dirname "$0")/common.sh"
"$PYTHON" tools/release/version.py "$@"
