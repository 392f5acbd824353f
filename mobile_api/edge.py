"""The parts that every exchange gets, from whatever answers it: safe headers, a line in the access log, a measurement; HEAD, OPTIONS, other
origins.

Wraps the whole application, unknown addresses and broken requests included: the framework's own middleware runs only inside a route.
"""

import time
from typing import Any, Final

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from mobile_api.connection import REFUSAL
from mobile_api.logs import ACCESS, Caller, Served
from mobile_api.metrics import Metrics
from mobile_api.origins import METHODS, Headers, Origins
from mobile_api.problems import PROBLEM_MEDIA, document
from shared_schema.problem import Problem

_NO_ROUTE: Final = "-"
_SAFE: Final = (
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
)
_END: Final[Any] = {"type": "http.response.body", "body": b"", "more_body": False}


class Edge:
    """The outermost part of the application."""

    def __init__(self, app: ASGIApp, metrics: Metrics, origins: Origins) -> None:
        self._app = app
        self._metrics = metrics
        self._origins = origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await self._app(scope, receive, send)
            return
        started_s, asked = time.perf_counter(), scope
        if scope["method"] == "HEAD":  # the answer to GET answers it, and the body stays here
            asked = {**scope, "method": "GET"}
        exchange = _Exchange(scope, receive, send, self._origins)
        try:
            answer = self._answer(scope)
            if answer is None:
                await self._app(asked, exchange.receive, exchange.send)
            else:
                for message in answer:
                    await exchange.send(message)
        finally:
            self._note(asked, scope["method"], exchange.status, time.perf_counter() - started_s)

    def _answer(self, scope: Any) -> tuple[Any, Any] | None:
        """Requests for no route: a refusal by the connection, a browser's preflight, the server as a whole."""
        refusal: Problem | None = scope.get(REFUSAL)
        if refusal is not None:
            language = next((value for name, value in scope["headers"] if name == b"accept-language"), b"")
            body, told = document(refusal, language.decode("latin-1"))
            headers = [(name.lower().encode(), value.encode()) for name, value in told.items()]
            headers += [(b"content-type", PROBLEM_MEDIA.encode()), (b"content-length", str(len(body)).encode())]
            return _start(refusal.code.status, headers), {**_END, "body": body}
        if scope["method"] != "OPTIONS":
            return None
        preflight = self._origins.preflight(scope["headers"])
        if preflight is not None:
            return _start(204, preflight), _END
        return (_start(204, [(b"allow", METHODS.encode())]), _END) if scope["path"] == "*" else None

    def _note(self, scope: Any, method: str, status: int, seconds: float) -> None:
        route = scope.get("path_template") or _NO_ROUTE
        if route == _NO_ROUTE:
            method = _NO_ROUTE
        self._metrics.request(method, route, status, seconds)
        claims = scope.get("state", {}).get("claims")
        ACCESS.tell(Served(method, route, status), seconds, None if claims is None else Caller(claims.org_id, claims.line_no))


class _Exchange:
    """One request and its answer, as the application sees them."""

    __slots__ = ("_bodiless", "_origins", "_receive", "_scope", "_send", "status")

    def __init__(self, scope: Any, receive: Receive, send: Send, origins: Origins) -> None:
        self._scope, self._receive, self._send, self._origins = scope, receive, send, origins
        self._bodiless = scope["method"] == "HEAD"
        self.status = 500

    async def receive(self) -> Any:
        """Raises the problem with which the connection refuses the bytes that still come."""
        message = await self._receive()
        if (refusal := self._scope.get(REFUSAL)) is not None:
            raise refusal
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            told = {name.lower() for name, _ in message["headers"]}
            message["headers"] = self._headers([*message["headers"], *(one for one in _SAFE if one[0] not in told)])
            await self._send(message)
            if self._bodiless:  # now, so that a stream hears that nobody listens
                await self._send(_END)
        elif not self._bodiless:
            await self._send(message)

    def _headers(self, headers: Headers) -> Headers:
        if self.status == 405 or self._scope["method"] == "OPTIONS":
            headers = [(name, _allowed(self._scope, value) if name.lower() == b"allow" else value) for name, value in headers]
        self._origins.add(self._scope["headers"], headers)
        return headers


def _start(status: int, headers: Headers) -> Any:
    return {"type": "http.response.start", "status": status, "headers": headers}


def _allowed(scope: Any, told: bytes) -> bytes:
    """Every address that answers GET answers HEAD, and every address OPTIONS: where the framework names one method of an address that
    has two."""
    template = scope.get("path_template")
    methods = {method.strip() for method in told.decode().split(",")} | {"OPTIONS"}
    for route in scope["app"].routes if template else ():
        if route.path_format == template:
            methods |= route.methods
    return ", ".join(sorted(methods | {"HEAD"} if "GET" in methods else methods)).encode()
