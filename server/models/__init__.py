"""Tables: written by hand for the protocol and identity, derived from the structs for the records."""

from server.models.base import metadata
from server.models.identity import account, attempt, counter, device, enrolment_code, org, push_target, quarantine, refresh_token
from server.models.records import FIELD_REVS, RECORD_TABLES
from server.models.sync import (
    answered,
    change,
    customer_number,
    due,
    erasure,
    feed,
    item_record,
    number_change,
    ownership_event,
    payload,
    provider,
    push,
    robot,
    scope,
    spot,
    tombstone,
)

__all__ = [
    "FIELD_REVS",
    "RECORD_TABLES",
    "account",
    "answered",
    "attempt",
    "change",
    "counter",
    "customer_number",
    "device",
    "due",
    "enrolment_code",
    "erasure",
    "feed",
    "item_record",
    "metadata",
    "number_change",
    "org",
    "ownership_event",
    "payload",
    "provider",
    "push",
    "push_target",
    "quarantine",
    "refresh_token",
    "robot",
    "scope",
    "spot",
    "tombstone",
]
