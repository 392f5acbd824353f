"""The rules of prose as functions: sentences of documents, docstrings and texts that nobody can read in one go are told by place."""

import ast
import re
from collections.abc import Iterator
from typing import Final

WORDS_MAX: Final = 45
PRONOUNS: Final = re.compile(r"\b(he|his|him|himself|she|her|hers|herself|who(?:m|se|so)?ever)\b", re.IGNORECASE)
NOUNLESS: Final = re.compile(r"\W*(Who|Whose|Whom|What|Whatever)\b")
"""A sentence that begins so speaks of somebody or something without a noun, unless it is a question."""
_APART: Final = re.compile(r"^```.*?^```|^#.*?$", re.MULTILINE | re.DOTALL)
"""Code and headings: no sentences."""
_BLOCK: Final = re.compile(r"\n\s*\n|\n(?=\s*(?:[-|]|\d+\.) ?)")
_SENTENCE: Final = re.compile(r"(?<=[.?!])[*)”]*\s+(?=[\"“`*(\[A-Z0-9=~D])")


def document_faults(text: str, path: str) -> Iterator[str]:
    """Faults of a document: in running text a long sentence, a pronoun or a sentence without a noun; in a table a pronoun alone."""
    for block in _BLOCK.split(_APART.sub("\n", text)):
        table = block.lstrip().startswith("|")
        for sentence in [block] if table else sentences(block):
            yield from (f"{path}: {word!r} in: {sentence[:90]}" for word in PRONOUNS.findall(sentence))
            if not table and len(words(sentence)) > WORDS_MAX:
                yield f"{path}: {len(words(sentence))} words, at most {WORDS_MAX}: {sentence[:90]}"
            if not table and NOUNLESS.match(sentence) and not sentence.rstrip("*_ ").endswith("?"):
                yield f"{path}: begins without a noun: {sentence[:90]}"


def source_faults(text: str, path: str) -> Iterator[str]:
    """Pronouns in the docstrings, comments and texts of a module."""
    for number, said in spoken(text):
        yield from (f"{path}:{number}: {word!r} in: {said.strip()[:90]}" for word in PRONOUNS.findall(said))


def sentences(block: str) -> list[str]:
    """The sentences of a paragraph or of an item of a list, without its line ends."""
    return _SENTENCE.split(" ".join(block.split()))


def words(sentence: str) -> list[str]:
    """The words of a sentence; a sign alone is none."""
    return [word for word in sentence.split() if re.search(r"\w", word)]


def spoken(text: str) -> Iterator[tuple[int, str]]:
    """Line and text of each string with a blank in it, and of each comment."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value.strip():
            yield node.lineno, node.value
    for number, line in enumerate(text.splitlines(), 1):
        if "# " in line:
            yield number, line.partition("# ")[2]
