"""The tenancy matrix's victim: organisation alpha, whose records every stranger tries to see, and everybody who tries."""

import re
import uuid
from typing import Any, Final

import httpx
import jwt
import msgspec

from server import chance
from server.domain import tokens
from server.domain.desk import LISTS, VERBS
from server.domain.feature import Listing
from server.domain.tokens import Claims, Signer
from server.services.compare import compare
from shared_schema.records.base import Record
from shared_schema.records.reference import Role
from shared_schema.registry import BY_RECORD, ENTITIES
from shared_schema.wire import ANSWER_DECODER, ENCODER, MUTATIONS_MAX, OUTCOME_DECODER, PROTOCOL, SCHEMA, Kind, Outcome, SyncRequest
from tests.features import PROOFS
from tests.integration.site import SECRET, Caller, Site
from tests.prove.proof import CANARY
from tests.world import START_MS, Entry, put

FAMILY: Final = CANARY
"""In every text that hangs on the victim's customer."""
HOUSE: Final = "CANARYhouse"
"""In every text which each device of the victim's organisation may hold, and no other's."""
MEDIA: Final = {"content-type": "application/vnd.msgpack"}
Ask = tuple[str, dict[str, Any] | None]
"""(path, JSON body)."""


class Fortress:
    """Organisation alpha: the rep Ann with a record of every kind, her manager Mia, and everybody who should not see them."""

    def __init__(self, here: Site) -> None:
        self.here = here
        self.boss, self.beta_boss = here.admin("alpha"), here.admin("beta")
        self.ids: dict[str, str] = {}
        self.last_n = 0
        self.people: dict[str, Caller] = {"beta boss": self.beta_boss}
        self.roles = {"beta boss": Role.admin}
        self._house()
        self._people()
        self._family()

    def _house(self) -> None:
        """The desk's records, each with a canary."""
        self._kept("department", "departments", {"name": HOUSE})
        self._kept("product", "products", {"code": HOUSE, "name": HOUSE, "unit": HOUSE})
        self._kept("price_book", "price-books", {"name": HOUSE})
        self._kept("price", "prices", {"price_book_id": self.ids["price_book"], "product_id": self.ids["product"], "price_minor": 1})
        self._kept("field_definition", "field-definitions", {"entity": 1, "key": "can", "kind": 1, "label_zh": HOUSE, "label_en": HOUSE})

        self._kept(
            "service_account",
            "service-accounts",
            {"name": HOUSE, "scope": ["GET /v1/desk/customers"], "ends_day": chance.now_ms() // 86_400_000 + 1},
        )
        self._kept("city", "cities", {"name": HOUSE, "region": HOUSE})
        self._kept("pool", "pools", {"name": HOUSE, "department_id": self.ids["department"]})
        self._kept("assignment_rule", "assignment-rules", {"name": HOUSE, "pool_id": self.ids["pool"], "active": False})
        far = {"effective_from_day": 100_000, "pool_id": self.ids["pool"]}  # so far that nobody falls
        self._kept("tier_policy", "tier-policies", {"id": "00000000-0000-7000-8000-000000000002", "effective_from_day": 100_000})
        self._kept("reclaim_rule", "reclaim-rules", {"id": "00000000-0000-7000-8000-000000000001", **far})

    def _kept(self, noun: str, path: str, body: dict[str, Any]) -> None:
        told = self.boss.post(f"/v1/desk/{path}", body)
        assert told.status_code == 200, told.text
        self.ids[noun] = told.json()["id"]

    def _people(self) -> None:
        mine = {"department_id": self.ids["department"]}
        other = {"department_id": self.boss.post("/v1/desk/departments", {"name": HOUSE}).json()["id"]}
        beta = {"department_id": self.beta_boss.post("/v1/desk/departments", {"name": "Beta"}).json()["id"]}
        for name, boss, role, more in (
            ("ann", self.boss, Role.rep, mine), ("mia", self.boss, Role.manager, mine), ("eve", self.boss, Role.rep, other),
            ("max", self.boss, Role.manager, other),
            ("asa", self.boss, Role.assistant, other), ("fay", self.boss, Role.finance, {}), ("ida", self.boss, Role.rep, mine),
            ("rex", self.boss, Role.rep, mine), ("bob", self.beta_boss, Role.rep, beta), ("ben", self.beta_boss, Role.manager, beta),
        ):  # fmt: skip
            user_id = self.here.user(boss, name, role, name=HOUSE if boss is self.boss else "Beta", **more)
            self.people[name], self.roles[name] = self.here.caller(boss.organisation, name), role
            assert self.people[name].log_in().status_code == 200
            self.ids[f"user {name}"] = user_id
        self.ids["person"] = self.ids["user ann"]

    def _family(self) -> None:
        """A record of every kind that hangs on a customer, a deleted one, and a card in Ann's inbox; what the nouns bring."""
        text = dict.fromkeys(("name", "address", "city", "industry", "phone", "registration_number", "note"), FAMILY)
        here = {"latitude_e6": 31_230_400, "longitude_e6": 121_473_700, "datum": 1}
        of = {"customer_id": self._entered("customer", {**text, **here, "extra": {"can": FAMILY}})}
        self._entered("contact", {**of, **dict.fromkeys(("name", "title", "phone", "email", "note"), FAMILY)})
        self._entered("follow_up", {**of, "due_day": 20_000, "purpose": FAMILY})
        self._deleted(of)
        self._late()
        shared = self.led(f"/v1/desk/customers/{self.ids['customer']}/collaborators", {"user_id": self.ids["user ida"]})
        assert shared
        for proof in PROOFS.values():
            if proof.canary is not None:
                proof.canary(self)
        while self.here.write(compare, self.boss.session["org_id"], chance.now_ms()):
            pass  # the server does so by itself, at some moment of a test
        for entity in ENTITIES:
            if entity.name not in self.ids:
                holder = "ida" if entity.name == "contribution" else "ann"
                self.ids[entity.name] = self.people[holder].get(f"/v1/records/{entity.name}").json()["items"][0]["id"]

    def _deleted(self, of: dict[str, Any]) -> None:
        """A preference of Ann's that is gone, another one, and what was refused of the customer."""
        gone = self._entered("preference", {**of, "subject": FAMILY, "wish": FAMILY})
        self.ids["tombstone"] = self.ids["preference"]
        self._push(Kind.delete, "preference", gone, {}, {"": 9})
        self._push(Kind.patch, "customer", of["customer_id"], {"wgs_latitude_e6": 1, "note": FAMILY}, {"note": 9})
        self._entered("preference", {**of, "subject": FAMILY, "wish": FAMILY})

    def _late(self) -> None:
        """A late word of Ann's about a customer that is Ida's by now."""
        first = self.ids["customer"]
        lost = self._entered("customer", {"name": FAMILY})
        self.ids["customer"] = first
        self.led(f"/v1/desk/customers/{uuid.UUID(bytes=lost)}/transfer", {"to_user_id": self.ids["user ida"]})
        assert self._push(Kind.patch, "customer", lost, {"note": FAMILY}, {"note": 1}) == ["moved"]

    def _entered(self, noun: str, values: dict[str, Any]) -> bytes:
        self.enter(Kind.create, noun, values)
        return self.raw_id(noun)

    def enter(self, kind: Kind, noun: str, values: dict[str, Any]) -> None:
        """As `Author` says."""
        given = dict(values)
        if kind == Kind.create:
            self.ids[noun] = str(uuid.UUID(bytes=given.pop("id", None) or chance.new_id()))
        assert self._push(kind, noun, self.raw_id(noun), given, {}) == [None]

    def _push(self, kind: Kind, noun: str, record_id: bytes, values: dict[str, Any], bases: dict[str, int]) -> list[str | None]:
        self.last_n += 1
        return [one.code for one in push(self.people["ann"], Entry(self.last_n, kind, noun, record_id, values, bases).raw())]

    def put(self, record: Record) -> None:
        """As `Author` says."""
        entity = BY_RECORD[type(record)]
        self.ids[entity.name] = str(uuid.UUID(bytes=record.id))
        self.here.write(put, self.boss.session["org_id"], record, chance.now_ms())

    def led(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """As `Author` says."""
        told = self.people["mia"].post(path, body)
        assert told.status_code == 200, told.text
        answer: dict[str, Any] = told.json()
        return answer

    def raw_id(self, noun: str) -> bytes:
        """As `Author` says."""
        return raw_id(self.ids[noun])

    def ended(self) -> dict[str, dict[str, str]]:
        """Headers of those who get nothing at all; two of them are sent away here."""
        now_ms, ann, rex = chance.now_ms(), self.people["ann"].session, self.people["rex"].session
        claims, signer = Claims(ann["org_id"], raw_id(ann["user_id"]), ann["line_no"]), Signer(SECRET)
        body = jwt.decode(ann["access_token"], options={"verify_signature": False})
        shown = {
            "expired": tokens.sign(signer, claims, chance.new_id(), now_ms - signer.access_ms - 1000)[0],
            "forged": tokens.sign(Signer(bytes(32)), claims, chance.new_id(), now_ms)[0],
            "unsigned": ann["access_token"].rpartition(".")[0] + ".",
            "no algorithm": jwt.encode(body, "", algorithm="none"),
            "other audience": jwt.encode(body | {"aud": "other"}, SECRET, algorithm="HS256"),
            "refresh token": ann["refresh_token"],
            "revoked": rex["access_token"],
            "inactive": self.people["ida"].session["access_token"],
        }
        assert self.boss.post(f"/v1/desk/devices/{rex['line_no']}/revoke").status_code == 200
        left = {"id": self.ids["user ida"], "login": "ida", "name": HOUSE, "role": 1, "active": False}
        assert self.boss.post("/v1/desk/users", left).status_code == 200
        return {"nobody": {}, **{name: bearer(token) for name, token in shown.items()}}

    def asks(self, method: str, path: str) -> list[Ask]:
        """What a stranger asks of one route: its victim's ids in every place, one request for each kind of record."""
        ids = self.ids
        nouns = [(entity.name, ids[entity.name]) for entity in ENTITIES]
        paths = {
            "/v1/records/{entity}": [f"/v1/records/{noun}?customer_id={ids['customer']}" for noun, _ in nouns],
            "/v1/records/{entity}/{record_id}": [f"/v1/records/{noun}/{record_id}" for noun, record_id in nouns],
            "/v1/records/{entity}/{record_id}/history": [f"/v1/records/{noun}/{record_id}/history" for noun, record_id in nouns],
            "/v1/desk/timeline": ["/v1/desk/timeline?since_ms=0"],
            "/v1/nearby": ["/v1/nearby?latitude=31.2304&longitude=121.4737"],
            "/v1/desk/imports/{kind}": [f"/v1/desk/imports/{kind}" for kind in ("customers", "contacts", "departments")],
            "/v1/desk/imports/{kind}/template": ["/v1/desk/imports/customers/template"],
            "/v1/desk/users/{user_id}/hand-over": [f"/v1/desk/users/{ids['user ann']}/hand-over"],
            **{listing.path: self._listed(listing) for listing in LISTS if method == "GET"},
            **{
                f"/{app}/{{path}}": [f"/{app}/customers/{ids['customer']}", f"/{app}/..%2f..%2f..%2fserver%2fsettings.py"]
                for app in ("app", "desk")
            },
        }
        return [(one, body) for one in paths.get(path) or [self._named(path)] for body in _renamed(path, self._bodies().get(path))]

    def _bodies(self) -> dict[str, dict[str, Any]]:
        """What is posted at a path, about what is the victim's."""
        ids, user = self.ids, {"user_id": self.ids["user ann"]}
        changed = {"id": ids["user ann"], "login": "thief", "name": "Thief", "role": 1}
        return {
            "/v1/desk/service-accounts": {
                "name": "Thief",
                "scope": ["GET /v1/desk/customers"],
                "ends_day": chance.now_ms() // 86_400_000 + 1,
            },
            "/v1/desk/service-accounts/{service_account_id}/keys": {},
            "/v1/desk/evaluation-models": {"id": ids["product"], "effective_from_day": 100_000},
            "/v1/desk/evaluation/preview": {"effective_from_day": 100_000},
            "/v1/desk/robot": {"url": "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=thief"},
            "/v1/device/push-target": {"kind": "fcm_fid", "address": "of-the-thief"},
            "/v1/desk/users": {**changed, "login": f"thief{uuid.uuid4().hex[:8]}", "department_id": ids["department"]},
            "/v1/desk/codes": user,
            "/v1/desk/organisation": {"name": "Thief", "time_zone": "UTC"},
            "/v1/desk/departments": {"name": "Thief", "parent_id": ids["department"]},
            "/v1/desk/products": {"id": ids["product"], "code": "T", "name": "Thief"},
            "/v1/desk/price-books": {"id": ids["price_book"], "name": "Thief"},
            "/v1/desk/prices": {"price_book_id": ids["price_book"], "product_id": ids["product"], "price_minor": 9},
            "/v1/desk/field-definitions": {
                "id": ids["field_definition"],
                "entity": 1,
                "key": "t",
                "kind": 1,
                "label_zh": "T",
                "label_en": "T",
            },
            "/v1/desk/customers/{customer_id}/transfer": {"to_user_id": ids["user eve"]},
            "/v1/desk/customers/{customer_id}/collaborators": user,
            "/v1/desk/users/{user_id}/hand-over": {"to_user_id": ids["user eve"]},
            "/v1/desk/sheets": {"title": "T", "columns": [{"name": "T"}], "rows": []},
            "/v1/desk/imports/{kind}": {"rows": [{"external_id": "T", "name": "Thief", "owner": "ann", "customer": "T"}]},
            "/v1/login": {"organisation": "alpha", "account": "ann", "password": "wrong", "installation_id": str(uuid.uuid4())},
            "/v1/enrol": {"organisation": "alpha", "code": "AAAA-AAAA", "installation_id": str(uuid.uuid4())},
            **{path: {"refresh_token": "A" * 75} for path in ("/v1/refresh", "/v1/logout")},
            **{path: asked(ids) for proof in PROOFS.values() for path, asked in proof.asks.items()},
        }

    def _named(self, path: str) -> str:
        """A path with the victim's ids. A place that names no record of the victim's would be an attack on nobody."""
        known = {f"{noun}_id": record_id for noun, record_id in self.ids.items()}
        known |= {"user_id": self.ids["user ida"], "line_no": str(self.people["ann"].session["line_no"])}
        places = re.findall(r"{(.*?)}", path)
        unknown = [place for place in places if place not in known]
        assert not unknown, f"{path}: {unknown} names no record of the victim's: call it <entity>_id, as the verb does"
        return path.format_map(known)

    def _listed(self, listing: Listing) -> list[str]:
        """A list, and the list of what belongs to the victim."""
        named = {slot: self.ids.get(slot.removesuffix("_id"), self.ids["user ann"]) for slot in listing.filters if slot.endswith("_id")}
        return [listing.path, *(f"{listing.path}?{slot}={record_id}" for slot, record_id in named.items())]


def _renamed(path: str, body: dict[str, Any] | None) -> list[dict[str, Any] | None]:
    """A body of a verb that makes a record, once more under a new id: a refusal of an id that is taken would hide all others."""
    makes = body is not None and "id" in body and any(verb.path == path for verb in VERBS)
    return [body, {**body, "id": str(uuid.uuid4())}] if makes and body is not None else [body]


def raw_id(text: str) -> bytes:
    """The 16 bytes of an id."""
    return uuid.UUID(text).bytes


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


def sync(who: Caller, *raws: bytes, cursor: bytes = b"") -> httpx.Response:
    """Send mutations; the answer as it came."""
    body = ENCODER.encode(SyncRequest(PROTOCOL, SCHEMA, "test", cursor, 0, START_MS, [msgspec.Raw(raw) for raw in raws]))
    return who.site.http.post("/v1/sync", content=body, headers=MEDIA | bearer(who.session["access_token"]))


def push(who: Caller, *raws: bytes) -> list[Outcome]:
    """Send mutations; what became of them."""
    found: list[Outcome] = []
    for told in syncs(who, *raws):
        assert told.status_code == 200, told.text
        found += [OUTCOME_DECODER.decode(one) for one in ANSWER_DECODER.decode(told.content).outcomes]
    return found


def syncs(who: Caller, *raws: bytes) -> list[httpx.Response]:
    """Send mutations, as many as one request takes at a time; the answers as they came."""
    return [sync(who, *raws[at : at + MUTATIONS_MAX]) for at in range(0, len(raws), MUTATIONS_MAX)]
