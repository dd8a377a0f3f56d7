#!/usr/bin/env bash
# The site, in build/site.
source "$(dirname "$0")/common.sh"
make docs
