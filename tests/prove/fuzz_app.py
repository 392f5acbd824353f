"""Mutated requests through the whole ASGI application with devices that are signed in: never a 5xx, never an answer that cannot be read."""

import json
import logging
import random
import re
import uuid
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any, Final

import msgspec
from litestar import Litestar
from msgspec import Struct

from mobile_api.app import create_app
from mobile_api.codec import JSON
from mobile_api.compression import inflate
from mobile_api.problems import PROBLEM_MEDIA
from server.database import open_database
from server.domain.tokens import Signer
from server.settings import Settings
from shared_schema import twin
from shared_schema.problem import CODES
from shared_schema.registry import BY_NUMBER
from shared_schema.scalars import WIRE_INTEGER_MAX
from shared_schema.text import clean_text
from shared_schema.wire import ANSWER_DECODER, OUTCOME_DECODER, ROWS_DECODER, SyncAnswer
from sync.decode import FIELD_LETTERS_MAX
from sync.fold import Sent as Entry
from tests.integration.site import PASSWORD, SECRET, found
from tests.prove.fuzz_bodies import FIELD, PUTS, REST_BODIES, SYNC, Facts, Sent
from tests.prove.fuzz_door import BEFORE_TEXT, Fault, entries, header_list, is_poisoned
from tests.prove.fuzz_door import CODES as CODES_OF_THE_DOOR
from tests.prove.fuzz_mutants import ALONE, HONEST, KINDS, mutant

PHONES: Final = 6
PHONE_REQUESTS_MAX: Final = 800
"""After so many requests a phone is put away and another enrolled: its inbox of refusals is another proof's matter."""
REST_SHARE: Final = 0.12
SLOW_PATHS: Final = ("/v1/login", "/v1/enrol", "/v1/refresh", "/v1/logout")
SLOW_SHARE: Final = 0.02
ANSWER_BYTES_MAX: Final = 64 * 1024 * 1024
OUTCOMES: Final = ("applied", "parked", "rejected", "duplicate", "forked")
REFUSED: Final = ("field_wrong", "entity_unknown", "kind_unknown", "server_owned", "command_unknown", "group_incomplete", "out_of_scope")
RARE: Final = ("beside a bad text applied",)
RARE_REQUESTS_MIN: Final = 5_000
"""A short box on a slow machine need not meet what happens about once in a thousand."""
Outcomes = list[tuple[str, str | None]]
"""(result, code) of each, in order."""
PLACE: Final = re.compile(r"{\w+}")
"""An id in the path of a verb."""
_ALIVE: Final = ("signed_out", "token_expired", "device_revoked", "device_wipe")


class Reply(Struct, frozen=True):
    """One answer; its body inflated."""

    status: int
    headers: dict[str, str]
    body: bytes


class Line(Struct):
    """One signed-in phone as the fuzz sees it."""

    token: str
    facts: Facts
    requests: int = 0


class Course(Struct):
    """What a run of requests shares: the application, its phones, its dice, and what came of it."""

    seed: int
    app: Litestar
    dice: random.Random
    boss: str = ""
    users: int = 0
    lines: list[Line] = []
    counts: Counter[str] = msgspec.field(default_factory=Counter)
    faults: list[Fault] = []
    logged: list[str] = []


def wanted(requests: int) -> list[str]:
    """What must have happened at least once in so many requests on one database."""
    outcomes = [*(f"outcome {one}" for one in OUTCOMES), *(f"refused {one}" for one in REFUSED)]
    return [
        *(f"kind {kind}" for kind in KINDS),
        "status 200",
        "status 400",
        "status 413",
        "status 415",
        "status 422",
        *outcomes,
        *(RARE if requests >= RARE_REQUESTS_MIN else ()),
    ]


class _Errors(logging.Handler):
    """Keeps what the application logs as an error."""

    def __init__(self, kept: list[str]) -> None:
        super().__init__(logging.ERROR)
        self.kept = kept

    def emit(self, record: logging.LogRecord) -> None:
        self.kept.append(f"{record.name}: {record.getMessage()} {record.exc_info[1]!r}" if record.exc_info else record.getMessage())


async def run(url: str, seed: int, requests: Iterable[int], advance: Callable[[], None]) -> Course:
    """Send requests, by their numbers, to an application on a migrated, empty database."""
    founding = open_database(url)
    await found(founding)
    await founding.close()
    app = create_app(Settings(database_url=url), open_database(url), Signer(SECRET))
    course = Course(seed, app, random.Random(seed))
    listening = _Errors(course.logged)
    logging.getLogger("outrider").addHandler(listening)
    try:
        async with app.lifespan():
            course.boss = await _signed_in(app, "boss")
            await _posted(app, "/v1/desk/field-definitions", FIELD, course.boss)
            for _ in range(PHONES):
                course.lines.append(await _new_phone(course))
            for index in requests:
                await _one(course, index)
                advance()
    finally:
        logging.getLogger("outrider").removeHandler(listening)
    return course


