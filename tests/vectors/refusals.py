"""Vectors of refusals: problem documents as the server writes them, of newer servers, and what is none; and the title of each code."""

from collections.abc import Iterator
from typing import Any

from mobile_api.problems import document
from shared_schema.problem import Code, Problem
from shared_schema.titles import title
from tests.vectors.cases import Case, Cases

LANGUAGES = ("zh", "en")
NEWER = b'{"code":"frozen_solid","remedy":"%s","title":"Newer","detail":"","status":422,"errors":[]}'


def cases() -> Cases:
    """`refusal` gives null for an answer that something between phone and server wrote: it tells nothing of the request."""
    return {
        "refusal": [*known(), *unknown(), *nothing()],
        "shared_schema.titles:title": [
            Case({"code": code.word, "language": each}, title(code, each)) for code in Code for each in LANGUAGES
        ],
        "remedy": [Case({"code": code.word}, code.remedy.value) for code in Code],
    }


def known() -> Iterator[Case]:
    """Each code, in both languages, with and without a field and a moment."""
    for place, code in enumerate(Code):
        language = LANGUAGES[place % 2]
        field, moment = ("name" if place % 3 else None), (2**41 if place % 4 == 0 else None)
        problem = Problem(code, "" if place % 5 else "茶", field, moment)
        body, _ = document(problem, language)
        words = problem.detail or title(code, language)
        yield refusal(
            code.status, body, {"code": code.word, "remedy": code.remedy.value, "words": words, "field": field, "retry_at_ms": moment}
        )


def unknown() -> Iterator[Case]:
    """A code of a newer server: its remedy says how the phone acts."""
    for remedy in ("drop", "retry", "resync", "refresh", "sign_in", "upgrade", "fix"):
        gives = {"code": "frozen_solid", "remedy": remedy, "words": "Newer", "field": None, "retry_at_ms": None}
        yield refusal(422, NEWER % remedy.encode(), gives)


def nothing() -> Iterator[Case]:
    """No document."""
    for body in (b"", b"<html>Bad gateway</html>", b"{}", b"[]", b"null", b'{"code":""}', b"\xff\xfe", b'{"code":"busy"'):
        yield from (refusal(status, body, None) for status in (400, 502, 503))


def refusal(status: int, body: bytes, gives: dict[str, Any] | None) -> Case:
    """An answer, its body as hex."""
    return Case({"status": status, "body": body.hex()}, gives)
