"""Build the site in `build/site`: `python -m tools.site`, which is `make docs`."""

import os
import sys

from sphinx.cmd.build import main

from tools.site.places import ROOT
from tools.site.stage import clear, stage

source, site = ROOT / "build" / "site-source", ROOT / "build" / "site"
stage(source)
clear(site, source)
processors = str(min(4, os.cpu_count() or 1))
# Every warning is an error, and all are said.
options = ["-W", "--keep-going", "-q", "-j", processors, "-c", "docs", "-d", "build/site-doctrees"]
sys.exit(main([*options, "build/site-source", "build/site"]))
