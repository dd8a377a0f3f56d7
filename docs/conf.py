"""How Sphinx makes the site from what tools/site lays out."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
os.environ.setdefault("MPLBACKEND", "agg")

import hiddenpop  # noqa: E402

from tools.site import places, polish  # noqa: E402

project = "hiddenpop"
author = "hiddenpop's authors"
copyright = author
version = release = hiddenpop.__version__
language = "en"

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "numpydoc",
    "sphinx_design",
    "sphinx_copybutton",
    "sphinx_gallery.gen_gallery",
    "sphinx_llms_txt",
]
# Of the gallery, the pages alone are read.
exclude_patterns = [f"howto/gallery/**.{kind}" for kind in ("ipynb", "py", "json", "md5", "zip")]
exclude_patterns += ["**sg_execution_times.rst"]
default_role = "literal"
nitpicky = True
pygments_style = "a11y-high-contrast-light"

# Notebooks and Markdown: what was stored is shown, nothing runs here.
nb_execution_mode = "off"
nb_ipywidgets_js = {}
nb_render_markdown_format = "commonmark"
myst_enable_extensions = ["colon_fence", "deflist", "attrs_inline"]
myst_heading_anchors = 4

# The reference: types stand in the text of parameters.
autodoc_typehints = "none"
autodoc_member_order = "bysource"
numpydoc_show_class_members = False
numpydoc_xref_param_type = False
python_use_unqualified_type_names = True
toc_object_entries_show_parents = "hide"

copybutton_prompt_text = r">>> |\.\.\. "
copybutton_prompt_is_regexp = True
# Outputs are to be read, code is to be copied.
copybutton_selector = ", ".join(
    f"div.{kind} pre"
    for kind in ("cell_input", "doctest", "highlight-python", "highlight-Python", "highlight-py", "highlight-bash")
)

sphinx_gallery_conf = {
    "examples_dirs": [str(ROOT / places.GALLERY)],
    "gallery_dirs": ["howto/gallery"],
    "filename_pattern": r".*\.py$",
    "download_all_examples": False,
    "show_signature": False,
    "within_subsection_order": "FileNameSortKey",
    "min_reported_time": 1e9,
    "remove_config_comments": True,
    "abort_on_example_error": True,
    "plot_gallery": True,
}

html_theme = "pydata_sphinx_theme"
html_title = "hiddenpop"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_favicon = "_static/icon.svg"
html_search_scorer = str(ROOT / "docs" / "_static" / "scorer.js")
html_show_sourcelink = False
html_copy_source = True
html_sidebars = {"index": [], "search": []}
html_theme_options = {
    "logo": {
        "text": "hiddenpop",
        "image_light": "_static/icon.svg",
        "image_dark": "_static/icon.svg",
        "alt_text": "hiddenpop",
    },
    "navbar_align": "left",
    "header_links_before_dropdown": 5,
    "secondary_sidebar_items": ["page-toc"],
    "navigation_with_keys": False,
    "show_nav_level": 1,
    "navigation_depth": 3,
    "show_toc_level": 2,
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
    "footer_start": ["copyright"],
    "footer_end": [],
}

llms_txt_exclude = ["tutorials/*", "reference/*", "genindex", "search"]
llms_txt_summary = (
    "hiddenpop is a Python package that estimates how many people there are that no list holds. Start with the recipes "
    "(howto/recipes.html): what is asked most, in five lines each that run, with the names that are guessed first and the right ones."
)


def setup(app):  # type: ignore[no-untyped-def] # noqa: D103
    polish.setup(app)
