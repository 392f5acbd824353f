"""The only place where a failure becomes HTTP: RFC 9457 `application/problem+json` for every exception, ours and the framework's."""

import json
import logging
from typing import Any, Final

from litestar import Request, Response
from litestar.exceptions import HTTPException
from litestar.types import ExceptionHandlersMap

from mobile_api.logs import trace
from server.chance import now_ms, up_to
from server.database import Cause, Unavailable
from shared_schema.problem import Code, Problem
from shared_schema.titles import title

PROBLEM_MEDIA: Final = "application/problem+json"
TYPE_PREFIX: Final = "urn:outrider:problem:"
_WAIT_SECONDS: Final = {Code.busy: 1, Code.too_many_attempts: 60, Code.server_error: 5, Code.device_pending: 60}
ILL_WAIT_S: Final = 8
_WAIT_SECONDS_MAX: Final = 24 * 3600
_LOGGER: Final = logging.getLogger("outrider.problems")

# refusals of the framework itself → our code; any other 4xx is a wrong parameter.
_STATUS: Final = {
    401: Code.signed_out,
    403: Code.forbidden,
    404: Code.not_found,
    405: Code.method_not_allowed,
    406: Code.not_acceptable,
    408: Code.request_timeout,
    413: Code.body_too_large,
    415: Code.content_type_unknown,
    429: Code.too_many_attempts,
    503: Code.busy,
}


def problem_response(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """The one exception handler."""
    problem = _problem(error)
    if problem.code.status >= 500:
        _log(problem, error)
    body, headers = document(problem, request.headers.get("accept-language", ""))
    allowed = {name: value for name, value in (getattr(error, "headers", None) or {}).items() if name.lower() == "allow"}
    return Response(body, status_code=problem.code.status, media_type=PROBLEM_MEDIA, headers={**headers, **allowed})


def document(problem: Problem, accept_language: str) -> tuple[bytes, dict[str, str]]:
    """Body and headers of a refusal."""
    language = accept_language.strip()[:2]
    headers = {"Cache-Control": "no-store", "Content-Language": "zh" if language.lower() == "zh" else "en"}
    if problem.code.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    if problem.code.status in (429, 503) or problem.retry_at_ms is not None:
        headers["Retry-After"] = str(_wait_seconds(problem))
    return json.dumps(described(problem, language), ensure_ascii=False).encode(), headers


HANDLERS: Final[ExceptionHandlersMap] = {Exception: problem_response}


def described(problem: Problem, language: str) -> dict[str, Any]:
    """The members of the problem document."""
    code = problem.code
    detail = problem.detail or title(code, language)
    document: dict[str, Any] = {
        "type": TYPE_PREFIX + code.word,
        "title": title(code, language),
        "status": code.status,
        "detail": detail,
        "code": code.word,
        "remedy": code.remedy.value,
        "errors": [{"field": problem.field, "detail": detail}] if problem.field is not None else [],
    }
    return document if problem.retry_at_ms is None else {**document, "retry_at_ms": problem.retry_at_ms}


def _problem(error: Exception) -> Problem:
    if isinstance(error, MemoryError):
        error = Unavailable(Cause.memory)
    if isinstance(error, Unavailable):  # each is told another time, so that they do not all come at once
        return Problem(error.code, error.detail, retry_at_ms=now_ms() + up_to(ILL_WAIT_S) * 1_000)
    if isinstance(error, Problem):
        return error
    if isinstance(error, HTTPException) and error.status_code < 500:
        # The framework's own words may quote the request: the code's title says enough.
        return Problem(_STATUS.get(error.status_code, Code.parameter_wrong))
    if isinstance(error, HTTPException):
        return Problem(_STATUS.get(error.status_code, Code.server_error))
    return Problem(Code.server_error)


def _log(problem: Problem, error: Exception) -> None:
    expected = isinstance(error, Problem)
    level = logging.WARNING if expected else logging.ERROR
    _LOGGER.log(level, problem.code.word, extra={"facts": {} if expected else trace(error)})


def _wait_seconds(problem: Problem) -> int:
    if problem.retry_at_ms is None:
        return _WAIT_SECONDS.get(problem.code, 1)
    return min(_WAIT_SECONDS_MAX, max(1, -(-(problem.retry_at_ms - now_ms()) // 1000)))
