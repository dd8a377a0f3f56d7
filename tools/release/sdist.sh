#!/usr/bin/env bash
# The source distribution in dist/, and a wheel made of nothing but it, which is tried in a fresh environment.
source "$(dirname "$0")/common.sh"
maturin=$(tools maturin 'maturin>=1.9,<2')/maturin
"$maturin" sdist --out dist
say "a wheel from $(ls dist/*.tar.gz)"
rm -rf build/from-sdist
mkdir -p build/from-sdist
"$PYTHON" -m pip wheel --quiet --no-deps --wheel-dir build/from-sdist dist/*.tar.gz
bash tools/release/try.sh build/from-sdist/*.whl
