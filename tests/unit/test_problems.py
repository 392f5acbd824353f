"""A failure as HTTP and in the log: when to come back, and what it came from, without a word of it."""

import json
import logging
from typing import Any

import pytest
from litestar import Request

from mobile_api import problems
from mobile_api.logs import JsonLines
from shared_schema.problem import Code, Problem


@pytest.mark.parametrize(
    ("left_ms", "seconds"), [(-5_000, "1"), (0, "1"), (1, "1"), (1_000, "1"), (1_001, "2"), (2_999, "3"), (10**12, "86400")]
)
def test_nobody_is_told_to_come_back_too_early(left_ms: int, seconds: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(problems, "now_ms", lambda: 5_000_000)
    asked: Request[Any, Any, Any] = Request({"type": "http", "method": "GET", "headers": [], "state": {}})  # type: ignore[arg-type]
    told = problems.problem_response(asked, Problem(Code.busy, "too many", retry_at_ms=5_000_000 + left_ms))
    assert (told.status_code, told.headers["Retry-After"]) == (503, seconds)


def test_the_log_names_what_a_failure_came_from_by_type_and_place() -> None:
    try:
        try:
            raise LookupError("s3cret")
        except LookupError as error:
            raise RuntimeError("another s3cret") from error
    except RuntimeError as error:
        record = logging.LogRecord("outrider", logging.ERROR, __file__, 1, "failed", (), (type(error), error, error.__traceback__))
    line = json.loads(JsonLines().format(record))
    assert line["error"] == ["RuntimeError", "LookupError"]
    assert [place.partition(":")[0] for place in line["at"]] == ["test_problems.py"] * 2
    assert "s3cret" not in json.dumps(line)
