"""What the text of a formula says: which columns it names, what is computed of them, and nothing else.

Columns may be called anything: signs, spaces, dots, names of functions, of options, of the intercept. So a stand-in is put in
the place of each column before anybody else reads the formula, and taken out again of whatever is shown. What is computed
must be one of the functions below, each of which makes of a row's answers a number of that row, or keeps what it found
in the sample for other rows. A formula can come out of a file; it can't do anything else.
"""

from __future__ import annotations

import ast
import keyword
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, NoReturn

from ..errors import InputError, in_words, suggest
from .formula_values import CATEGORIES, CONTRASTS, KEEPING, called, check_options

#: What stand-ins begin with: a letter that nobody writes, and that Python takes for one.
MARK = "\ua66e"
#: By itself in a term; in arithmetic (True is 1); in a function of numbers; as it is, where values are told apart.
ALONE, COUNTED, NUMBER, AS_IS = "lnvc"
#: A name that needs no backquotes inside a function.
PLAIN = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*", re.ASCII)
#: Signs that stand for something in the names of coefficients.
SIGNS = re.compile(r"[:\[\]()`]")
TOKEN = re.compile(
    r"""(?P<space>\s+)
    |(?P<quoted>`(?:\\`|[^`])+`)
    |(?P<text>'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")
    |(?P<word>[\w.]+)
    |(?P<sign>%in%|.)""",
    re.VERBOSE | re.DOTALL,
)
NUMERAL = re.compile(r"\d+\.?\d*|\.\d+", re.ASCII)
CLOSING = {"(": ")", "[": "]", "{": "}"}
#: Operators between terms, and how closely they bind.
BINDS = {"~": 0, "|": 1, "+": 2, "-": 2, "*": 3, "/": 3, "%in%": 3, "in": 3, ":": 4, "**": 5, "^": 5}
#: What a formula may be, so that none takes longer to read than anybody waits: letters, brackets in brackets, pieces of something
#: computed, terms on the way to those that are left, and factors of one term.
LONGEST, DEEPEST, WIDEST, MOST_TERMS, MOST_FACTORS = 50_000, 50, 2_000, 4_000, 8
#: What parts of a formula may be raised to: all interactions of so many terms.
HIGHEST = 5
HOW = "Write terms as in 'age + C(born) + group'"
INTERCEPT = "Intercept"


class Token(NamedTuple):
    """A piece of a formula's text."""

    kind: str
    text: str


@dataclass(eq=False)
class Text:
    """A formula as it was written, and with stand-ins for its columns and for what is computed of them."""

    written: str
    known: Collection[str]
    #: Columns that a dot stands for; None where it stands for none.
    others: Sequence[str] | None = None
    #: Operators, numerals and stand-ins: of a column, or of a factor of `code`.
    plain: str = ""
    #: What is computed, with stand-ins for columns, by its own stand-in.
    code: dict[str, str] = field(default_factory=dict)
    columns: list[str] = field(default_factory=list)
    #: Columns left of the tilde; None before there is one.
    left: frozenset[str] | None = None
    #: What stand-ins begin with: a letter so often that no name has it.
    mark: str = MARK

    def __post_init__(self) -> None:
        while self.mark in self.written or any(self.mark in name for name in self.known):
            self.mark += MARK

    @property
    def stand_ins(self) -> re.Pattern[str]:
        """Stand-ins for columns: a column's number, and in which types it is wanted."""
        return re.compile(rf"{self.mark}(\d+)([a-z])")

    def stand_in(self, name: str, how: str) -> str:
        """Return what stands for a column, which the table must have."""
        if name not in self.known:
            self.refuse_name(name)
        if name not in self.columns:
            self.columns.append(name)
        return f"{self.mark}{self.columns.index(name)}{how}"

    def shown(self, text: str) -> str:
        """Put the columns' names into a text with stand-ins."""

        def name(found: re.Match[str]) -> str:
            called = self.columns[int(found[1])]
            plain = PLAIN.fullmatch(called) and not keyword.iskeyword(called)
            bare = (not SIGNS.search(called) and called != INTERCEPT) if found[2] == ALONE else plain
            return called if bare else f"`{called.replace('`', chr(92) + '`')}`"

        return self.stand_ins.sub(name, text)

    def used(self, text: str) -> frozenset[str]:
        """Return the columns that stand in a text."""
        return frozenset(self.columns[int(found[1])] for found in self.stand_ins.finditer(text))

    def refuse_name(self, name: str) -> NoReturn:
        """Say that the table has no such column; a name and a column side by side are none."""
        name = self.shown(name)
        raise InputError(
            f"{name!r} is not defined in the formula {self.written!r}: the table has no column {name!r}. "
            f"{suggest(name, self.known)}"
        )

    def refuse_function(self, name: str) -> NoReturn:
        """Say that formulas know no such function."""
        raise InputError(
            f"The formula {self.written!r} names {self.shown(name)!r}, which is no function that formulas know. They know C, I, log, "
            "exp, np.sqrt and others of a row's own answers, poly, bs, cr, center and scale; make other columns first, by "
            "survey.assign."
        )

    def refuse(self, reason: str) -> NoReturn:
        """Say why the formula can't be read."""
        raise InputError(f"The formula {self.written!r} can't be read: {reason}.")


