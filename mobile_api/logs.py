"""Structured logs: one JSON object a line, without bodies, tokens, queries or the words of an exception."""

import json
import logging
import sys
import traceback
from typing import Any, Final

ACCESS: Final = "outrider.access"
FRAMES_MAX: Final = 12


class JsonLines(logging.Formatter):
    """A record as one JSON line. What `extra={"facts": {…}}` holds is merged in."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {"time_ms": int(record.created * 1000), "level": record.levelname.lower(), "logger": record.name}
        line["message"] = record.getMessage()
        line.update(getattr(record, "facts", {}))
        if record.exc_info and record.exc_info[1] is not None:
            line.update(trace(record.exc_info[1]))
        return json.dumps(line, ensure_ascii=False, default=str)


def trace(error: BaseException) -> dict[str, Any]:
    """Types and places of an exception and its causes. Never its words: a database quotes values and statements in them."""
    types: list[str] = []
    frames: list[str] = []
    current = error
    while len(types) < FRAMES_MAX:
        types.append(type(current).__qualname__)
        frames += [
            f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(current.__traceback__)
        ]
        cause = current.__cause__ or current.__context__
        if cause is None:
            break
        current = cause
    return {"error": types, "at": frames[-FRAMES_MAX:]}


def configure(level: str) -> None:
    """Send every logger of this process to standard error as JSON lines. `level` is a name such as `info`."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    # They tell of every request and every look at the schema; httpx even with its query.
    for name in ("httpx", "httpcore", "alembic"):
        logging.getLogger(name).setLevel(logging.WARNING)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = name != "uvicorn.access"
