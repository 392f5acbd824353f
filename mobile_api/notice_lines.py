"""What a device says of each kind of notice, as a TypeScript module: its group, its title and body, and a line for a locked screen."""

import json
from collections.abc import Iterator

from server.domain.notice_kinds import KINDS, Group
from server.domain.notices import NOTICES
from shared_schema.notices import Language
from shared_schema.typescript import HEAD


def module() -> str:
    """The text of the generated module."""
    return HEAD + "\n".join([*_groups(), *_words(), *_lines()]) + "\n"


def _groups() -> Iterator[str]:
    yield "/** The classes of notices. */"
    yield f"export const NOTICE_GROUPS = {json.dumps([str(group) for group in Group])} as const;"
    yield "export type NoticeGroup = (typeof NOTICE_GROUPS)[number];"


def _words() -> Iterator[str]:
    yield "/** Kind of notice → its group, and its words in each language with the names of its facts in braces. */"
    yield 'type Words = Readonly<Record<"title" | "body", string>>;'
    yield "type Told = { readonly group: NoticeGroup; readonly zh: Words; readonly en: Words };"
    yield "export const NOTICE_WORDS: Readonly<Record<string, Told>> = {"
    for kind in sorted(NOTICES):
        said = {str(language): {"title": words.title, "body": words.body} for language, words in NOTICES[kind].items()}
        yield f"  {kind}: {json.dumps({'group': str(KINDS[kind].group), **said}, ensure_ascii=False)},"
    yield "};"


def _lines() -> Iterator[str]:
    yield "/** Kind of notice → its line for a locked screen, without a word of any customer. */"
    yield 'export const NOTICE_LINES: Readonly<Record<string, Readonly<Record<"zh" | "en", string>>>> = {'
    for kind in sorted(NOTICES):
        lines = {str(language): NOTICES[kind][language].line for language in Language}
        yield f"  {kind}: {json.dumps(lines, ensure_ascii=False)},"
    yield "};"
