"""The evidence for the oracle after the day: the phones' files, fresh phones, the public API and the inboxes.

No server log, no database.
"""

from collections.abc import Iterator
from pathlib import Path

from mobile_api.phone.day.desk import Desk, hexadecimal
from mobile_api.phone.day.entries import Key, Slots, known_keys, plain
from mobile_api.phone.day.oracle import Found, Rows, Verdict, differences, lost
from mobile_api.phone.day.people import BY_LOGIN, COLLEAGUES, ORGANISATION
from mobile_api.phone.day.stage import Stage
from mobile_api.phone.file import FileShelf
from mobile_api.phone.phone import Phone
from shared_schema.records.reference import Role
from shared_schema.registry import BY_NUMBER, ENTITIES
from sync import decisions


def judge(stage: Stage) -> Verdict:
    """Read everything that can be read from outside, and let the oracle speak. The phones must be switched off."""
    found = Found(_records(stage), _waiting(stage))
    apart = tuple(sentence for login in stage.phones for sentence in _compare(stage, login))
    return Verdict(lost(stage.ledger, found), apart)


def _records(stage: Stage) -> dict[Key, Slots]:
    """Current records by the public API, asked by the manager who leads the author."""
    found = {}
    authors = {entry.key: entry.phone for entry in stage.ledger}
    for key in known_keys(stage.ledger):
        record = stage.desk(_leader(authors[key])).record(key)
        if record is not None:
            found[key] = record
    return found


def _leader(login: str) -> str:
    department = BY_LOGIN[login].department
    return next(one.login for one in COLLEAGUES if one.role is Role.manager and one.department == department)


def _waiting(stage: Stage) -> dict[Key, list[Slots]]:
    """Values that stand in inbox items, open or decided: on the phones, and by the public API as the managers see it."""
    found: dict[Key, list[Slots]] = {}
    for login, phone in stage.phones.items():
        for key, mine in (*_on_phone(phone.file), *_at_desk(stage.desk(_leader(login)))):
            if mine not in found.setdefault(key, []):
                found[key].append(mine)
    return found


def _on_phone(file: Path) -> Iterator[tuple[Key, Slots]]:
    shelf = FileShelf(file)
    for item in decisions.inbox(shelf):
        for member in (*item.members, *item.earlier):
            if member.entity in BY_NUMBER:
                mine = {slot: plain(value) for slot, value in member.mine.items()}
                yield (BY_NUMBER[member.entity].name, member.id.hex()), mine
    shelf.close()


def _at_desk(desk: Desk) -> Iterator[tuple[Key, Slots]]:
    for item in desk.pages("/v1/inbox"):
        for member in (*item["members"], *item["earlier"]):
            if member["entity"] in BY_NUMBER:
                mine = {slot: hexadecimal(value) if slot.endswith("_id") else value for slot, value in member["mine"].items()}
                yield (BY_NUMBER[member["entity"]].name, hexadecimal(member["id"])), mine


def _compare(stage: Stage, login: str) -> tuple[str, ...]:
    """One phone against a new phone of the same user that starts with nothing."""
    path = stage.folder / f"{login}-fresh.db"
    fresh = Phone(path)
    fresh.sign_in(stage.url, ORGANISATION, login, stage.accounts.passwords[login], "fresh")
    for at in stage.looked.get(login, ()):
        fresh.keep_tile(at)
    fresh.sync()
    rows = _rows(fresh.shelf)
    fresh.close()
    shelf = FileShelf(stage.phones[login].file)
    held = _rows(shelf)
    unseen = [
        f"{login}: mutation {one.n} is not answered, or not yet visible" for one in shelf.pendings() if one.outcome is None or one.overlay
    ]
    shelf.close()
    return (*differences(login, held, rows), *unseen)


def _rows(shelf: FileShelf) -> Rows:
    return {(entity.number, record_id): body for entity in ENTITIES for record_id, body in shelf.rows(entity.number)}
