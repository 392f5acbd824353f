"""docs/domain.md and the tests name the same rules, each once in the text."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[3]
RULE = re.compile(r"\bD-\d{3}\b")


def test_every_rule_has_a_test_and_every_cited_rule_stands() -> None:
    written = re.findall(r"^- \*\*(D-\d{3})\*\*", (ROOT / "docs/domain.md").read_text("utf-8"), re.MULTILINE)
    assert len(written) == len(set(written))
    files = [file for name in ("test_*.py", "flow_*.py") for file in (ROOT / "tests").rglob(name)]
    cited = {rule for file in files for rule in RULE.findall(file.read_text("utf-8"))}
    assert cited == set(written)


def test_code_cites_only_rules_that_stand() -> None:
    written = set(RULE.findall((ROOT / "docs/domain.md").read_text("utf-8")))
    folders = ("server/domain", "sync", "shared_schema")
    cited = {rule for folder in folders for file in (ROOT / folder).rglob("*.py") for rule in RULE.findall(file.read_text("utf-8"))}
    assert cited <= written, cited - written
