"""Whereabouts: a person's consent, and what a visit says of the place where it was (D-470 to D-473)."""

from typing import Any, Final

from msgspec.structs import replace

from geo.whereabouts import coarse
from server.domain.allowed import Allowed, Fields
from server.domain.feature import Feature, Kind, Listing
from shared_schema.places import Datum, Mocked, Precision, Provider
from shared_schema.problem import Code, Problem
from shared_schema.records.activity import Visit
from shared_schema.records.inbox import InboxItem
from shared_schema.records.reference import VISIT_DAYS
from shared_schema.records.whereabouts import Consent, ConsentAnswer
from shared_schema.registry import BY_RECORD
from sync.contribution import entries
from sync.forgetting import forgotten, untold
from sync.rules import Actor, Entry, Moment
from sync.state import State

VISIT: Final = BY_RECORD[Visit].number
DAY_MS: Final = 24 * 3_600_000
NOWHERE: Final[dict[str, Any]] = {
    **dict.fromkeys(("latitude_e6", "longitude_e6", "accuracy_mm", "fix_ms")),
    **dict.fromkeys(("left_latitude_e6", "left_longitude_e6", "left_accuracy_mm", "left_fix_ms")),
    **dict.fromkeys(("datum", "left_datum"), Datum.unknown),
    "provider": Provider.unknown,
    "mock": False,
    "mocked": Mocked.unknown,
}
"""What a visit says of its places when its author said no: nothing."""


PLACES: Final = tuple(f"{prefix}{slot}" for prefix in ("", "left_") for slot in ("latitude_e6", "longitude_e6", "accuracy_mm"))
NO_VISIT: Final = Visit(bytes(16), 0, customer_id=bytes(16), device_ms=0)


def complete(_actor: Actor, _state: State, _entry: Entry, consent: Consent, moment: Moment) -> tuple[Consent]:
    """The answer with the moment when the server heard it (D-470)."""
    return (replace(consent, received_ms=moment.now_ms),)


def guard(_state: State, consent: Consent) -> None:
    """Raises Problem(rule_broken) for another id than the person's own, and for an answer that is none (D-470)."""
    if consent.id != consent.user_id:
        raise Problem(Code.rule_broken, "the consent of a person has the person's own id", field="user_id")
    if consent.answer is ConsentAnswer.unknown:
        raise Problem(Code.rule_broken, "the answer is yes or no", field="answer")


def as_allowed(state: State, author_id: bytes, visit: Visit) -> Visit:
    """The visit without places if its author said no (D-472), else as exactly as the organisation wants to know (D-473).

    The author's consent and the organisation are loaded.
    """
    consent = state.find(Consent, author_id)
    if consent is not None and consent.answer is ConsentAnswer.no:
        return replace(visit, **NOWHERE)
    organisation = state.organisation
    is_square = organisation is not None and organisation.visit_precision is Precision.square
    return coarse(visit) if is_square else visit


def as_forgotten(state: State, visit: Visit, first: Visit | None, now_ms: int) -> Visit:
    """The visit without places where the server has deleted them, or would at its next turn: from the visit that it corrects, or from the
    card on which it waited (D-477)."""
    days = state.organisation.visit_days if state.organisation is not None else VISIT_DAYS
    if first is not None and first.forgotten_days is not None:
        return forgotten(visit, first.forgotten_days)
    if (VISIT, visit.id) in state.forgotten:  # its places were taken out of the entry before all else
        return replace(visit, forgotten_days=days)
    is_old = first is not None and first.received_ms < now_ms - days * DAY_MS
    return forgotten(visit, days) if is_old or _lost(state, visit.id) else visit


def _lost(state: State, visit_id: bytes) -> bool:
    """Whether the card that is judged anew has lost the places of this entry; its bytes may be younger than the card."""
    card = state.find(InboxItem, state.again_of) if state.again_of else None
    waited = [one.mine for one in entries(card) if (one.entity, one.id) == (VISIT, visit_id)] if card is not None else []
    return bool(waited) and all(one == untold(BY_RECORD[Visit], one) for one in waited)


def allowed_fields(state: State, author_id: bytes, visit_id: bytes, fields: Fields) -> Fields:
    """What an entry about a visit may say of its places, also where it ends on a card: what `as_allowed` leaves (D-472, D-473), and nothing
    where the server has deleted them from an entry before (D-477)."""
    if (VISIT, visit_id) in state.forgotten:
        return untold(BY_RECORD[Visit], dict(fields))
    consent = state.find(Consent, author_id)
    if consent is not None and consent.answer is ConsentAnswer.no:
        return {slot: value for slot, value in fields.items() if slot not in NOWHERE}
    organisation = state.organisation
    is_square = organisation is not None and organisation.visit_precision is Precision.square
    return coarse_fields(fields) if is_square else fields


def coarse_fields(fields: Fields) -> Fields:
    """The fields of an entry about a visit, its places as in `coarse`. What is no whole number is taken out: no visit bears it."""
    known = {slot: fields[slot] for slot in PLACES if isinstance(fields.get(slot), int)}
    provider = Provider.gps if fields.get("provider") == Provider.gps else Provider.unknown
    visit = coarse(replace(NO_VISIT, **known, provider=provider))
    told = {slot: getattr(visit, slot) for slot in PLACES if slot in fields}
    return {**fields, **told, **({"provider": int(visit.provider)} if provider is Provider.gps else {})}


ALLOWED: Final = Allowed((Consent,), allowed_fields)
FEATURE: Final = Feature(
    kinds=(Kind(Consent, complete, guard),),
    lists=(Listing(Consent, "List who agreed that visits bear a position, and who did not (D-471)."),),
)
