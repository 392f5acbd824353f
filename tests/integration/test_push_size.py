"""Each kind as it goes over the wire: small in every language, of the right class, and without a fact (D-942)."""

from types import SimpleNamespace
from typing import Any, Final

import msgspec
import pytest
from firebase_admin import messaging

from notifications.channels.fcm import message
from notifications.messages import PAYLOAD_LIMIT_BYTES
from notifications.plan import Wish
from notifications.push import Collapse, Push, Target, TargetKind
from server.domain.local_times import DAY_MS
from server.domain.notice_kinds import KINDS
from server.services.push_lease import told_to
from server.services.push_plan import Reader
from shared_schema.records.notification import Urgency
from shared_schema.registry import BY_RECORD
from shared_schema.zones import zone

ENCRYPTION_BYTES: Final = 103
"""Of 4,096 bytes of a WebPush the header and the seal of its encryption take so many."""
LONGEST: Final = bytes([255] * 16)
FACT: Final = "角落小店"


def pushed(kind: str, language: str, count: int = 1) -> Push:
    """A push of this kind, as a worker leases it; the notice names a customer."""
    about = KINDS[kind].about if kind in KINDS else None
    number = BY_RECORD[about].number if about is not None else 0
    notice: Any = SimpleNamespace(
        id=LONGEST, kind=kind, subject_entity=number, subject_id=LONGEST if number else None, facts={"customer": FACT},
        urgency=Urgency.critical, deadline_ms=30 * DAY_MS,
    )  # fmt: skip
    row: Any = SimpleNamespace(user_id=LONGEST, stands_for=count)
    return told_to(row, notice, Reader(language, Wish(zone("UTC"))), Target(TargetKind.fcm_fid, "f" * 4_000), 0)


@pytest.mark.parametrize("count", [1, 999_999])
@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("kind", [*KINDS, "a_kind_of_a_later_server"])
def test_every_kind_fits_and_names_nobody(kind: str, language: str, count: int) -> None:
    """D-942: as Firebase's SDK writes it without the address, and as a browser's service takes it."""
    push = pushed(kind, language, count)
    for size, most in (
        (encoded(push), PAYLOAD_LIMIT_BYTES),
        (msgspec.json.encode(dict(push.data)), PAYLOAD_LIMIT_BYTES - ENCRYPTION_BYTES),
    ):
        assert len(size) <= most // 2, (kind, language)
        assert FACT not in size.decode()


def encoded(push: Push) -> bytes:
    """The message as the SDK sends it, without the address of its target."""
    service = messaging._MessagingService
    told = service.encode_message(message(push))
    return msgspec.json.encode({name: value for name, value in told.items() if name not in ("fid", "token")})


def test_the_warning_of_a_reclaim_is_replaced_by_no_other_reminder() -> None:
    """D-942: while a device is away the provider keeps the last push of each class."""
    classes = {kind: pushed(kind, "en").collapse for kind in KINDS}
    assert {kind for kind, of in classes.items() if of is Collapse.reclaim} == {"reclaim_warning", "reclaim_warning_below"}
    assert classes["follow_up_today"] is Collapse.reminder
    assert classes["instructed"] is Collapse.instruction
    assert classes["assigned"] is Collapse.sync
