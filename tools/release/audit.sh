#!/usr/bin/env bash
# Whether what stands in dist/ is what it says: stable ABI, contents, metadata, links to system libraries.
source "$(dirname "$0")/common.sh"
bin=$(tools audit abi3audit check-wheel-contents twine auditwheel)
shopt -s nullglob
wheels=(dist/*.whl)
[ ${#wheels[@]} -gt 0 ] || { echo "no wheel in dist: run tools/release/wheel.sh first" >&2; exit 1; }
say "the stable ABI of CPython 3.10"
"$bin/abi3audit" --strict --summary "${wheels[@]}"
say "contents"
"$bin/check-wheel-contents" "${wheels[@]}"
"$PYTHON" tools/release/contents.py "${wheels[@]}" dist/*.tar.gz
say "metadata"
"$bin/twine" check --strict dist/*
for wheel in "${wheels[@]}"; do
  case $wheel in *linux*) say "system libraries" && "$bin/auditwheel" show "$wheel" ;; esac
done
