"""Where the tests find their browser, and what a person reads when there is none."""

from pathlib import Path

import pytest

from tests.browser import chromium
from tests.browser.chromium import Chromium, ChromiumMissingError


@pytest.fixture
def nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Hide what this machine has: no name, no program, and no Node that could fetch one. Gives an empty folder."""
    monkeypatch.delenv(chromium.VARIABLE, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("OUTRIDER_NODE", str(tmp_path / "node"))
    return tmp_path / "carried"


def test_the_named_browser_is_taken_before_any_other(found_chromium: Chromium, nowhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(chromium.VARIABLE, found_chromium.path)
    assert chromium.find(nowhere).path == found_chromium.path


def test_a_name_that_leads_to_no_browser_is_a_failure(nowhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(chromium.VARIABLE, str(nowhere))
    with pytest.raises(ChromiumMissingError, match="is set, but no browser starts there"):
        chromium.find(nowhere)


def test_a_browser_of_this_machine_is_found_by_its_name(found_chromium: Chromium, nowhere: Path, tmp_path: Path) -> None:
    program = tmp_path / "google-chrome"
    program.write_text(f'#!/bin/sh\nPATH=/usr/bin:/bin exec "{found_chromium.path}" "$@"\n')
    program.chmod(0o755)
    assert chromium.find(nowhere).path == str(program)


def test_none_found_says_what_to_do(nowhere: Path) -> None:
    with pytest.raises(ChromiumMissingError) as raised:
        chromium.find(nowhere)
    assert "apt install chromium" in str(raised.value)
    assert chromium.VARIABLE in str(raised.value)
