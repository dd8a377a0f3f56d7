"""What the site's pages need beyond what Sphinx makes: links from names, names as users write them, figures that can be heard."""

from __future__ import annotations

from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform

from tools.site import linking, reference


class Signatures(SphinxPostTransform):
    """Write `hp.multiplier(...)`, as users do; leave out how classes are made that users don't make."""

    default_priority = 20

    def run(self, **_: Any) -> None:
        """Change the signatures of a page."""
        for signature in self.document.findall(addnodes.desc_signature):
            for prefix in list(signature.findall(addnodes.desc_addname)):
                name = prefix.astext()
                if name == "hiddenpop." or name.removeprefix("hiddenpop.").rstrip(".") in {
                    "adjust", "datasets", "export", "plan", "plot", "simulate",
                }:
                    short = name.replace("hiddenpop.", "hp.", 1)
                    prefix.clear()
                    prefix += addnodes.desc_sig_name("", short)
                else:
                    prefix.parent.remove(prefix)
            if signature.parent["objtype"] == "class" and signature["ids"][0].rpartition(".")[2] not in reference.CALLED:
                for brackets in list(signature.findall(addnodes.desc_parameterlist)):
                    brackets.parent.remove(brackets)


class Figures(SphinxPostTransform):
    """Say of a figure that a notebook drew which code drew it: there is no other text to hear instead."""

    default_priority = 20

    def run(self, **_: Any) -> None:
        """Give images without a text theirs."""
        for image in self.document.findall(nodes.image):
            if image.get("alt"):
                continue
            cell = image.parent
            while cell is not None and "cell" not in cell.get("classes", ()):
                cell = cell.parent
            code = next(cell.findall(nodes.literal_block), None) if cell is not None else None
            lines = code.astext().strip().splitlines() if code is not None else []
            image["alt"] = f"Figure drawn by the code above: {lines[-1].strip()}" if lines else "Figure"


def setup(app: Sphinx) -> None:
    """Hand all of this to Sphinx."""
    app.add_transform(linking.Names)
    app.add_post_transform(Signatures)
    app.add_post_transform(Figures)
    app.connect("missing-reference", linking.resolve)
