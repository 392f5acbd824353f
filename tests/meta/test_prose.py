"""Prose names its actor: documents, docstrings and texts say the rep, the device or the server, and a sentence is read in one go."""

from pathlib import Path
from typing import Final

import pytest

from tests.meta.prose import document_faults, source_faults

ROOT: Final = Path(__file__).parents[2]
DOCUMENTS: Final = (*sorted(ROOT.glob("docs/*.md")), ROOT / "README.md", ROOT / "CONTRIBUTING.md")
PROGRAM: Final = ("shared_schema", "sync", "geo", "notifications", "server", "mobile_api", "bench")
NAMES: Final = ("He Jun",)
"""People of the demo organisation whose name is a pronoun in English."""

BAD: Final = [
    ("- **P-009** Another user is another line: the server would take them for his.\n", "'his' in"),
    ("Any text.\n\nWho loses it gets a removal.\n", "begins without a noun: Who loses"),
    ("- One. What it no longer names is dropped.\n", "begins without a noun: What it"),
    ("| user | ends with her sessions |\n", "'her' in"),
    (f"The server {'never ' * 44}waits.\n", "47 words, at most 45"),
]
GOOD: Final = [
    "What does the rep do when the server is ill?\n",
    "```\nwhat he typed, whoever he is\n```\n",
    f"The server {'never ' * 42}waits. The rep {'never ' * 42}waits.\n",
    "- The user who loses it gets a removal.\n- The other one gets a row.\n",
]


def test_documents_name_their_actors() -> None:
    faults = [fault for file in DOCUMENTS for fault in document_faults(file.read_text("utf-8"), file.name)]
    assert not faults, "\n" + "\n".join(faults)


def test_the_program_names_its_actors() -> None:
    files = [file for folder in PROGRAM for file in sorted((ROOT / folder).rglob("*.py"))]
    assert len(files) > 100
    faults = [fault for file in files for fault in source_faults(file.read_text("utf-8"), str(file.relative_to(ROOT)))]
    faults = [fault for fault in faults if not any(name in fault for name in NAMES)]
    assert not faults, "\n" + "\n".join(faults)


@pytest.mark.parametrize(("text", "told"), BAD)
def test_each_rule_can_fail(text: str, told: str) -> None:
    (fault,) = document_faults(text, "page.md")
    assert told in fault


@pytest.mark.parametrize("text", GOOD)
def test_no_rule_cries_wolf(text: str) -> None:
    assert list(document_faults(text, "page.md")) == []


@pytest.mark.parametrize(
    "text", ['"""Whoever asks gets it."""\n', "wait = 1  # until he comes\n", 'raise Problem(code, f"it is {his} and his")\n']
)
def test_a_pronoun_in_the_program_is_told(text: str) -> None:
    assert len(list(source_faults(text, "server/pools.py"))) == 1
