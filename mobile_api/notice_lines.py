"""What a device says of each kind of notice, as a TypeScript module: its group, its title and body, and a line for a locked screen."""

import json
from collections.abc import Iterator

from server.domain.notice_kinds import KINDS, Group
from server.domain.notices import NOTICES
from shared_schema.notices import Language
from shared_schema.typescript import HEAD


def module() -> str:
    """The text of the generated module."""
    return HEAD + "\n".join([*_groups(), *_kinds(), *_words()]) + "\n"


def _groups() -> Iterator[str]:
    yield "/** The classes of notices. */"
    yield f"export const NOTICE_GROUPS = {json.dumps([str(group) for group in Group])} as const;"
    yield "export type NoticeGroup = (typeof NOTICE_GROUPS)[number];"


def _kinds() -> Iterator[str]:
    yield "/** Kind of notice → its class. */"
    yield "export const NOTICE_KINDS: Readonly<Record<string, NoticeGroup>> = {"
    yield from (f"  {kind}: {json.dumps(str(KINDS[kind].group))}," for kind in sorted(NOTICES))
    yield "};"


def _words() -> Iterator[str]:
    """Three lines a kind, with tabs between them: few names, and one text to look up."""
    for language in Language:
        yield "/** Kind of notice → title; body with names of facts in braces; the line for a locked screen names no customer. */"
        yield f"export const NOTICES_{language.upper()}: Readonly<Record<string, string>> = {{"
        for kind in sorted(NOTICES):
            words = NOTICES[kind][language]
            yield f"  {kind}: {json.dumps(_three(words.title, words.body, words.line), ensure_ascii=False)},"
        yield "};"


def _three(*lines: str) -> str:
    """Raises ValueError for a line that is more than one."""
    if any("\n" in line or "\t" in line for line in lines):
        raise ValueError(f"more than one line: {lines}")
    return "\t".join(lines)
