"""What every exchange gets, whatever answers it: safe headers, one line in the access log, one measurement."""

import logging
import time
from typing import Any, Final

from litestar.datastructures import MutableScopeHeaders
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from mobile_api.logs import ACCESS
from mobile_api.metrics import Metrics

_LOGGER: Final = logging.getLogger(ACCESS)
_NO_ROUTE: Final = "-"
_SAFE: Final = {
    "Content-Security-Policy": "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


class Edge:
    """Wraps the whole application, unknown addresses included: the framework's own middleware runs only inside a route."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await self._app(scope, receive, send)
            return
        started, status = time.perf_counter(), 500

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableScopeHeaders(message)
                for name, value in _SAFE.items():
                    headers[name] = value
            await send(message)

        try:
            await self._app(scope, receive, watched)
        finally:
            self._note(scope, status, time.perf_counter() - started)

    def _note(self, scope: Any, status: int, seconds: float) -> None:
        route = scope.get("path_template") or _NO_ROUTE
        method = scope["method"] if route != _NO_ROUTE else _NO_ROUTE
        self._metrics.request(method, route, status, seconds)
        claims = scope.get("state", {}).get("claims")
        caller = {} if claims is None else {"org": claims.org_id, "line": claims.line_no}
        facts = {"method": method, "route": route, "status": status, "ms": round(seconds * 1000, 1), **caller}
        _LOGGER.info("request", extra={"facts": facts})
