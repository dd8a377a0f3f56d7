#!/usr/bin/env bash
# The browser in which the explorer and the site are tested: Debian's or Ubuntu's Chromium.
source "$(dirname "$0")/common.sh"
for browser in chromium chromium-browser google-chrome; do
  if command -v "$browser" >/dev/null; then echo "$(command -v "$browser") is here"; exit 0; fi
done
root=$([ "$(id -u)" = 0 ] || echo sudo)
$root apt-get update -qq
$root apt-get install -y -qq chromium || $root apt-get install -y -qq chromium-browser
