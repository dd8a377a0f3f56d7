"""Names in the text become links: `hp.multiplier` to its page of the reference, `docs/lists.md` to that page of the site."""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.transforms import SphinxTransform

from tools.site import places, reference

#: A name as users write it, with or without what it is given: `hp.chao`, `hp.Survey(df, strata=...)`, `Estimate.interval`.
NAME = re.compile(r"(?P<name>hp(\.[A-Za-z_]\w*)+|[A-Z]\w+(\.[a-z_]\w*)?)(\(.*)?", flags=re.DOTALL)
PAGE = re.compile(r"(docs|notebooks|benches)/[\w/]+\.(md|ipynb)")


def _classes() -> dict[str, str]:
    """Return the full names of classes by their short ones; none that two classes have."""
    entries = [
        entry
        for section in reference.sections().values()
        for entry in (*section["names"], *section.get("handed", ()))
        if entry.rpartition(".")[2][0].isupper()
    ]
    short = [entry.rpartition(".")[2] for entry in entries]
    return {
        name: entry.replace("hp.", "hiddenpop.", 1)
        for name, entry in zip(short, entries, strict=True)
        if short.count(name) == 1
    }


CLASSES = _classes()


def full(name: str) -> str | None:
    """Return the name under which the reference describes what the text calls so, if the text names something of ours."""
    first, _, rest = name.partition(".")
    if first == "hp":
        return f"hiddenpop.{rest}"
    if first in CLASSES:
        return f"{CLASSES[first]}.{rest}" if rest else CLASSES[first]
    return None


class Names(SphinxTransform):
    """Make links of names and pages that stand in the text as code."""

    default_priority = 480

    def apply(self, **_: Any) -> None:
        """Replace literals that name something."""
        known = places.places()
        for literal in list(self.document.findall(nodes.literal)):
            if _inside(literal):
                continue
            text = literal.astext()
            if found := PAGE.fullmatch(text):
                if place := known.get(found[0]):
                    literal.replace_self(_reference(literal, "std", "doc", f"/{place.page}"))
            elif found := NAME.fullmatch(text):
                name = found["name"]
                target = full(name)
                if name in reference.MODULES:
                    link = _reference(literal, "std", "doc", f"/reference/{reference.MODULES[name]}")
                    link["refexplicit"] = True
                    literal.replace_self(link)
                elif target and not self._is_own(target):
                    literal.replace_self(_reference(literal, "py", "obj", target))

    def _is_own(self, target: str) -> bool:
        """Whether this is the page of what is named, where a link would lead to itself."""
        return self.env.docname == f"reference/{reference.page(target)}"


def _inside(node: nodes.Node) -> bool:
    """Whether a node stands in a link, a title or a signature."""
    parent = node.parent
    while parent is not None:
        if isinstance(parent, (nodes.reference, addnodes.pending_xref, nodes.title, addnodes.desc_signature)):
            return True
        parent = parent.parent
    return False


def _reference(literal: nodes.literal, domain: str, kind: str, target: str) -> addnodes.pending_xref:
    # A page is called by its title, which Sphinx puts in.
    link = addnodes.pending_xref(
        "", refdomain=domain, reftype=kind, reftarget=target, refexplicit=kind != "doc", refwarn=kind == "doc"
    )
    link += literal.deepcopy()
    return link


def resolve(app: Sphinx, env: BuildEnvironment, node: addnodes.pending_xref, content: nodes.Node) -> nodes.Node | None:
    """Find what See Also calls by the name that users write, or a member where another class describes it."""
    if node.get("refdomain") != "py":
        return None
    domain = env.domains.python_domain
    for name in _candidates(node["reftarget"], node.get("py:class")):
        if name in domain.objects:
            entry = domain.objects[name]
            return _link(app, node, content, entry.docname, entry.node_id)
    return None


def _candidates(target: str, inside: str | None) -> list[str]:
    found = [target, f"hiddenpop.{target}"]
    if name := full(target):
        found.append(name)
    kind, _, member = (found[-1] if "." in target else f"{inside}.{target}").rpartition(".")
    if member in reference.WAYS_OUT or kind.rpartition(".")[2] in {
        "Benchmark",
        "GraphAverage",
        "LatentClassSize",
        "SuccessiveSize",
    }:
        found.append(f"hiddenpop.Estimate.{member}")
    return found


def _link(app: Sphinx, node: addnodes.pending_xref, content: nodes.Node, page: str, anchor: str) -> nodes.reference:
    where = app.builder.get_relative_uri(node.get("refdoc", app.env.docname), page)
    return nodes.reference("", "", content, internal=True, refuri=f"{where}#{anchor}")
