"""Tables: written by hand for the protocol and identity, derived from the structs for the records."""

from server.models.base import metadata
from server.models.identity import account, attempt, counter, device, enrolment_code, org, quarantine, refresh_token
from server.models.records import FIELD_REVS, RECORD_TABLES
from server.models.sync import answered, change, feed, item_record, notice, ownership_event, payload, scope, tombstone

__all__ = [
    "FIELD_REVS",
    "RECORD_TABLES",
    "account",
    "answered",
    "attempt",
    "change",
    "counter",
    "device",
    "enrolment_code",
    "feed",
    "item_record",
    "metadata",
    "notice",
    "org",
    "ownership_event",
    "payload",
    "quarantine",
    "refresh_token",
    "scope",
    "tombstone",
]
