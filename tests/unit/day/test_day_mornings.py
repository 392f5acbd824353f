"""A day of the demo begins in the morning of its organisation, behind the machine's clock where it can, and after all that was before."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from mobile_api.phone.day.day_clock import morning_ms


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Shanghai")).timestamp() * 1_000)


@pytest.mark.parametrize(
    ("machine", "latest", "morning"),
    [
        ("2026-11-30 09:53", None, "2026-11-30 07:50"),
        ("2026-11-30 07:50", None, "2026-11-30 07:50"),
        ("2026-11-30 07:49", None, "2026-11-29 07:50"),
        ("2026-11-30 00:10", None, "2026-11-29 07:50"),
        ("2026-11-30 09:53", "2026-11-29 18:00", "2026-11-30 07:50"),
        ("2026-11-30 09:53", "2026-10-01 18:00", "2026-11-30 07:50"),
        ("2026-11-30 09:53", "2026-11-30 07:40", "2026-11-30 07:50"),
        ("2026-11-30 09:53", "2026-11-30 07:41", "2026-12-01 07:50"),
        ("2026-11-30 09:53", "2026-11-30 08:01", "2026-12-01 07:50"),
        ("2026-11-30 09:53", "2026-12-04 08:01", "2026-12-05 07:50"),
        ("2026-11-30 09:53", "2026-12-04 07:39", "2026-12-04 07:50"),
    ],
)
def test_a_day_begins_after_all_that_the_organisation_has_seen(machine: str, latest: str | None, morning: str) -> None:
    assert morning_ms(at(machine), None if latest is None else at(latest)) == at(morning)
