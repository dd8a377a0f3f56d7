"""Sentences that readers see, and their catalogues: `make messages` brings the catalogues up to date with the sources.

`--check` changes nothing and fails where they are not; `--missing` lists what each language (or those named) still says in English;
`--escaped` lists what looks like a sentence and is not marked, in all modules or those named.
"""

from __future__ import annotations

import ast
import json
import re
import sys
from collections.abc import Iterator
from io import BytesIO

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po
from hiddenpop.ground.language import ENGLISH, FOLDER, KEPT, LANGUAGES, agree, several

try:
    from tools import tree
except ImportError:  # run as a file
    import tree

#: What marks a sentence, with how many texts it takes and the context that these have in a catalogue.
MARKS = {"tr": (1, None), "plural": (2, None), "template": (1, None), "english": (1, KEPT)}
#: Texts for readers that are no program.
CHECKLISTS = FOLDER.parent / "report" / "checklists.json"
#: Every sentence of these files is marked; errors, warnings and what has a comment "stays English" are not for readers.
HELD: tuple[str, ...] = (
    "answers.question",
    "counts.figures",
    "counts.leaf",
    "doubt.figures",
    "drawing.axes",
    "extrapolation.sentences",
    "ground.text",
    "plan.comparison",
    "plan.figures",
    "plan.groups",
    "plan.overlap",
    "report.document",
    "report.plain",
    "report.titles",
    "survey.worst_case",
    "tables.imputations",
    "tables.layout",
    "tables.remarks",
    "triangulation.conflict",
    "triangulation.wording",
    "uncertainty.basic",
    "uncertainty.bias_corrected",
    "uncertainty.floors",
    "uncertainty.hdi",
    "uncertainty.method",
    "uncertainty.mover",
    "uncertainty.normal",
    "uncertainty.notes",
    "uncertainty.of_models",
    "uncertainty.percentile",
    "uncertainty.proportions",
    "uncertainty.simultaneous",
    "uncertainty.student_t",
    "uncertainty.studentized",
    "uncertainty.variance_replicates",
    "uncertainty.woodruff",
    "words.estimates",
    "words.framed",
    "words.methods",
    "words.rows",
)
#: Texts that go through here are errors and warnings, or names that programs read.
_NOT_READ = re.compile(r".*(Error|Warning|Refusal)|warn|refuse\w*|granted|compile|getattr|startswith|endswith")
#: Two words, or a word and a field.
_SENTENCE = re.compile(r"[A-Za-z}]{2,}[,:;]? [A-Za-z{(]{2,}|\{\} [a-z]{2,}|[a-z]{2,} \{\}")
#: Markup, keys of the bibliography, words of matplotlib's.
_MARKUP = re.compile(
    r"</?\w+|\w+:[^ ]+;|\{\{|[A-ZÀ-Þ][\w, -]+ (and|&) [\w -]+ \d{4}.*|[A-Z]\w+ \d{4}, .*"
    r"|(axes fraction|offset points|figure fraction|(upper|lower|center) (left|right|center))$"
)
#: Fields that are read in errors only.
_FIELDS = {"unsaved", "twins", "door"}


def catalogue(language: str) -> Catalog:
    """Read a catalogue as it stands."""
    return read_po(BytesIO((FOLDER / f"{language}.po").read_bytes()), locale=language)


def texts(call: ast.Call) -> tuple[str, ...]:
    """Return the texts that a call marks: constants, or nobody could translate them."""
    count = MARKS[ast.unparse(call.func)][0]
    found = [one.value for one in call.args[:count] if isinstance(one, ast.Constant) and isinstance(one.value, str)]
    if len(found) != count:
        raise SystemExit(f"{ast.unparse(call)} in line {call.lineno} marks no constant text: give its fields by name")
    return tuple(found)


def items() -> Iterator[str]:
    """List what checklists say, but for the numbers of their items and the articles that they are from."""
    for one in json.loads(CHECKLISTS.read_text(encoding="utf-8")).values():
        yield one["of"]
        for part in one["parts"]:
            yield part["title"]
            for item in part["items"]:
                yield from (item[key] for key in ("asks", "add") if key in item)


