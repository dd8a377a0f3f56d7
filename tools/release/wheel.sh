#!/usr/bin/env bash
# One wheel for this platform, for CPython 3.10 and later, in dist/. Wheels for other platforms are made by the same
# maturin in their own machines or containers.
source "$(dirname "$0")/common.sh"
maturin=$(tools maturin 'maturin>=1.9,<2')/maturin
"$maturin" build --release --out dist "$@"
