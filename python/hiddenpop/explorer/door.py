"""Who may come in: this machine, by the address with the key, from the explorer's own pages. Nothing is fetched from elsewhere."""

from __future__ import annotations

import hmac
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs

Scope = dict[str, Any]

CLOSED = (
    "<!doctype html><html lang=en><title>hiddenpop explorer</title><body style='font:1.1rem sans-serif;margin:3rem;max-width:34rem'>"
    "<h1>This door needs its key</h1><p>Open the whole address that <code>hiddenpop explore</code> printed, with what stands "
    "behind <code>?key=</code>. It is new each time the explorer starts.</p>"
)


class Door:
    """The application behind a key, which is a part of the address and becomes a cookie.

    Other people on the same machine reach its ports, and so does any page that is open in the browser, under names that it makes
    its own. So requests must name this machine, come from its own pages, and bring the key.
    """

    def __init__(self, app: Any, key: str, port: int) -> None:
        self._app = app
        self._key = key
        self._cookie = f"hiddenpop-{port}"
        self._hosts = {f"127.0.0.1:{port}", f"localhost:{port}"}
        self._policy = (
            "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
            f"img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self' ws://127.0.0.1:{port} ws://localhost:{port}; "
            "frame-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; object-src 'none'"
        )

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        """Let a request in, or say what it lacks."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        host, origin = headers.get("host", ""), headers.get("origin", "")
        ours = host in self._hosts and (not origin or origin == f"http://{host}")
        websocket = scope["type"] == "websocket"
        if websocket and not origin:
            ours = False
        if ours and self._knows(headers.get("cookie", "")):
            await self._app(scope, receive, send if websocket else self._closed_to_others(send))
            return
        if websocket:
            await send({"type": "websocket.close", "code": 1008})
            return
        given = parse_qs(scope.get("query_string", b"").decode("latin-1")).get("key", [""])[0]
        if ours and hmac.compare_digest(given.encode(), self._key.encode()):
            cookie = f"{self._cookie}={self._key}; Path=/; HttpOnly; SameSite=Strict"
            await _answer(send, 303, b"", [(b"location", b"/"), (b"set-cookie", cookie.encode())])
            return
        await _answer(send, 403, CLOSED.encode(), [(b"content-type", b"text/html; charset=utf-8")])

    def _knows(self, cookies: str) -> bool:
        try:
            found = SimpleCookie(cookies).get(self._cookie)
        except CookieError:
            return False
        return found is not None and hmac.compare_digest(found.value.encode(), self._key.encode())

    def _closed_to_others(self, send: Any) -> Any:
        async def sent(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [
                    *message.get("headers", []),
                    (b"content-security-policy", self._policy.encode()),
                    (b"referrer-policy", b"no-referrer"),
                    (b"x-content-type-options", b"nosniff"),
                    (b"cache-control", b"no-store"),
                ]
            await send(message)

        return sent


async def _answer(send: Any, status: int, body: bytes, headers: list[tuple[bytes, bytes]]) -> None:
    more = [
        (b"referrer-policy", b"no-referrer"),
        (b"cache-control", b"no-store"),
        (b"content-length", str(len(body)).encode()),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers + more})
    await send({"type": "http.response.body", "body": body})
