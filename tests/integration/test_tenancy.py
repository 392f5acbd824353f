"""Who may not see, does not see: every route × every stranger × valid foreign ids, with a canary in each text of the victim's records."""

import copy
import re
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
import sqlalchemy as sa

from bench.postgres import Lender
from mobile_api.app import create_app
from server import chance
from server.database import open_database
from server.domain.tokens import Signer
from server.models import RECORD_TABLES, metadata
from server.settings import Settings
from shared_schema.policy import Lane
from shared_schema.registry import BY_NAME, BY_NUMBER, ENTITIES
from shared_schema.wire import ANSWER_DECODER, ENCODER, PROTOCOL, SCHEMA, Kind, SyncRequest
from tests.features import PROOFS
from tests.integration.attacks import (
    ASKED,
    COMMANDS,
    DECLARED,
    KEPT,
    NAMELESS,
    NAMING,
    OFFICE,
    OPEN,
    OWN,
    PLACE,
    ROUTES,
    Route,
    attacks,
    is_no_stranger,
    may_answer,
    possible,
    reads_all,
)
from tests.integration.fortress import FAMILY, HOUSE, MEDIA, Fortress, bearer, push, raw_id, sync, syncs
from tests.integration.site import SECRET, Caller, site
from tests.world import START_MS, Entry

NOTIFICATION = RECORD_TABLES["notification"]

QUIET: Final = {"attempt", "refresh_token", "device", "counter", "push", "due"}
"""Tables that every request, or a job beside it, may move."""
ENDED: Final = ("nobody", "expired", "forged", "unsigned", "no algorithm", "other audience", "refresh token", "revoked", "inactive")
STRANGERS: Final = ("eve", "max", "asa", "fay", "bob", "ben", "beta boss")
REFUSED: Final = {400, 401, 403, 404, 409, 422}

ATTACKED: Final = sorted(
    ROUTES - OPEN.keys() - {("POST", "/v1/sync"), ("POST", "/v1/device/fork"), ("PUT", "/v1/device/push-target")},
    key=lambda route: (route in KEPT, route),
)
"""Makers of reference records come last: the admin of another organisation may make a pool of the victim's id there, and then names it."""
SCOPE: Final = {"out_of_scope", "not_found", "forbidden"}
"""What is refused because of whose it is."""


def rows_of(conn: sa.Connection, org_id: int) -> dict[str, list[Any]]:
    """Every row of an organisation by table, but for what every request may move."""
    kept = [table for table in metadata.sorted_tables if table.name not in QUIET and "org_id" in table.c]
    return {one.name: sorted(map(repr, conn.execute(sa.select(one).where(one.c.org_id == org_id)))) for one in kept}


def leaks(answer: httpx.Response, *canaries: str) -> list[str]:
    """Canaries in an answer's body or headers."""
    told = answer.content + repr(answer.headers.raw).encode()
    return [canary for canary in canaries if canary.encode() in told]