async def _one(course: Course, index: int) -> None:
    """One request: a push of a phone, or a desk body of the admin."""
    dice = course.dice
    if dice.random() < REST_SHARE:
        await _desk(course, index)
        return
    at = dice.randrange(len(course.lines))
    line = course.lines[at]
    cursor = line.facts.cursor if dice.random() < 0.9 else dice.choice((b"", line.facts.cursor[:-1], dice.randbytes(40)))
    kind, sent = mutant(dice, index, SYNC, line.facts._replace(cursor=cursor))
    reply = await _sent(course, index, (kind, sent), line.token)
    line.requests += 1
    if reply is not None and reply.status == 200:
        outcomes = _told(course, index, kind, (line, reply))
        if kind == ALONE:
            _judge_alone(course, index, sent, outcomes)
    elif line.requests > PHONE_REQUESTS_MAX or (reply is not None and _code(reply) in _ALIVE):
        course.lines[at] = await _new_phone(course)


async def _desk(course: Course, index: int) -> None:
    dice = course.dice
    paths = SLOW_PATHS if dice.random() < SLOW_SHARE else [path for path in REST_BODIES if path not in SLOW_PATHS]
    kind, sent = mutant(dice, index, dice.choice(paths))
    named = dice.choice((str(uuid.UUID(int=10)), "x", "%00", str(uuid.UUID(int=dice.getrandbits(128)))))
    path = PLACE.sub(named, sent.path)
    reply = await _sent(course, index, (kind, sent._replace(path=path)), course.boss)
    if reply is not None and _code(reply) in _ALIVE:
        course.boss = await _signed_in(course.app, "boss")


async def _sent(course: Course, index: int, what: tuple[str, Sent], token: str) -> Reply | None:
    """Send, count, and judge the answer's form. None when there was none."""
    kind, sent = what
    course.counts[f"kind {kind}"] += 1
    before = len(course.logged)
    try:
        reply = await exchange(course.app, sent, token)
        wrong = _form(reply) or (f"refused: {reply.body!r}" if _is_taken(kind, sent) and _code(reply) in CODES_OF_THE_DOOR else "")
    except Exception as error:  # noqa: BLE001 - whatever it is, it is what the proof looks for
        reply, wrong = None, repr(error)
    if len(course.logged) > before:
        wrong = wrong or f"logged: {course.logged[-1]}"
    if reply is not None:
        course.counts[f"status {reply.status}"] += 1
        course.counts[f"code {_code(reply)}"] += reply.status >= 400
    if wrong:
        shown = f"{wrong[:400]} | {sent.path} {sent.media} {sent.encoding} {sent.body[:2_000].hex()}"
        course.faults.append(Fault(course.seed, index, kind, shown))
    return reply


def _form(reply: Reply) -> str:
    """What is wrong with the form of an answer; empty when nothing is."""
    if reply.status >= 500:
        return f"status {reply.status}: {reply.body[:200]!r}"
    if reply.status < 400:
        return ""
    code = CODES.get(_code(reply))
    media = reply.headers.get("content-type")
    return (
        "" if media == PROBLEM_MEDIA and code is not None and code.status == reply.status else f"no problem document: {reply.body[:200]!r}"
    )


def _is_taken(kind: str, sent: Sent) -> bool:
    """Whether the door has nothing to refuse: one bad entry is no fault of its request."""
    return kind == HONEST or (kind == ALONE and sent.path == SYNC)


def _judge_alone(course: Course, index: int, sent: Sent, outcomes: Outcomes) -> None:
    """One entry holds a lone surrogate: it is refused for that, and of those that are no part of its group none is."""
    sent_entries = entries(sent)
    if len(outcomes) != len(sent_entries):
        return  # nothing of it was taken: the cursor was none
    bad = {_first_n(one) for one in sent_entries if is_poisoned(one)}
    for one, (result, code) in zip(sent_entries, outcomes, strict=True):
        beside = _first_n(one) not in bad
        is_grouped = one.mutation is not None and one.mutation.group.count > 1
        if (code == "text_unclean") == beside and code not in BEFORE_TEXT and not is_grouped:
            course.faults.append(Fault(course.seed, index, ALONE, f"n {one.n}: {result} {code} | {sent.media} {sent.body[:2_000].hex()}"))
        course.counts[f"beside a bad text {result}"] += bool(bad) and beside


def _first_n(entry: Entry) -> int:
    return entry.mutation.group.first_n if entry.mutation is not None else entry.n