def read(written: str, known: Collection[str], others: Sequence[str] | None = None) -> Text:
    """Read a formula's text."""
    text = Text(written, tuple(known), others)
    pieces, place = _tokens(text), 0
    plain = []
    while place < len(pieces):
        kind, piece = pieces[place]
        end = _computed(text, pieces, place)
        if end:
            plain.append(_factor(text, pieces[place:end]))
        elif kind == "quoted":
            plain.append(text.stand_in(_unquoted(text, piece), ALONE))
        elif kind == "text":
            text.refuse(f"{piece} is a text and no term; a column's name stands in backquotes, `...`")
        elif kind == "word" and piece not in (".", "in") and not NUMERAL.fullmatch(piece):
            if piece[0].isdigit():
                text.refuse(f"{piece!r} begins with a digit; a column called so stands in backquotes, `{piece}`")
            plain.append(text.stand_in(piece, ALONE))
        elif piece == ".":
            plain.append(_all_others(text))
        else:
            if piece == "~":
                text.left = frozenset(text.columns)
            before = "".join(plain).rstrip()
            if NUMERAL.fullmatch(piece) and before.endswith(("**", "^")) and float(piece) > HIGHEST:
                text.refuse(f"interactions go up to {HIGHEST} terms; a number's power is I(x ** {piece})")
            plain.append(piece)
        place = end or place + 1
    text.plain = "".join(plain)
    _check_size(text, plain)
    return text


def sides(written: str) -> list[str]:
    """Split a formula's text at its tildes."""
    found = [""]
    for kind, piece in _tokens(Text(written, ())):
        if (kind, piece) == ("sign", "~"):
            found.append("")
        else:
            found[-1] += piece
    return found


def _tokens(text: Text) -> list[Token]:
    if len(text.written) > LONGEST:
        raise InputError(
            f"The formula {in_words(text.written)} has {len(text.written):,} letters; at most {LONGEST:,} are read. A dot, '.', "
            "stands for all other columns."
        )
    found = [Token(str(match.lastgroup), match.group()) for match in TOKEN.finditer(text.written)]
    for kind, piece in found:
        if kind == "sign" and piece in "`'\"":
            text.refuse(f"a quote {piece} is opened and not closed")
    depth = 0
    for kind, piece in found:
        depth += kind == "sign" and (piece in CLOSING) - (piece in ")]}")
        if depth > DEEPEST:
            text.refuse(f"more than {DEEPEST} brackets stand in one another")
    return found


def _unquoted(text: Text, piece: str) -> str:
    name = piece[1:-1]
    return name if name in text.known else name.replace("\\`", "`")


def _check_size(text: Text, plain: list[str]) -> None:
    """Refuse more terms than anybody reads, before they are made, and signs that are no operators between terms."""
    pieces: list[str] = []
    for piece in (one for one in plain if not one.isspace()):
        if piece == "*" and pieces[-1:] == ["*"]:
            pieces[-1] = "**"
        elif (
            piece in BINDS
            or piece in "()"
            or NUMERAL.fullmatch(piece)
            or text.stand_ins.search(piece)
            or piece in text.code
        ):
            pieces.append(piece)
        else:
            text.refuse(f"{piece!r} does not stand between terms; what is computed stands in I(...), as in I(age > 40)")
    sizes = _Sizes(text, pieces[::-1])
    if sizes.terms(0) > MOST_TERMS:
        text.refuse(f"its operators make more than {MOST_TERMS:,} terms")
    if sizes.ahead:  # joined, a stand-in and a numeral would be another stand-in
        text.refuse("two terms stand side by side without an operator")


