"""Numbers as text: doubles, compressed, so that nothing is lost; and read again without being believed."""

from __future__ import annotations

import base64
import binascii
import zlib

import numpy as np

from ..errors import InputError
from .aside import aside
from .columns import Floats

#: What is compressed more than this is written digit by digit (each byte at most eight times smaller), so that no text can say
#: more than it costs to keep.
MOST_RATIO = 64


def pack(values: Floats, level: int = 6) -> str:
    """Write doubles as text."""
    raw = np.ascontiguousarray(values, dtype="<f8").tobytes()
    packed = aside(lambda: zlib.compress(raw, level), numbers=len(raw) // 8)
    if len(raw) > MOST_RATIO * len(packed):
        digits = zlib.compressobj(level, strategy=zlib.Z_HUFFMAN_ONLY)
        packed = digits.compress(raw) + digits.flush()
    return base64.b64encode(packed).decode()


def unpack(text: str, count: int | None = None) -> Floats:
    """Read what `pack` wrote: `count` doubles, or as many as there are. Never unpacks more than that.

    Raises
    ------
    InputError
        The text is damaged, or holds more or fewer numbers than it should.
    """
    try:
        packed = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise InputError("Stored numbers are damaged: they are no base64.") from None
    most = MOST_RATIO * len(packed)
    wanted = most if count is None else 8 * count
    if wanted > most:
        raise InputError(f"{count:,} numbers are said to stand in {len(packed):,} bytes, which can't hold them.")
    reader = zlib.decompressobj()
    try:
        raw = reader.decompress(packed, wanted + 1)
    except zlib.error:
        raise InputError("Stored numbers are damaged: they can't be unpacked.") from None
    if len(raw) > wanted or (count is not None and len(raw) < wanted):
        more = "more" if len(raw) > wanted else "fewer"
        raise InputError(f"There are {more} stored numbers than the file says.")
    if not reader.eof or reader.unused_data or len(raw) % 8:
        raise InputError("Stored numbers are damaged: they don't end where they should.")
    return np.frombuffer(raw, dtype="<f8").astype(float, copy=False)