def _told(course: Course, index: int, kind: str, what: tuple[Line, Reply]) -> Outcomes:
    """Read a sync answer as a device does, and follow it."""
    line, reply = what
    try:
        last_n, cursor, outcomes = _read(reply)
    except Exception as error:  # noqa: BLE001 - a phone that cannot read its answer stands still for ever
        course.faults.append(Fault(course.seed, index, kind, f"no device can read this answer: {error!r}"))
        line.facts = line.facts._replace(cursor=b"")
        return []
    line.facts = line.facts._replace(last_n=last_n, acked_n=course.dice.choice((0, last_n)), cursor=cursor)
    for result, code in outcomes:
        course.counts[f"outcome {result}"] += 1
        if code is not None:
            course.counts[f"refused {code}"] += 1
        if code == "server_error":
            course.faults.append(Fault(course.seed, index, kind, "an entry was refused because the server failed on it"))
    return outcomes


def _read(reply: Reply) -> tuple[int, bytes, Outcomes]:
    """(last_n, cursor, outcomes) of a sync answer, every row of it decoded to its record."""
    if reply.headers["content-type"] == JSON:
        told = json.loads(reply.body)
        cursor = twin.text_bytes(told["cursor"])
        results = {1: "applied", 2: "merged", 3: "parked", 4: "rejected", 5: "duplicate", 6: "forked"}
        _sound((one["n"], one["field"]) for one in told["outcomes"])
        return told["last_n"], cursor or b"", [(results[one["result"]], one["code"]) for one in told["outcomes"]]
    answer: SyncAnswer = ANSWER_DECODER.decode(reply.body)
    for page in answer.pages:
        for row in ROWS_DECODER.decode(page.rows):
            if row.reason == 0:
                BY_NUMBER[row.entity].body_decoder.decode(row.body)
    outcomes = [OUTCOME_DECODER.decode(raw) for raw in answer.outcomes]
    _sound((one.n, one.field) for one in outcomes)
    return answer.last_n, answer.cursor, [(one.result.name, one.code) for one in outcomes]


def _sound(outcomes: Iterable[tuple[int, str | None]]) -> None:
    """An outcome repeats no number and no name that a device could not hold."""
    for n, field in outcomes:
        if not 0 <= n <= WIRE_INTEGER_MAX or (field is not None and not (clean_text(field) and len(field) <= FIELD_LETTERS_MAX)):
            raise AssertionError(f"an outcome repeats {n}, {field!r}")


def _code(reply: Reply) -> str:
    if reply.headers.get("content-type") != PROBLEM_MEDIA:
        return ""
    return str(json.loads(reply.body)["code"])


async def exchange(app: Litestar, sent: Sent, token: str = "") -> Reply:
    """One request through the application, as a server would call it."""
    messages: list[Any] = [{"type": "http.request", "body": sent.body, "more_body": False}]
    told: list[Any] = []

    async def receive() -> Any:
        return messages.pop() if messages else {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        told.append(message)

    headers = [*header_list(sent), *([(b"authorization", f"Bearer {token}".encode())] if token else [])]
    method = "PUT" if sent.path in PUTS else "POST"
    scope: Any = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "http", "path": sent.path,
        "raw_path": sent.path.encode(), "query_string": b"", "root_path": "", "headers": headers,
        "client": ("127.0.0.1", 1), "server": ("local", 80),
        "state": {},
    }  # fmt: skip
    await app(scope, receive, send)
    start, body = told[0], b"".join(message.get("body", b"") for message in told[1:])
    said = {name.decode().lower(): value.decode() for name, value in start["headers"]}
    encoding = said.get("content-encoding")
    return Reply(start["status"], said, inflate(body, encoding, ANSWER_BYTES_MAX) if encoding else body)


async def _posted(app: Litestar, path: str, body: object, token: str = "") -> dict[str, Any]:
    """An honest JSON request which must succeed."""
    reply = await exchange(app, Sent(path, json.dumps(body).encode(), JSON), token)
    if reply.status != 200:
        raise AssertionError(f"{path}: {reply.body!r}")
    told: dict[str, Any] = json.loads(reply.body)
    return told


async def _signed_in(app: Litestar, account: str) -> str:
    body = {"organisation": "alpha", "account": account, "password": PASSWORD, "installation_id": str(uuid.uuid4())}
    return str((await _posted(app, "/v1/login", body))["access_token"])


async def _new_phone(course: Course) -> Line:
    """A new rep on a new phone."""
    course.users += 1
    account = f"fuzz{course.users}"
    user = {"login": account, "name": account, "role": 1, "password": PASSWORD}
    reply = await exchange(course.app, Sent("/v1/desk/users", json.dumps(user).encode(), JSON), course.boss)
    if _code(reply) in _ALIVE:
        course.boss = await _signed_in(course.app, "boss")
        await _posted(course.app, "/v1/desk/users", user, course.boss)
    return Line(await _signed_in(course.app, account), Facts(salt=course.users.to_bytes(4, "big")))
