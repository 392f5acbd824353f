"""Reads documents as tests need them: tables under a heading, tagged examples, rules."""

import re
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec

ROOT: Final = Path(__file__).parents[2]
DOCS: Final = ROOT / "docs"
PROTOCOL: Final = (DOCS / "protocol.md").read_text("utf-8")
SYNC: Final = {"protocol": 1, "schema": 1, "app": "test", "cursor": "", "acked_n": 0, "device_ms": 1_780_000_000_000}
"""A sync of a device that has nothing to send and begins, on JSON."""
_FENCE: Final = re.compile(r"^```(msgpack-hex|json) (\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_RULE: Final = re.compile(r"\bP-\d{3}\b(?! \d)")
"""The phone's help names a product "P-100 2.5": no rule."""


class Example(NamedTuple):
    """One tagged block: how it is written, which struct it is, and the text."""

    form: str
    struct: str
    text: str


def table(text: str, heading: str) -> list[list[str]]:
    """Cells of the first table under a heading, without its two head lines."""
    part = text.split(f"\n{heading}\n", 1)[1]
    rows: list[list[str]] = []
    for line in part.splitlines():
        if line.startswith("|"):
            rows.append([cell.strip() for cell in line.strip("|").split("|")])
        elif rows or line.startswith("#"):
            break
    return rows[2:]


def codes(cell: str) -> list[str]:
    """What stands in backticks."""
    return re.findall(r"`([^`]*)`", cell)


def examples(text: str) -> list[Example]:
    """Tagged blocks in order."""
    return [Example(*found) for found in _FENCE.findall(text)]


def example(struct: str) -> dict[str, Any]:
    """The last example that the protocol shows of a struct on JSON."""
    told: dict[str, Any] = msgspec.json.decode([one.text for one in examples(PROTOCOL) if (one.form, one.struct) == ("json", struct)][-1])
    return told


def written_rules(text: str) -> list[str]:
    """Rules that the protocol states, in order."""
    return re.findall(r"^- \*\*(P-\d{3})\*\*", text, re.MULTILINE)


def cited_rules(folder: Path, but: str = "") -> set[str]:
    """Rules that Python files below a folder name."""
    return {rule for file in folder.rglob("*.py") if file.name != but for rule in _RULE.findall(file.read_text("utf-8"))}
