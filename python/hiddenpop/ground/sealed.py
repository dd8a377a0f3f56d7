"""Names of people's data for files: who wrote one knows them again, and nobody can find the data by trying.

A fingerprint is a hash of a table. Whoever has it can try tables until one fits, which for a small table takes seconds. So
what leaves memory is sealed by a key that stays with the user. Without the key a sealed name is still a name: equal for equal
data of one user, and no more.

The sealing is deterministic authenticated encryption as SIV (Rogaway and Shrimpton 2006): a keyed hash of the content serves as
its nonce and tells, after opening, whether this key sealed it.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import re
import secrets
from functools import lru_cache
from pathlib import Path

from ..errors import InputError

#: Names the file of the key.
VARIABLE = "HIDDENPOP_KEY_FILE"
#: Bytes of a key and of a nonce.
KEY, NONCE = 32, 16
#: Longer sealed texts are none of ours.
LONGEST = 100_000
#: What was read and could not be opened, so that it is written again as it came.
_foreign: dict[int | str, str] = {}


def place() -> Path:
    """Return where this user's key is kept."""
    given = os.environ.get(VARIABLE)
    if given:
        return Path(given)
    base = os.environ.get("XDG_CONFIG_HOME") or os.environ.get("APPDATA")
    return (Path(base) if base else Path.home() / ".config") / "hiddenpop" / "key"


def seal(value: int | str) -> str:
    """Write a number or a text so that only this user's key opens it."""
    if value in _foreign:
        return _foreign[value]
    return _sealed(value, _own_key())


def opened(text: object) -> int | str:
    """Read what `seal` wrote; what another key sealed becomes a name of its own, equal for equal content."""
    kind, content = _parts(text)
    value = _content(content, _own_key())
    if value is None or isinstance(value, int) != (kind == "number"):
        name = content[:NONCE].hex()
        value = int(name, 16) if kind == "number" else f"sealed {name}"
        _foreign[value] = str(text)
    return value


def foreign(value: object) -> bool:
    """Tell whether a name was sealed by another key, so that nobody here knows what it stands for."""
    return value in _foreign


def _parts(text: object) -> tuple[str, bytes]:
    found = (
        re.fullmatch(r"(number|text) ((?:[0-9a-f]{2})+)", text)
        if isinstance(text, str) and len(text) <= LONGEST
        else None
    )
    if found is None or len(found[2]) // 2 <= NONCE:
        raise InputError("A name of data in this file is damaged.")
    return found[1], bytes.fromhex(found[2])


def _sealed(value: int | str, key: bytes) -> str:
    plain = json.dumps(value).encode()
    nonce = _keyed(key, b"name", plain)
    kind = "number" if isinstance(value, int) else "text"
    return f"{kind} {(nonce + _covered(key, nonce, plain)).hex()}"


def _content(sealed: bytes, key: bytes) -> int | str | None:
    nonce, covered = sealed[:NONCE], sealed[NONCE:]
    plain = _covered(key, nonce, covered)
    if not hmac.compare_digest(_keyed(key, b"name", plain), nonce):
        return None
    value: int | str = json.loads(plain)
    return value


def _keyed(key: bytes, what: bytes, content: bytes) -> bytes:
    return hmac.new(key, what + b"|" + content, hashlib.sha256).digest()[:NONCE]


def _covered(key: bytes, nonce: bytes, content: bytes) -> bytes:
    """Add a stream that only the key makes; adding it again takes it away."""
    cover = hashlib.shake_256(key + b"|cover|" + nonce).digest(len(content))
    return bytes(a ^ b for a, b in zip(content, cover, strict=True))


def _own_key() -> bytes:
    return _key_at(str(place()))


@lru_cache(maxsize=8)
def _key_at(path: str) -> bytes:
    """Return the key in a file, made when it is first needed; where none can be kept, one for this run."""
    try:
        return _read(path)
    except FileNotFoundError:
        pass
    except OSError:
        return secrets.token_bytes(KEY)
    made = secrets.token_bytes(KEY)
    try:
        Path(path).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        # Whole or not at all, readable by its owner alone, whoever else makes one at the same moment.
        draft = f"{path}.{secrets.token_hex(8)}"
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write(made.hex() + "\n")
        try:
            os.link(draft, path)
        except FileExistsError:
            return _read(path)
        except OSError:  # a file system without links
            os.replace(draft, path)
        finally:
            Path(draft).unlink(missing_ok=True)
    except OSError:
        return made
    return made


def _read(path: str) -> bytes:
    with open(path, "rb") as file:
        text = file.read(4 * KEY).strip()
    if re.fullmatch(rb"[0-9a-f]{%d}" % (2 * KEY), text) is None:
        raise InputError(
            f"The file {path!r} holds no key of hiddenpop. Delete it, and a new one is made; or set {VARIABLE}."
        )
    return bytes.fromhex(text.decode())
