"""A parked edit is decided and taken back over the JSON twin, with the ids and revisions that REST told."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from mobile_api.phone.day import demo
from mobile_api.phone.day.desk import Desk
from mobile_api.phone.day.people import ORGANISATION

REP = "wang.fang"
CREATE, PATCH, COMMAND, UNDO = 1, 2, 4, 5
APPLIED, PARKED = 1, 3
CUSTOMER, ITEM = 1, 11
OPEN, USED_MINE, KEPT_THEIRS = 1, 2, 3


class Line:
    """A device line of its own that sends one atomic group after the other."""

    def __init__(self, url: str, password: str) -> None:
        self.desk = Desk(url, ORGANISATION, REP, password)
        self.n = 0

    def send(self, kind: int, entity: int, record_id: str, bases: dict[str, int], body: dict[str, Any]) -> dict[str, Any]:
        self.n += 1
        group = {"first_n": self.n, "index": 0, "count": 1}
        mutation = {"n": self.n, "group": group, "kind": kind, "entity": entity, "id": record_id, "bases": bases, "body": body}
        asked = {"protocol": 1, "schema": 1, "app": "test 1", "cursor": "", "acked_n": self.n - 1, "device_ms": 1, "page_bytes": 1}
        told = self.desk.post("/v1/sync", {**asked, "mutations": [{**mutation, "device_ms": 1}]})
        outcome: dict[str, Any] = told["outcomes"][0]
        return outcome

    def item(self, item_id: str) -> dict[str, Any]:
        return next(item for item in self.desk.pages("/v1/inbox") if item["id"] == item_id)


@pytest.fixture
def lines(served: tuple[str, str]) -> Iterator[tuple[Line, Line]]:
    """Two device lines of one rep."""
    line, other = Line(*served), Line(*served)
    yield line, other
    line.desk.close()
    other.desk.close()


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, str]]:
    """The demo's server without its day: (address, the rep's password)."""
    monkeypatch.chdir(tmp_path)
    where = demo.place({})
    told = demo.prepare(where)
    with demo.serving(where) as house:
        yield house.url, told.passwords[REP]


def test_a_parked_edit_is_decided_and_taken_back_over_the_json_twin(lines: tuple[Line, Line]) -> None:
    line, other = lines
    shop = next(line.desk.pages("/v1/records/customer"))
    path, seen = f"/v1/records/customer/{shop['id']}", {"note": shop["rev"]}

    assert other.send(PATCH, CUSTOMER, shop["id"], seen, {"note": "theirs"})["result"] == APPLIED
    parked = line.send(PATCH, CUSTOMER, shop["id"], seen, {"note": "mine"})
    assert parked["result"] == PARKED
    item = line.item(parked["item_id"])
    member = item["members"][0]
    assert (member["before"], member["mine"], member["theirs"]) == ({"note": ""}, {"note": "mine"}, {"note": "theirs"})

    assert line.send(PATCH, CUSTOMER, shop["id"], {"note": member["their_rev"]}, {"note": "mine"})["result"] == APPLIED
    assert line.item(item["id"])["state"] == USED_MINE
    now = line.desk.get(path)
    assert now["note"] == "mine"
    assert line.send(UNDO, CUSTOMER, shop["id"], {"note": now["rev"]}, {"note": "theirs"})["result"] == APPLIED
    assert line.desk.get(path)["note"] == "theirs"
    notes = [(one["decision"], one["after"]["note"]) for one in line.desk.get(f"{path}/history")["items"] if one["group"] == "note"]
    assert notes == [("undone", "theirs"), ("applied", "mine"), ("applied", "theirs")]


def test_theirs_is_kept_by_a_command(lines: tuple[Line, Line]) -> None:
    line, other = lines
    shop = next(line.desk.pages("/v1/records/customer"))
    seen = {"note": shop["rev"]}
    other.send(PATCH, CUSTOMER, shop["id"], seen, {"note": "theirs"})
    parked = line.send(PATCH, CUSTOMER, shop["id"], seen, {"note": "mine"})
    assert line.item(parked["item_id"])["state"] == OPEN
    assert line.send(COMMAND, ITEM, parked["item_id"], {}, {"command": "keep_theirs"})["result"] == APPLIED
    assert line.item(parked["item_id"])["state"] == KEPT_THEIRS
    assert line.desk.get(f"/v1/records/customer/{shop['id']}")["note"] == "theirs"
    # The same decision by somebody who is not the author is refused alone.
    assert other.send(COMMAND, ITEM, str(uuid4()), {}, {"command": "keep_theirs"})["result"] not in (APPLIED, PARKED)
