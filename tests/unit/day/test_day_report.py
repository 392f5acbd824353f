"""The report: both languages say the same, on one screen, also when everything went wrong."""

import io
import sys
from collections import Counter
from pathlib import Path
from string import Formatter

import pytest
from msgspec.structs import replace
from rich.cells import cell_len
from rich.console import Console

from mobile_api.phone import words as phone_words
from mobile_api.phone.day.accounts import Accounts
from mobile_api.phone.day.comparison import Comparison
from mobile_api.phone.day.demo import Place, Result
from mobile_api.phone.day.entries import Entry
from mobile_api.phone.day.oracle import Verdict
from mobile_api.phone.day.people import COLLEAGUES, REPS
from mobile_api.phone.day.places import DISTRICTS, shops
from mobile_api.phone.day.pushing import Pushed
from mobile_api.phone.day.report import COLUMNS, next_steps, show
from mobile_api.phone.day.stage import PLAYERS, Scene
from mobile_api.phone.day.words import TEXTS, Words
from mobile_api.phone.words import device
from server.settings import Settings

LONGEST = max((shop.name for city in DISTRICTS for shop in shops(city)), key=cell_len)
SCENES = [name.removeprefix("scene_") for name in TEXTS if name.startswith("scene_")]


def result(*, lost: int, apart: int) -> Result:
    entry = Entry("wang.fang", 1, "patch", "customer", "aa", "note", {"note": "x" * 300}, {}, 1, 1)
    facts = {
        "one": REPS[0].login,
        "other": REPS[1].login,
        "manager": COLLEAGUES[0].login,
        "shop": LONGEST,
        "second": LONGEST,
        "count": "99",
        "way": "99",
    }
    counts = Counter(dict.fromkeys(("applied", "merged", "parked", "rejected", "forked", "duplicate", "sent"), 9999))
    verdict = Verdict((entry,) * lost, ("a difference " * 30,) * apart)
    return Result(
        [entry],
        [Scene(name, facts, lost == 0) for name in SCENES],
        {one.login: counts for one in PLAYERS},
        counts,
        verdict,
        Comparison(4, 5),
        Pushed(3, 0, 0),
        2.5,
    )


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(("lost", "apart"), [(0, 0), (99, 0), (0, 99), (3, 99)])
def test_the_report_fits_one_screen(language: str, lost: int, apart: int) -> None:
    out, words = Console(file=io.StringIO(), width=COLUMNS, highlight=False), Words(language)
    where = Place(Settings(), Path(".outrider/demo.accounts.json"), Path("server.log"))
    show(out, words, result(lost=lost, apart=apart), where)
    next_steps(out, words, "http://127.0.0.1:65535", where, Accounts({one.login: "x" * 18 for one in COLLEAGUES}))
    assert isinstance(out.file, io.StringIO)
    lines = out.file.getvalue().splitlines()
    assert len(lines) + 1 <= 44  # and the line that says how to stop the server
    assert max(map(cell_len, lines)) <= COLUMNS
    assert any(well in out.file.getvalue() for well in ("none is lost", "无一丢失")) is (lost == apart == 0)


@pytest.mark.parametrize(
    ("lost", "apart", "pushed", "broken", "well"),
    [
        (0, 0, Pushed(3, 0, 0), 0, True),
        (1, 0, Pushed(3, 0, 0), 0, False),
        (0, 1, Pushed(3, 0, 0), 0, False),
        (0, 0, Pushed(3, 1, 0), 0, False),
        (0, 0, Pushed(3, 0, 1), 0, False),
        (0, 0, Pushed(3, 0, 0), 1, False),
    ],
)
def test_a_day_goes_well_only_if_no_value_and_no_push_goes_astray_and_no_promise_breaks(
    lost: int, apart: int, pushed: Pushed, broken: int, well: bool
) -> None:
    scenes = [Scene("raced", {}, at >= broken) for at in range(2)]
    assert replace(result(lost=lost, apart=apart), pushed=pushed, scenes=scenes).well is well


@pytest.mark.parametrize("name", sorted(TEXTS))
def test_both_languages_name_the_same_facts(name: str) -> None:
    english, chinese = TEXTS[name]
    assert fields(english) == fields(chinese)


def fields(text: str) -> set[str]:
    return {field for _, field, _, _ in Formatter().parse(text) if field is not None}


def test_commands_are_printed_as_they_can_be_typed_here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", [str(tmp_path / ".venv/bin/outrider")])
    assert device(Path("phone.db")) == ".venv/bin/outrider device"
    assert device(Path("my phone.db")) == ".venv/bin/outrider device --file 'my phone.db'"
    monkeypatch.setattr(sys, "argv", ["/elsewhere/bin/outrider"])
    assert device(Path("phone.db")) == "/elsewhere/bin/outrider device"
    assert phone_words.Words("en", device(Path("{a}.db")))("now_online").endswith("--file '{a}.db' sync")