def marked() -> Catalog:
    """Return every marked sentence with the files it stands in."""
    found = Catalog()
    for name, file in tree.FILES.items():
        where = [(file.relative_to(tree.ROOT).as_posix(), 0)]
        for node in ast.walk(tree.parsed(name)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MARKS:
                ids, context = texts(node), MARKS[node.func.id][1]
                found.add(ids if len(ids) > 1 else ids[0], context=context, locations=where)
    for text in items():
        found.add(text, locations=[(CHECKLISTS.relative_to(tree.ROOT).as_posix(), 0)])
    for message in found:
        message.locations = sorted(set(message.locations))
        message.flags = set()
    return found


def updated(language: str) -> str:
    """Return what a catalogue reads when it is up to date: what was translated stays, what changed a little is marked fuzzy."""
    found = catalogue(language)
    header = (
        f"# What hiddenpop says in {LANGUAGES[language]}. How to correct a sentence: docs/languages.md\n"
        f'msgid ""\nmsgstr ""\n"Language: {language}\\n"\n"MIME-Version: 1.0\\n"\n"Content-Type: text/plain; charset=UTF-8\\n"\n'
        f'"Content-Transfer-Encoding: 8bit\\n"\n"Plural-Forms: nplurals={found.num_plurals}; plural={found.plural_expr};\\n"\n\n'
    )
    found.update(marked())
    found.obsolete.clear()
    for message in found:
        message.flags &= {"fuzzy"}
    made = BytesIO()
    write_po(made, found, width=110, omit_header=True, sort_output=True, include_lineno=False, ignore_obsolete=True)
    return header + made.getvalue().decode()


def translated(message: Message) -> bool:
    """Tell whether a message says something in its language."""
    return all(several(message.string)) and not message.fuzzy


def missing(language: str) -> list[str]:
    """List sentences that a language still says in English."""
    return [several(message.id)[0] for message in catalogue(language) if message.id and not translated(message)]


def wrong(language: str) -> list[str]:
    """List sentences whose fields are not those of the English one."""
    whole = [message for message in catalogue(language) if message.id and translated(message)]
    return [several(one.id)[0] for one in whole if not agree(several(one.id), several(one.string))]


def escaped(name: str) -> Iterator[tuple[int, str]]:
    """Find what looks like a sentence in a file and is not marked."""
    module = tree.parsed(name)
    lines = tree.FILES[name].read_text(encoding="utf-8").split("\n")
    apart: set[int] = set()
    for node in ast.walk(module):
        if _not_read(node):
            apart.update(id(inner) for inner in ast.walk(node))
    for node in ast.walk(module):
        if id(node) in apart:
            continue
        if isinstance(node, ast.JoinedStr):
            apart.update(id(inner) for inner in node.values if isinstance(inner, ast.Constant))
            text = "".join(one.value if isinstance(one, ast.Constant) else "{}" for one in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = node.value
        else:
            continue
        within = lines[node.lineno - 1 : node.end_lineno]
        if _SENTENCE.search(text) and not _MARKUP.match(text) and not any("stays English" in line for line in within):
            yield node.lineno, text


def _not_read(node: ast.AST) -> bool:
    """Tell whether nothing inside is for readers, or all of it is marked."""
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)  # what documents something
    if isinstance(node, ast.Call):
        called = (
            node.func.id
            if isinstance(node.func, ast.Name)
            else node.func.attr
            if isinstance(node.func, ast.Attribute)
            else ""
        )
        return called in MARKS or bool(_NOT_READ.fullmatch(called))
    if isinstance(node, ast.AnnAssign):
        return ast.unparse(node.target) in _FIELDS
    return isinstance(node, (ast.Raise, ast.Assert, ast.Compare)) or (
        isinstance(node, ast.FunctionDef)
        and node.name in {"__repr__", "dependence", "contradicts", "made_twice", "no_draws"}
    )


def main(asked: list[str]) -> int:
    languages = [one for one in asked if one in LANGUAGES] or [one for one in LANGUAGES if one != ENGLISH]
    if "--escaped" in asked:
        for name in [one for one in asked if one in tree.FILES] or tree.FILES:
            for line, text in escaped(name):
                print(f"{name}:{line}: {text}")
        return 0
    if "--missing" in asked:
        for language in languages:
            left = missing(language)
            print(f"{LANGUAGES[language]}: {len(left)} sentences are still English", *left, sep="\n  ")
        return 0
    failed = False
    for language in languages:
        file, text = FOLDER / f"{language}.po", updated(language)
        old = file.read_text(encoding="utf-8") != text
        if "--check" in asked:
            failed |= old
        else:
            file.write_text(text, encoding="utf-8")
        bad = wrong(language)
        failed |= bool(bad)
        state = "not up to date: run `make messages`" if old and "--check" in asked else "up to date"
        print(
            f"{file.name}: {state}; {len(missing(language))} sentences still in English",
            *[f"  other fields: {one}" for one in bad],
            sep="\n",
        )
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
