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

from ..errors import InputError, suggest

#: What stand-ins begin with: a letter that nobody writes, and that Python takes for one.
MARK = "\ua66e"
#: By itself in a term; in arithmetic (True is 1); in a function of numbers; as it is, where values are told apart.
ALONE, COUNTED, NUMBER, AS_IS = "lnvc"
#: Functions of a row's own answers.
ELEMENTWISE = {"I", "log", "log10", "log2", "exp", "exp2", "exp10"}
#: Functions that keep what they found in the sample: of one column, the rest are options.
KEEPING = {"bs", "cc", "cr", "cs", "center", "poly", "scale", "standardize"}
CONTRASTS = {"Treatment", "Sum", "Helmert", "Poly", "Diff"}
OF_CONTR = {"treatment", "SAS", "sum", "helmert", "diff", "poly", "custom"}
NUMPY = {
    *("abs", "absolute", "fabs", "sign", "sqrt", "cbrt", "square", "power", "reciprocal", "hypot"),
    *(
        "log",
        "log2",
        "log10",
        "log1p",
        "exp",
        "exp2",
        "expm1",
        "floor",
        "ceil",
        "trunc",
        "rint",
        "round",
        "clip",
        "mod",
    ),
    *("sin", "cos", "tan", "arcsin", "arccos", "arctan", "arctan2", "sinh", "cosh", "tanh", "arcsinh"),
    *("minimum", "maximum", "where", "isin", "logical_and", "logical_or", "logical_not", "logical_xor"),
}
METHODS = {"abs", "clip", "round", "between", "isin", "map", "astype"}
TEXT_METHODS = {"lower", "upper", "strip", "contains", "startswith", "endswith", "len", "slice", "zfill"}
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
        """Say that the table has no such column."""
        raise InputError(
            f"{name!r} is not defined in the formula {self.written!r}: the table has no column {name!r}. "
            f"{suggest(name, self.known)}"
        )

    def refuse_function(self, name: str) -> NoReturn:
        """Say that formulas know no such function."""
        raise InputError(
            f"The formula {self.written!r} names {name!r}, which is no function that formulas know. They know C, I, log, exp, "
            "np.sqrt and others of a row's own answers, poly, bs, cr, center and scale; make other columns first, by survey.assign."
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
    found = [Token(str(match.lastgroup), match.group()) for match in TOKEN.finditer(text.written)]
    for kind, piece in found:
        if kind == "sign" and piece in "`'\"":
            text.refuse(f"a quote {piece} is opened and not closed")
    return found


def _unquoted(text: Text, piece: str) -> str:
    name = piece[1:-1]
    return name if name in text.known else name.replace("\\`", "`")


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
    """An expression of Python in a formula."""

    text: Text
    #: How messages call it.
    shown: str

    def read(self, node: ast.expr, how: str, own: frozenset[str] = frozenset()) -> ast.expr:
        """Return an expression with stand-ins for columns, in the types in which they are wanted.

        `own` names what a lambda is called with.
        """
        if not how and isinstance(node, ast.Name) and node.id in CONTRASTS:
            return node
        name = self._column(node, own)
        if name is not None:
            if how == "":
                self.text.refuse(f"{self.shown!r} has a column, {name!r}, for an option")
            return ast.Name(self.text.stand_in(name, how), ast.Load())
        match node:
            case ast.Name(id=found):
                if found not in own:
                    self.text.refuse_name(found)
                return node
            case ast.Attribute(value=ast.Name(id="np"), attr="pi" | "e"):
                return node
            case ast.Constant(value=bool() | int() | float() | str() | None):
                return node
            case ast.Call():
                return self._call(node, how, own)
            case ast.List() | ast.Tuple() | ast.Set() | ast.Dict():
                return self._values(node, own)
            case ast.Lambda():
                self._unknown("a lambda elsewhere than in map, as in age.map(lambda a: a > 30)")
        return self._signs(node, how, own)

    def _signs(self, node: ast.expr, how: str, own: frozenset[str]) -> ast.expr:
        """Return what an operator makes of others."""
        match node:
            case ast.BinOp(op=ast.Add() | ast.Sub() | ast.Mult() | ast.Div() | ast.FloorDiv() | ast.Mod() | ast.Pow()):
                return self._arithmetic(node, how, own)
            case ast.BinOp(op=ast.BitAnd() | ast.BitOr() | ast.BitXor() as op, left=one, right=other):
                return ast.BinOp(self.read(one, how and AS_IS, own), op, self.read(other, how and AS_IS, own))
            case ast.UnaryOp(op=ast.USub() | ast.UAdd()):
                return ast.UnaryOp(node.op, self.read(node.operand, how and COUNTED, own))
            case ast.UnaryOp(op=ast.Invert()):
                return ast.UnaryOp(node.op, self.read(node.operand, how and AS_IS, own))
            case ast.UnaryOp() | ast.BoolOp() | ast.IfExp():
                return self._choice(node, own)
            case ast.Compare():
                return self._comparison(node, how, own)
        self._unknown()

    def _comparison(self, node: ast.Compare, how: str, own: frozenset[str]) -> ast.expr:
        if len(node.ops) > 1 and not own:
            self.text.refuse(f"{self.shown!r} compares twice; write (20 < age) & (age < 40)")
        asked = (ast.Is, ast.IsNot) if own else (ast.Is, ast.IsNot, ast.In, ast.NotIn)
        if any(isinstance(op, asked) for op in node.ops):
            self.text.refuse(f"{self.shown!r} asks for 'in' or 'is'; write age.isin([20, 30])")
        left, *others = (self.read(one, how and AS_IS, own) for one in (node.left, *node.comparators))
        return ast.Compare(left, node.ops, others)

    def _values(self, node: ast.List | ast.Tuple | ast.Set | ast.Dict, own: frozenset[str]) -> ast.expr:
        if not isinstance(node, ast.Dict):
            return type(node)([self.read(one, "", own) for one in node.elts])
        if None in node.keys:
            self._unknown()
        keys: list[ast.expr | None] = [self.read(key, "", own) for key in node.keys if key is not None]
        return ast.Dict(keys, [self.read(value, "", own) for value in node.values])

    def _column(self, node: ast.expr, own: frozenset[str]) -> str | None:
        """Return the column that an expression is, if it is one."""
        match node:
            case ast.Call(func=ast.Name(id="Q"), args=[ast.Constant(value=str() as name)], keywords=[]):
                if name not in self.text.known:
                    self.text.refuse_name(name)
                return name
            case ast.Name(id=name) if self.text.stand_ins.fullmatch(name):
                return self.text.columns[int(name[len(self.text.mark) : -1])]
            case ast.Name(id=name) if name not in own and name in self.text.known:
                return name
            case ast.Attribute():
                dotted = _dotted(node)
                first = (dotted or "").split(".")[0]
                if dotted in self.text.known and first not in own:
                    return dotted
                if dotted and first not in (own | {"np"}) and not dotted.startswith(self.text.mark):
                    self.text.refuse_name(dotted)
        return None

    def _arithmetic(self, node: ast.BinOp, how: str, own: frozenset[str]) -> ast.expr:
        sides = (node.left, node.right)
        if any(isinstance(side, (ast.List, ast.Tuple, ast.Set, ast.Dict)) or _is_text(side) for side in sides):
            self.text.refuse(f"{self.shown!r} computes with a text or a list")
        if not isinstance(node.op, ast.Mult) and all(_is_condition(side) for side in sides):
            self.text.refuse(
                f"{self.shown!r} computes with conditions; count them as numbers, 1 * (age > 40) + 1 * (...)"
            )
        left, right = (self.read(side, how and COUNTED, own) for side in sides)
        if isinstance(node.op, ast.Pow) and not any(
            isinstance(one, ast.Name) for side in (left, right) for one in ast.walk(side)
        ):
            self.text.refuse(f"{self.shown!r} has a power of a number; write the number itself")
        return ast.BinOp(left, node.op, right)

    def _choice(self, node: ast.UnaryOp | ast.BoolOp | ast.IfExp, own: frozenset[str]) -> ast.expr:
        if not own:
            self.text.refuse(
                f"{self.shown!r} has 'and', 'or', 'not' or 'if'; write '&', '|', '~' between conditions in brackets"
            )
        match node:
            case ast.BoolOp():
                return ast.BoolOp(node.op, [self.read(value, AS_IS, own) for value in node.values])
            case ast.IfExp():
                return ast.IfExp(*(self.read(part, AS_IS, own) for part in (node.test, node.body, node.orelse)))
        return ast.UnaryOp(node.op, self.read(node.operand, AS_IS, own))

    def _call(self, node: ast.Call, how: str, own: frozenset[str]) -> ast.expr:
        match node.func:
            case ast.Name(id=name) if not how and name in CONTRASTS:
                return self._with(node, "", "", own)
            case ast.Name(id=name) if how and name in ELEMENTWISE:
                return self._with(node, how if name == "I" else NUMBER, "", own)
            case ast.Name(id="C") if how:
                return self._with(node, AS_IS, "", own)
            case ast.Name(id=name) if how and name in KEEPING:
                made = self._with(node, NUMBER, "", own)
                # It is kept under its own text, between quotes.
                if re.search(r'["\\]', ast.unparse(made)):
                    self.text.refuse(f"{self.shown!r} has a text with a quote or a backslash in it")
                return made
            case ast.Attribute(value=ast.Name(id="np"), attr=name) if how and name in NUMPY:
                return self._with(node, AS_IS if name == "isin" else NUMBER, NUMBER, own)
            case ast.Attribute(value=ast.Name(id="contr"), attr=name) if not how and name in OF_CONTR:
                return self._with(node, "", "", own)
            case ast.Attribute(value=ast.Attribute(value=inner, attr="str"), attr=name) if name in TEXT_METHODS:
                of = ast.Attribute(self.read(inner, AS_IS, own), "str", ast.Load())
                return self._with(node, "", "", own, ast.Attribute(of, name, ast.Load()))
            case ast.Attribute(value=inner, attr=name) if name in METHODS:
                owner = ast.Attribute(
                    self.read(inner, AS_IS if name in ("map", "isin") else NUMBER, own), name, ast.Load()
                )
                if name == "map" and len(node.args) == 1 and isinstance(node.args[0], ast.Lambda) and not node.keywords:
                    return ast.Call(owner, [self._function(node.args[0], own)], [])
                return self._with(node, "", "", own, owner)
        if not how:
            self.text.refuse(f"{self.shown!r} computes an option; write the number itself")
        called = _dotted(node.func) or ast.unparse(node.func)
        self.text.refuse_function(self.text.shown(called))

    def _function(self, node: ast.Lambda, own: frozenset[str]) -> ast.expr:
        arguments = node.args
        names = [argument.arg for argument in arguments.args]
        if len(names) != 1 or ast.unparse(arguments) != names[0]:
            self._unknown("a lambda with other than one argument")
        return ast.Lambda(arguments, self.read(node.body, AS_IS, own | set(names)))

    def _with(
        self, node: ast.Call, first: str, rest: str, own: frozenset[str], func: ast.expr | None = None
    ) -> ast.expr:
        """Return a call whose first argument is wanted in one way and whose others in another."""
        if any(isinstance(one, ast.Starred) for one in node.args) or any(one.arg is None for one in node.keywords):
            self._unknown("stars")
        args = [self.read(one, rest if place else first, own) for place, one in enumerate(node.args)]
        options = [ast.keyword(str(one.arg), self.read(one.value, "", own)) for one in node.keywords]
        return ast.Call(func or node.func, args, options)

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
