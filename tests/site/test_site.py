"""The site: each page and each name has one place, the tree of methods leads to all, and what is built can be read by everybody."""

import re
from pathlib import Path

import hiddenpop as hp
import pytest

from tests.facts import ROOT
from tools import check_site
from tools.site import crowd, places, reference

SITE = ROOT / "build" / "site"


def test_each_page_and_each_notebook_has_one_place() -> None:
    listed = [place.source for part in places.parts() for _, group in part.groups for place in group]
    assert len(listed) == len(set(listed))
    there = {f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md")} - {"docs/index.md"}
    there |= {f"notebooks/{path.name}" for path in (ROOT / "notebooks").glob("*.ipynb")}
    others = {"CHANGELOG.md", "benches/README.md", places.GALLERY}
    assert there | others == set(listed), "docs/pages.toml says where each page stands"


def test_names_of_pages_differ_by_more_than_their_case() -> None:
    # Disks of macOS and Windows hold `benchmark.html` and `Benchmark.html` as one file.
    entries = [
        entry for section in reference.sections().values() for entry in (*section["names"], *section.get("handed", ()))
    ]
    names = [reference.page(entry).lower() for entry in entries]
    assert len(names) == len(set(names))
    assert {reference.page("hp.benchmark"), reference.page("hp.Benchmark")} == {"api/benchmark", "api/benchmark-class"}


def test_the_reference_describes_every_member_once_or_says_where() -> None:
    pages = reference.pages("Reference", "All.")
    for member in reference.members(hp.Benchmark):
        text = pages["reference/api/benchmark-class.rst"]
        assert text.count(f" Benchmark.{member}\n") + text.count(f"~hiddenpop.Estimate.{member}`") == 1, member
    assert ".. autoattribute:: CovariateFit.size" in pages["reference/api/covariatefit-class.rst"]


def test_the_tree_of_methods_leads_to_all_that_the_table_names() -> None:
    front = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    table = (ROOT / "docs" / "which_method.md").read_text(encoding="utf-8")
    rows = table.partition("## By what you have")[2].partition("##")[0]
    named = {name.rstrip("(") for name in re.findall(r"`(hp\.\w+)", rows)}
    tree = front.partition("## Which method fits?")[2]
    assert named == {name for name in named if f"`{name}" in tree}
    for name in re.findall(r"`(hp\.[\w.]+)`", front):
        thing = hp
        for part in name.split(".")[1:]:
            thing = getattr(thing, part)


def test_the_tree_opens_what_it_closes() -> None:
    fences = re.findall(r"(?m)^(:{3,})(\{.*)?$", (ROOT / "docs" / "index.md").read_text(encoding="utf-8"))
    open_: list[str] = []
    for colons, name in fences:
        if name:
            assert not open_ or len(colons) < len(open_[-1])
            open_.append(colons)
        else:
            assert open_.pop() == colons
    assert not open_


def test_the_crowd_can_be_counted() -> None:
    # 40 in the register, 5 of 20 interviewed in it: 40 / (5 / 20) = 160, and that many stand there.
    picture = crowd.picture()
    registered = set(re.findall(r'"registered" (cx="\S+" cy="\S+")', picture))
    interviewed = set(re.findall(r'"interviewed" (cx="\S+" cy="\S+")', picture))
    unseen = re.findall(r'"unseen"', picture)
    assert len(registered) / (len(registered & interviewed) / len(interviewed)) == len(registered) + len(unseen) == 160
    survey = hp.Survey({"registered": [1, 0], "count": [5, 15]}, counts="count")
    assert hp.multiplier(40, survey.proportion("registered")).point == 160


def test_links_lead_to_where_pages_stand() -> None:
    known = places.places()
    text = "[a](../notebooks/01_opaak.ipynb) [b](lists.md#x) [c](../Makefile) [d](https://poedit.net) ![e](sizes.png) [rds.md](rds.md)"
    assert places.relinked(text, "docs/adjust.md", known) == (
        "[a](../tutorials/01_opaak.ipynb) [b](../howto/lists.md#x) c [d](https://poedit.net) ![e](../images/sizes.png) "
        "[](../howto/rds.md)"
    )
    code = "```text\n[b](lists.md)\n```"
    assert places.relinked(code, "docs/adjust.md", known) == code


def test_faults_of_a_page_are_found(tmp_path: Path) -> None:
    page = '<html lang="en"><head><title>A</title></head><body><h1 id="a">A</h1><a href="#a">here</a>{}</body></html>'
    (tmp_path / "a.html").write_text(page.format(""), encoding="utf-8")
    assert check_site.walk(tmp_path) == []
    faults = {
        '<a href="b.html">b</a>': "leads nowhere",
        '<a href="#b">b</a>': "no place of its page",
        '<script src="https://example.org/a.js"></script>': "comes from elsewhere",
        '<link rel="stylesheet" href="//example.org/a.css">': "comes from elsewhere",
        '<img src="a.html">': "an image without a text",
        '<img src="b.png" alt="b">': "there is no b.png",
        "<h1>B</h1>": "2 first headings",
    }
    for fault, said in faults.items():
        (tmp_path / "a.html").write_text(page.format(fault), encoding="utf-8")
        [found] = check_site.walk(tmp_path)
        assert said in found


@pytest.fixture
def built() -> Path:
    if not (SITE / "index.html").exists():
        pytest.skip("the site isn't built: make docs")
    return SITE


def test_what_is_built_has_no_broken_link_and_nothing_from_elsewhere(built: Path) -> None:
    assert check_site.walk(built) == []
    assert "howto/which_method.html" in (built / "llms.txt").read_text(encoding="utf-8")


def test_what_is_built_can_be_used_on_a_phone_by_keyboard_and_with_a_screen_reader(built: Path) -> None:
    if reason := check_site.missing():
        pytest.skip(reason)
    assert check_site.look(built, (("phone", "dark"), ("laptop", "light"))) == []
