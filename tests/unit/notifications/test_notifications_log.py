"""The log channel: one line with ids, and no word of the notice."""

import asyncio
import logging

import pytest

from notifications.channels import Channel, Notice, Reaction
from notifications.channels.log import LogChannel
from shared_schema.notices import Language

NOTICE = Notice(
    id=b"\x01" * 16,
    kind="parked",
    user_id=b"\x02" * 16,
    language=Language.zh,
    title="标题 13800138000",
    body="福记五金 secret body",
    deadline_ms=1_760_000_000_000,
)


def test_one_line_with_ids_and_no_customer_data(caplog: pytest.LogCaptureFixture) -> None:
    channel: Channel = LogChannel()
    with caplog.at_level(logging.INFO, logger="outrider.notifications"):
        assert asyncio.run(channel.deliver(NOTICE)) is Reaction.sent
    (record,) = caplog.records
    assert record.getMessage() == f"notice kind=parked notice_id={'01' * 16} user_id={'02' * 16} language=zh"
    assert {name: getattr(record, name) for name in ("kind", "notice_id", "user_id", "language")} == {
        "kind": "parked",
        "notice_id": "01" * 16,
        "user_id": "02" * 16,
        "language": "zh",
    }
    everything = repr(vars(record))
    for word in ("标题", "13800138000", "福记五金", "secret"):
        assert word not in everything


def test_it_is_a_channel() -> None:
    assert isinstance(LogChannel(), Channel)