@dataclass
class _Sizes:
    """How many terms operators make on their way: no fewer than that, whatever is left of them."""

    text: Text
    #: What comes, from the back.
    ahead: list[str]

    def terms(self, level: int) -> int:
        """Return the size of what is bound at least as closely as a level says, and take it from what is ahead."""
        found = self._one(signed=level <= BINDS["+"])
        while self.ahead and BINDS.get(self.ahead[-1], -1) >= level:
            operator = self.ahead.pop()
            other = self.ahead[-1] if self.ahead else ""
            right = self.terms(BINDS[operator] + (operator not in ("**", "^")))
            if operator in ("**", "^"):
                if not other.isdigit():
                    self.text.refuse(f"what follows {operator} between terms is a whole number up to {HIGHEST}")
                found = found ** min(int(other), HIGHEST)
            elif operator == ":":
                found *= right
            elif operator == "*":
                found += right + found * right
            else:
                found += right
            if found > MOST_TERMS:
                self.ahead.clear()
        return found

    def _one(self, *, signed: bool) -> int:
        while signed and self.ahead and self.ahead[-1] in ("+", "-", "~"):
            self.ahead.pop()
        if not self.ahead or (piece := self.ahead.pop()) in BINDS or piece == ")":
            self.text.refuse("an operator has nothing to work on")
        if piece != "(":
            return 1
        found = self.terms(0)
        if self.ahead and self.ahead.pop() != ")":
            self.text.refuse("two terms stand side by side without an operator")
        return found


def _all_others(text: Text) -> str:
    """Return the sum that a dot stands for: columns that are answers, without those left of the tilde."""
    if text.others is None or text.left is None:
        text.refuse("a dot, '.', stands for all other columns, right of '~' only")
    names = [name for name in text.others if name not in text.left]
    if not names:
        text.refuse("a dot, '.', stands for all other columns, and there are none")
    return "(" + " + ".join(text.stand_in(name, ALONE) for name in names) + ")"


def _computed(text: Text, pieces: list[Token], place: int) -> int:
    """Return where something computed ends that begins here; 0 where nothing does."""
    kind, piece = pieces[place]
    after = pieces[place + 1].text if place + 1 < len(pieces) else ""
    named = kind == "quoted" or (kind == "word" and piece != "in" and not NUMERAL.fullmatch(piece))
    # A method of a column in backquotes, as in `my age`.clip(20).
    method = kind == "quoted" and after.startswith(".") and after != "."
    if not (piece == "{" or (named and (after in ("(", "[") or method))):
        return 0
    end = place if piece == "{" else place + 1 + method
    while end < len(pieces):
        if pieces[end].text in CLOSING and pieces[end].kind == "sign":
            end = _closed(text, pieces, end)
        elif pieces[end].kind == "word" and pieces[end].text.startswith(".") and pieces[end].text != ".":
            end += 1
        else:
            break
    return end


def _closed(text: Text, pieces: list[Token], place: int) -> int:
    """Return what comes after the bracket that closes the one here."""
    waiting: list[str] = []
    for end in range(place, len(pieces)):
        kind, piece = pieces[end]
        if kind != "sign":
            continue
        if piece in CLOSING:
            waiting.append(CLOSING[piece])
        elif piece in ")]}" and waiting.pop() != piece:
            break
        if not waiting:
            return end + 1
    text.refuse(f"a bracket {pieces[place].text} is opened and not closed")


def _factor(text: Text, pieces: Sequence[Token]) -> str:
    """Read something computed, and return what stands for it."""
    if pieces[0].text == "{":
        pieces = pieces[1:-1]
    if len(pieces) > WIDEST:
        text.refuse(f"something computed is written with more than {WIDEST:,} signs and names")
    source = "".join(_safe(text, kind, piece) for kind, piece in pieces)
    shown = text.shown(source.strip())
    try:
        tree = ast.parse(source.strip(), mode="eval").body
        made = ast.unparse(_Expression(text, shown).read(tree, NUMBER))
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        if isinstance(error, InputError):
            raise
        text.refuse(f"{shown!r} is no expression")
    if text.stand_ins.fullmatch(made):  # Q("a name") says what the name says
        return made[:-1] + ALONE
    if not text.stand_ins.search(made):
        text.refuse(f"{shown!r} names no column")
    for stand_in, code in text.code.items():
        if code == made:
            return stand_in
    stand_in = f"{text.mark}_{len(text.code)}"
    text.code[stand_in] = made
    return stand_in


