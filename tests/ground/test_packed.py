"""Numbers as text lose nothing, and never unpack to more than they say."""

import base64
import zlib

import numpy as np
import pytest
from hiddenpop import InputError
from hiddenpop.ground.packed import MOST_RATIO, pack, unpack


@pytest.mark.parametrize("values", [[0.1, -0.0, np.inf, 1e-310], np.zeros(1_000_000), np.arange(3.0)])
def test_what_was_packed_is_unpacked(values: list[float]) -> None:
    found = unpack(pack(np.array(values)), len(values))
    assert found.tobytes() == np.array(values, dtype="<f8").tobytes()
    assert len(unpack(pack(np.array(values)))) == len(values)


def test_nothing_says_more_than_it_costs_to_keep() -> None:
    # zlib packs zeros a thousand times smaller; ours are kept at 64 times at most.
    assert MOST_RATIO * len(base64.b64decode(pack(np.zeros(1_000_000)))) >= 8e6
    bomb = base64.b64encode(zlib.compress(bytes(8_000_000))).decode()
    with pytest.raises(InputError, match="can't hold them"):
        unpack(bomb, 1_000_000)
    with pytest.raises(InputError, match="more stored numbers"):
        unpack(bomb, 10)
    with pytest.raises(InputError, match="more stored numbers"):
        unpack(bomb)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("???", "no base64"),
        (base64.b64encode(b"abcdefgh").decode(), "can't be unpacked"),
        (base64.b64encode(zlib.compress(bytes(8))).decode(), "fewer stored numbers"),
        (base64.b64encode(zlib.compress(bytes(16))[:-2]).decode(), "don't end"),
        (base64.b64encode(zlib.compress(bytes(16)) + b"more").decode(), "don't end"),
    ],
)
def test_damage_is_seen(text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        unpack(text, 2)