@pytest.fixture(scope="module")
def sqlite_fort(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Fortress:
    """Built once in a file which the tests copy; nobody serves it any more."""
    with site(f"sqlite:///{shutil.copy(sqlite_template, tmp_path_factory.mktemp('fort') / 'outrider.db')}") as here:
        return Fortress(here)


@pytest.fixture(scope="module")
def postgres_fort(postgres_lender: Lender, postgres_template: str) -> Fortress:
    """The same in a database."""
    with site(postgres_lender.create(postgres_template)) as here:
        return Fortress(here)


@pytest.fixture
def fort(request: pytest.FixtureRequest, database_url: str, tmp_path: Path) -> Iterator[Fortress]:
    """A copy for each test: the same people, signed in as they were, over a copy of their database."""
    kind = "sqlite" if database_url.startswith("sqlite") else "postgres"
    built: Fortress = request.getfixturevalue(f"{kind}_fort")
    if kind == "sqlite":
        url = f"sqlite:///{shutil.copy(str(sa.make_url(built.here.url).database), tmp_path / 'outrider.db')}"
    else:
        url = request.getfixturevalue("postgres_lender").create(built.here.url)
    with site(url, built.here.founded) as here:
        yield copy.deepcopy(built, {id(built.here): here})
    if kind == "postgres":
        request.getfixturevalue("postgres_lender").drop(url)


async def test_every_route_stands_in_the_matrix(migrated_sqlite_url: str) -> None:
    database = open_database(migrated_sqlite_url)
    app = create_app(Settings(database_url=migrated_sqlite_url), database, Signer(SECRET))
    served = {(method, re.sub(r":\w+}", "}", route.path)) for route in app.routes for method in getattr(route, "methods", ())}
    await database.close()
    assert {(method, path) for method, path in served if method not in ("OPTIONS", "HEAD")} - ROUTES == set()


def test_every_command_stands_in_the_matrix() -> None:
    assert {name for entity in ENTITIES for name in entity.commands} == {command["command"] for command in COMMANDS}


def test_each_path_of_a_proof_is_a_declared_one_and_names_records() -> None:
    """A path that nothing serves is refused as not found, and a place that is no record's is filled by nobody: either attacks nothing."""
    said = {path for proof in PROOFS.values() for path in (*proof.asks, *proof.bodies)}
    assert said - {path for _, path in (*DECLARED, *NAMELESS)} == set(), (
        "a path of PROOF.asks or PROOF.bodies is that of a Verb or Table, letter by letter"
    )
    places = {place for _, path in DECLARED for place in PLACE.findall(path)}
    assert places - {f"{noun}_id" for noun in (*BY_NAME, "user")} == set(), "a place in a path is called <entity>_id"


def test_a_stranger_who_may_ask_is_refused_because_of_whose_it_is(fort: Fortress) -> None:
    """P-121. A request that would be refused anyway, as its state or its form is wrong, proves nothing."""
    found: list[Any] = []
    entitled: set[Route] = set()
    for route in sorted(NAMING):
        for name in STRANGERS:
            asked = [(url, body) for url, body in fort.asks(*route) if not may_answer(fort, name, route, url)]
            codes = {_refusal(fort, name, route[0], url, body) for url, body in asked}
            if asked and not (codes <= SCOPE | {"id_taken"} and codes & SCOPE):
                found.append((name, route, codes, f"not refused by {SCOPE}: is the route open, or the body in PROOF.asks not in order?"))
            found += [(name, route, url, body, "names nothing of the victim's") for url, body in asked if not _names(fort, name, url, body)]
            entitled |= {route} if asked and fort.roles[name] in DECLARED[route] else set()
    assert found == []
    assert ASKED.keys() - entitled == set(), "no stranger has the role: none is refused because of whose it is"


def _refusal(fort: Fortress, name: str, method: str, url: str, body: dict[str, Any] | None) -> str:
    """The code of a refusal; the status of an answer."""
    told = fort.here.http.request(method, url, json=body, headers=bearer(fort.people[name].session["access_token"]))
    return str(told.json()["code"]) if told.status_code >= 400 else f"answered {told.status_code}"


def _names(fort: Fortress, name: str, url: str, body: dict[str, Any] | None) -> bool:
    """Whether a request names a record of the victim's organisation, other than the stranger."""
    theirs = {record_id for noun, record_id in fort.ids.items() if noun.removeprefix("user ") not in STRANGERS}
    return any(record_id in url or record_id in repr(body) for record_id in theirs)


def test_the_canaries_are_there_to_be_seen(fort: Fortress) -> None:
    """The matrix would prove nothing if those who may see did not."""
    ann, mia = fort.people["ann"], fort.people["mia"]
    for entity in ENTITIES:
        for who in (mia,) if entity.name in ("contribution", "duplicate") else (ann, mia):
            wanted = 404 if who is mia and entity.lane is Lane.notice else 200  # D-906: no manager gets the notices of a report
            assert who.get(f"/v1/records/{entity.name}/{fort.ids[entity.name]}").status_code == wanted, entity.name
    seen = [noun for noun in fort.ids if noun in BY_NAME and FAMILY in ann.get(f"/v1/records/{noun}").text]
    assert set(seen) == {
        *(noun for proof in PROOFS.values() for noun in proof.shown),
        "customer",
        "contact",
        "follow_up",
        "preference",
        "inbox_item",
    }
    assert leaks(sync(ann), FAMILY, HOUSE) == [FAMILY, HOUSE]


def test_no_stranger_sees_a_byte_by_any_route(fort: Fortress) -> None:
    """P-121. Another organisation sees no canary, its own no canary of the family; what names a foreign id is refused; nothing moves."""
    org_id = fort.here.founded["alpha"].org_id
    before = fort.here.write(rows_of, org_id)
    found: list[Any] = []
    answered: set[Route] = set()
    for name in STRANGERS:
        who = fort.people[name]
        foreign = who.organisation == "beta"
        for method, path in ATTACKED:
            for url, body in fort.asks(method, path) if not is_no_stranger(fort, name, (method, path)) else ():
                told = fort.here.http.request(method, url, json=body, headers=bearer(who.session["access_token"]))
                hidden = [] if reads_all(fort, name, (method, path)) else [FAMILY]
                if told.status_code >= 500 or leaks(told, *hidden, *([HOUSE] if foreign else [])):
                    found.append((name, method, url, told.status_code, told.text[:200]))
                elif told.status_code not in REFUSED and not may_answer(fort, name, (method, path), url):
                    found.append((name, method, url, told.status_code, "not refused"))
                elif told.status_code == 200:
                    answered.add((method, path))
    assert found == []
    assert (OWN | OFFICE) - answered == set(), "nobody is answered there: no exception is needed"
    assert changed(before, fort.here.write(rows_of, org_id)) == set()


def changed(before: dict[str, list[Any]], after: dict[str, list[Any]]) -> set[str]:
    """Names of the tables that differ."""
    return {name for name in before if before[name] != after[name]}


def test_who_may_get_nothing_gets_nothing_by_any_route(fort: Fortress) -> None:
    """P-211. No token, an old one, one of another secret, one without signature, a revoked device, a user who left. Only 401 and 403."""
    headers = fort.ended()
    assert set(headers) == set(ENDED)
    before = fort.here.write(rows_of, fort.here.founded["alpha"].org_id)
    found: list[Any] = []
    for name, shown in headers.items():
        for method, path in sorted(ROUTES):
            for url, body in fort.asks(method, path):
                told = ask(fort, method, url, body, shown)
                wanted = OPEN.get((method, path), {401, 403})
                if told.status_code not in wanted or leaks(told, FAMILY, HOUSE):
                    found.append((name, method, url, told.status_code, told.text[:200]))
    assert found == []
    assert changed(before, fort.here.write(rows_of, fort.here.founded["alpha"].org_id)) <= {"quarantine"}


def ask(fort: Fortress, method: str, url: str, body: dict[str, Any] | None, shown: dict[str, str]) -> httpx.Response:
    """One request; a sync asks for everything."""
    if url != "/v1/sync":
        return fort.here.http.request(method, url, json=body, headers=shown)
    return fort.here.http.post(url, content=ENCODER.encode(SyncRequest(PROTOCOL, SCHEMA, "t", b"", 0, START_MS)), headers=MEDIA | shown)


def told_to(conn: sa.Connection, org_id: int, user_id: bytes) -> list[bytes]:
    """Facts of the notices a user gets by push."""
    return list(
        conn.execute(sa.select(NOTIFICATION.c.facts).where(NOTIFICATION.c.org_id == org_id, NOTIFICATION.c.user_id == user_id)).scalars()
    )


@pytest.mark.parametrize("name", STRANGERS)
def test_a_sync_that_names_foreign_records_learns_and_moves_nothing(fort: Fortress, name: str) -> None:
    """P-121, P-424. What is answered, what comes by pull, the cards, and what is told by push."""
    who, alpha = fort.people[name], fort.here.founded["alpha"].org_id
    foreign, own = who.organisation == "beta", chance.new_id()
    before = fort.here.write(rows_of, alpha)
    push(who, Entry(1, Kind.create, "customer", own, {"name": "mine"}).raw())
    told = syncs(who, *(entry.raw() for entry in attacks(fort.ids, own, 2)))
    found = [one.text for one in told if one.status_code != 200]
    found += [leak for one in told for leak in leaks(one, FAMILY, *([HOUSE] if foreign else []))]
    facts = fort.here.write(told_to, who.session["org_id"], raw_id(who.session["user_id"]))
    found += [f"push notice: {one!r}" for one in facts if FAMILY.encode() in one]
    after = fort.here.write(rows_of, alpha)
    found += [f"{table} moved" for table in changed(before, after) if foreign]
    lost = {table for table in before.keys() - {"feed", "scope"} if not set(before[table]) <= set(after[table])}
    found += [f"a row of {table} was touched" for table in lost]
    cards = [item for item in who.get("/v1/inbox").json()["items"] if item["holder_id"] == who.session["user_id"]]
    members = [one for card in cards for one in card["members"] if one["theirs"] or one["before"] or one["their_user_id"]]
    found += [f"card: {one}" for one in members if not _his(who, one)]
    assert found == []


def _his(who: Caller, member: dict[str, Any]) -> bool:
    """In his own organisation the same id may name a record of his own, which his card may print."""
    entity = BY_NUMBER.get(member["entity"])
    return entity is not None and who.get(f"/v1/records/{entity.name}/{member['id']}").status_code == 200


@pytest.mark.parametrize("name", STRANGERS)
def test_each_mutation_is_refused_because_of_whose_it_is(fort: Fortress, name: str) -> None:
    """P-424. One that would be refused anyway, as its form is wrong, proves nothing: a field of another noun, a command of no meaning."""
    who, own = fort.people[name], chance.new_id()
    push(who, Entry(1, Kind.create, "customer", own, {"name": "mine"}).raw())
    asked = attacks(fort.ids, own, 2)
    told = zip(asked, push(who, *(entry.raw() for entry in asked)), strict=True)
    refused = {(entry.entity, str(entry.values.get("command", entry.kind.name))) for entry, one in told if one.code in SCOPE}
    assert possible() - refused == set(), "not one such attack is out of scope; for a command, put a body in order into PROOF.attacks"


def test_a_card_does_not_say_whose_an_id_is(fort: Fortress) -> None:
    """A refused entry on a stranger's contact must not come back with the customer it belongs to. P-424."""
    eve, own = fort.people["eve"], chance.new_id()
    push(eve, Entry(1, Kind.create, "customer", own, {"name": "mine"}).raw())
    push(eve, *(entry.raw() for entry in attacks(fort.ids, own, 2)))
    assert {item["customer_id"] for item in eve.get("/v1/inbox").json()["items"]} <= {None, str(uuid.UUID(bytes=own))}


def test_a_card_is_its_holders_alone(fort: Fortress) -> None:
    """Ida follows up the customer too, and can work out the ids of Ann's cards: what Ann entered stays Ann's. P-121, P-501."""
    ida, card = fort.people["ida"], raw_id(fort.ids["inbox_item"])
    asked = [
        Entry(n, kind, "inbox_item", card, {"members": None, "earlier": None, "code": None})
        for n, kind in ((1, Kind.patch), (2, Kind.undo))
    ]
    push(ida, *(entry.raw() for entry in asked), Entry(3, Kind.command, "inbox_item", card, {"command": "dismiss"}).raw())
    mine = ida.get("/v1/inbox").json()["items"]
    assert [one["theirs"] for item in mine for one in item["members"]] == [{}, {}, {}]
    assert fort.people["ann"].get(f"/v1/records/inbox_item/{fort.ids['inbox_item']}").json()["state"] == 1


def test_deleted_foreign_and_unknown_records_answer_alike(fort: Fortress) -> None:
    """Whether an id exists, existed or never did is not told, by any kind of mutation. P-424."""
    eve, own = fort.people["eve"], chance.new_id()
    push(eve, Entry(1, Kind.create, "customer", own, {"name": "mine"}).raw())
    told: dict[str, list[Any]] = {}
    for name, record_id in (("living", fort.ids["preference"]), ("deleted", fort.ids["tombstone"]), ("unknown", str(uuid.uuid4()))):
        n = 2 + 5 * len(told)
        kinds: tuple[tuple[Kind, dict[str, object]], ...] = ((Kind.patch, {"wish": "x"}), (Kind.undo, {"wish": "x"}), (Kind.delete, {}))
        raws = [Entry(n + at, kind, "preference", raw_id(record_id), values, {"": 1}) for at, (kind, values) in enumerate(kinds)]
        raws.append(Entry(n + 3, Kind.command, "preference", raw_id(record_id), {"command": "submit", "content_hash": bytes(32)}))
        raws.append(
            Entry(n + 4, Kind.create, "preference", raw_id(record_id), {"customer_id": raw_id(fort.ids["customer"]), "subject": "x"})
        )
        outcomes = push(eve, *(entry.raw() for entry in raws))
        told[name] = [(one.result, one.code, one.remedy, one.field, one.rev, one.shows is None) for one in outcomes]
    assert told["living"] == told["unknown"]
    assert told["deleted"] == told["unknown"]


def test_a_number_no_database_can_hold_names_no_device(fort: Fortress) -> None:
    for verb in ("approve", "revoke"):
        for number in (10**30, 2**63, 2**53, -1):
            assert fort.boss.post(f"/v1/desk/devices/{number}/{verb}").status_code == 404


def test_a_foreign_cursor_opens_nothing(fort: Fortress) -> None:
    """Ann's cursor in other hands, and one with a byte changed: everything begins anew, in one's own scopes. P-204, P-205."""
    held = ANSWER_DECODER.decode(sync(fort.people["ann"]).content)
    broken = held.cursor[:-1] + bytes([held.cursor[-1] ^ 1])
    for name in STRANGERS:
        own = {page.scope for page in ANSWER_DECODER.decode(sync(fort.people[name]).content).pages}
        for cursor in (held.cursor, broken, held.cursor[:16], b"x" * 200):
            told = sync(fort.people[name], cursor=cursor)
            answer = ANSWER_DECODER.decode(told.content)
            assert leaks(told, FAMILY) == []
            assert all(page.begin for page in answer.pages)
            assert ({page.scope for page in answer.pages}, answer.drop) == (own, [])
