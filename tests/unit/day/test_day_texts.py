"""What people write on the demo's day reads as people write, and is no text of another moment: the oracle knows each value by it."""

import re
from pathlib import Path

import pytest

from mobile_api.phone.day.accounts import Accounts
from mobile_api.phone.day.stage import Stage
from server import clock

SECONDS = 90
NOTES = 120


def test_a_text_carries_a_number_that_no_other_entry_has(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    written = []
    for second in range(SECONDS):
        monkeypatch.setattr(clock, "machine_ms", lambda second=second: 1_795_983_460_456 + second * 1_000)
        stage = Stage(tmp_path, "", Accounts({}))
        written += [stage.noted("来电问交期") for _ in range(NOTES)]
    assert len(set(written)) == SECONDS * NOTES
    assert all(re.fullmatch(r"来电问交期（单号 \d{4}-\d{4}-\d{4,5}）", one) for one in written)