def _safe(text: Text, kind: str, piece: str) -> str:
    """Return a piece of something computed as Python reads it without changing names."""
    if kind == "quoted":
        return text.stand_in(_unquoted(text, piece), NUMBER)
    if kind == "space":
        return " "
    if kind == "word" and not piece.isascii():  # Python writes some letters in another way
        parts = piece.split(".")
        for size in range(len(parts), 0, -1):
            name = ".".join(parts[:size])
            if name in text.known:
                return ".".join([text.stand_in(name, NUMBER), *parts[size:]])
        text.refuse_name(piece)
    return piece


@dataclass(frozen=True)
class _Expression:
    """An expression in a formula: columns, numbers, signs, and functions that `formula_values` lists."""

    text: Text
    #: How messages call it.
    shown: str

    def read(self, node: ast.expr, how: str) -> ast.expr:
        """Return an expression with stand-ins for columns, in the types in which they are wanted; for options there are none."""
        if not how and isinstance(node, ast.Name) and node.id in CONTRASTS:
            return node
        name = self._column(node)
        if name is not None:
            if how == "":
                self.text.refuse(f"{self.shown!r} has a column, {name!r}, for an option")
            return ast.Name(self.text.stand_in(name, how), ast.Load())
        match node:
            case ast.Name(id=found):
                self.text.refuse_name(found)
            case ast.Attribute(value=ast.Name(id="np"), attr="pi" | "e"):
                return node
            case ast.Constant(value=bool() | int() | float() | str() | None):
                return node
            case ast.Call():
                return self._call(node, how)
            case ast.List() | ast.Tuple() | ast.Set() | ast.Dict():
                return self._values(node)
            case ast.Lambda():
                self._unknown("a lambda; write the condition or the number itself, as in I(age > 30), or .map({...})")
        return self._signs(node, how)

    def _signs(self, node: ast.expr, how: str) -> ast.expr:
        """Return what an operator makes of others."""
        match node:
            case ast.BinOp(op=ast.Add() | ast.Sub() | ast.Mult() | ast.Div() | ast.FloorDiv() | ast.Mod() | ast.Pow()):
                return self._arithmetic(node, how)
            case ast.BinOp(op=ast.BitAnd() | ast.BitOr() | ast.BitXor() as op, left=one, right=other):
                return ast.BinOp(self.read(one, how and AS_IS), op, self.read(other, how and AS_IS))
            case ast.UnaryOp(op=ast.USub() | ast.UAdd()):
                return ast.UnaryOp(node.op, self.read(node.operand, how and COUNTED))
            case ast.UnaryOp(op=ast.Invert()):
                return ast.UnaryOp(node.op, self.read(node.operand, how and AS_IS))
            case ast.UnaryOp() | ast.BoolOp() | ast.IfExp():
                self.text.refuse(
                    f"{self.shown!r} has 'and', 'or', 'not' or 'if'; write '&', '|', '~' between conditions in brackets"
                )
            case ast.Compare():
                return self._comparison(node, how)
        self._unknown()

    def _comparison(self, node: ast.Compare, how: str) -> ast.expr:
        if len(node.ops) > 1:
            self.text.refuse(f"{self.shown!r} compares twice; write (20 < age) & (age < 40)")
        if isinstance(node.ops[0], (ast.Is, ast.IsNot, ast.In, ast.NotIn)):
            self.text.refuse(f"{self.shown!r} asks for 'in' or 'is'; write age.isin([20, 30])")
        left, right = (self.read(one, how and AS_IS) for one in (node.left, *node.comparators))
        return ast.Compare(left, node.ops, [right])

    def _values(self, node: ast.List | ast.Tuple | ast.Set | ast.Dict) -> ast.expr:
        if not isinstance(node, ast.Dict):
            return type(node)([self.read(one, "") for one in node.elts])
        if None in node.keys:
            self._unknown()
        keys: list[ast.expr | None] = [self.read(key, "") for key in node.keys if key is not None]
        return ast.Dict(keys, [self.read(value, "") for value in node.values])

    def _column(self, node: ast.expr) -> str | None:
        """Return the column that an expression is, if it is one."""
        match node:
            case ast.Call(func=ast.Name(id="Q"), args=[ast.Constant(value=str() as name)], keywords=[]):
                if name not in self.text.known:
                    self.text.refuse_name(name)
                return name
            case ast.Name(id=name) if self.text.stand_ins.fullmatch(name):
                return self.text.columns[int(name[len(self.text.mark) : -1])]
            case ast.Name(id=name) if name in self.text.known:
                return name
            case ast.Attribute():
                dotted = _dotted(node)
                if dotted in self.text.known:
                    return dotted
                if dotted and not dotted.startswith(("np.", self.text.mark)):
                    self.text.refuse_name(dotted)
        return None

    def _arithmetic(self, node: ast.BinOp, how: str) -> ast.expr:
        sides = (node.left, node.right)
        if any(isinstance(side, (ast.List, ast.Tuple, ast.Set, ast.Dict)) or _is_text(side) for side in sides):
            self.text.refuse(f"{self.shown!r} computes with a text or a list")
        if not isinstance(node.op, ast.Mult) and all(_is_condition(side) for side in sides):
            self.text.refuse(
                f"{self.shown!r} computes with conditions; count them as numbers, 1 * (age > 40) + 1 * (...)"
            )
        left, right = (self.read(side, how and COUNTED) for side in sides)
        if isinstance(node.op, ast.Pow) and not any(
            isinstance(one, ast.Name) for side in (left, right) for one in ast.walk(side)
        ):
            self.text.refuse(f"{self.shown!r} has a power of a number; write the number itself")
        return ast.BinOp(left, node.op, right)

    def _call(self, node: ast.Call, how: str) -> ast.expr:
        found = called(node.func)
        shown = self.text.shown(_dotted(node.func) or ast.unparse(node.func))
        coding = found is not None and (found[0] == "contr." or (found[0] == "" and found[1] in CONTRASTS))
        if found is None or (how and coding):
            self.text.refuse_function(shown)
        home, name, takes, owner = found
        if not how and not coding:
            self.text.refuse(f"{self.shown!r} computes an option; write the number itself")
        for wrong in check_options(node, home + name, takes, own=owner is not None):
            self.text.refuse(f"{self.shown!r} {wrong}")
        # Values that are told apart are wanted as they are; I() passes on what it holds.
        apart = home == ".str." or name in ("map", "isin") or (home == "" and name in CATEGORIES)
        first = AS_IS if apart else how if (home, name) == ("", "I") else NUMBER
        # As many as are computed of columns; the rest are options.
        columns = 0 if coding else takes.most - (owner is not None)
        args = [
            self.read(one, "" if place >= columns else NUMBER if place else first)
            for place, one in enumerate(node.args)
        ]
        options = [ast.keyword(str(one.arg), self.read(one.value, "")) for one in node.keywords]
        made = ast.Call(node.func, args, options)
        if owner is not None:
            of = self.read(owner, first)
            made.func = ast.Attribute(ast.Attribute(of, "str", ast.Load()) if home == ".str." else of, name, ast.Load())
            if name == "map" and not isinstance([*args, *(one.value for one in options)][0], ast.Dict):
                self.text.refuse(f"{self.shown!r} maps by something other than {{value: value}}")
        # It is kept under its own text, between quotes.
        elif home == "" and name in KEEPING and re.search(r'["\\]', ast.unparse(made)):
            self.text.refuse(f"{self.shown!r} has a text with a quote or a backslash in it")
        return made

    def _unknown(self, what: str = "more than columns, numbers and functions of them") -> NoReturn:
        self.text.refuse(f"{self.shown!r} holds {what}; make it a column first, by survey.assign")


def _dotted(node: ast.expr) -> str | None:
    """Return a name with dots, if an expression is one."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else None


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _is_condition(node: ast.expr) -> bool:
    return isinstance(node, ast.Compare) or (
        isinstance(node, ast.BinOp) and isinstance(node.op, (ast.BitAnd, ast.BitOr, ast.BitXor))
    )
