"""The door lets in who has the key, from our own pages, and no page that another site opens (DNS rebinding, hijacked sockets)."""

import asyncio
from typing import Any

import pytest
from hiddenpop.explorer.door import Door

OURS = {"host": "127.0.0.1:5000"}
COOKIE = {"cookie": "other=1; hiddenpop-5000=secret"}
SOCKET = {**OURS, **COOKIE, "origin": "http://127.0.0.1:5000"}


async def inside(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.accept"})
        return
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"inside"})


def knock(headers: dict[str, str], *, kind: str = "http", query: str = "") -> list[dict[str, Any]]:
    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    scope = {
        "type": kind,
        "query_string": query.encode(),
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }
    asyncio.run(Door(inside, "secret", 5000)(scope, None, send))
    return sent


def test_the_key_becomes_a_cookie_and_leaves_the_address() -> None:
    (start, _) = knock(OURS, query="key=secret")
    headers = dict(start["headers"])
    assert start["status"] == 303
    assert headers[b"location"] == b"/"
    assert b"HttpOnly; SameSite=Strict" in headers[b"set-cookie"]


def test_who_has_the_cookie_is_let_in_and_told_to_fetch_nothing_elsewhere() -> None:
    (start, body) = knock({**OURS, **COOKIE})
    assert body["body"] == b"inside"
    policy = dict(start["headers"])[b"content-security-policy"].decode()
    assert "default-src 'self'" in policy
    assert "https" not in policy


@pytest.mark.parametrize(
    ("headers", "query"),
    [
        (OURS, ""),
        (OURS, "key=wrong"),
        ({**OURS, "cookie": "hiddenpop-5000=wrong"}, ""),
        ({**OURS, "cookie": "hiddenpop-5001=secret"}, ""),
        ({"host": "evil.example:5000", **COOKIE}, ""),
        ({"host": "evil.example:5000"}, "key=secret"),
        ({**OURS, **COOKIE, "origin": "http://evil.example"}, ""),
        ({**COOKIE}, ""),
    ],
)
def test_others_are_not(headers: dict[str, str], query: str) -> None:
    (start, body) = knock(headers, query=query)
    assert start["status"] == 403
    assert b"needs its key" in body["body"]


def test_sockets_come_from_our_own_pages() -> None:
    assert knock(SOCKET, kind="websocket")[0]["type"] == "websocket.accept"
    for wrong in (
        {**SOCKET, "origin": "http://evil.example"},
        {**OURS, **COOKIE},
        {**OURS, "origin": SOCKET["origin"]},
    ):
        assert knock(wrong, kind="websocket")[0] == {"type": "websocket.close", "code": 1008}
