"""The log channel: one line with ids, and no word of the notice."""

import asyncio
import logging

import pytest

from notifications.channels import Channel
from notifications.channels.log import LogChannel
from notifications.push import Collapse, Push, Target
from notifications.reaction import Said, Word

PUSH = Push(
    target=Target(None, "13800138000"), tag="quote 1", title="标题 13800138000", body="福记五金 secret body", collapse=Collapse.sync,
    data={"kind": "parked", "id": "01", "user": "02", "to": "secret"}, life_s=60,
)  # fmt: skip


def test_one_line_with_ids_and_no_customer_data(caplog: pytest.LogCaptureFixture) -> None:
    channel: Channel = LogChannel()
    with caplog.at_level(logging.INFO, logger="outrider.notifications"):
        assert asyncio.run(channel.send(PUSH, dry=True)) == Said(Word.taken)
        assert caplog.records == []
        assert asyncio.run(channel.send(PUSH)) == Said(Word.taken)
    (record,) = caplog.records
    assert record.getMessage() == "notice kind=parked id=01 user=02"
    assert vars(record)["facts"] == {"kind": "parked", "id": "01", "user": "02"}
    everything = repr(vars(record))
    for word in ("标题", "13800138000", "福记五金", "secret"):
        assert word not in everything


def test_it_is_a_channel() -> None:
    assert isinstance(LogChannel(), Channel)
