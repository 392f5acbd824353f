"""Commands: guarded, never merged. The body of a mutation of kind `command` is one of these, tagged by name."""

from typing import Annotated, Final

import msgspec
from msgspec import Meta


class Submit(msgspec.Struct, frozen=True, tag_field="command", tag="submit", forbid_unknown_fields=True):
    """Submit a draft quote. `content_hash`: SHA-256 of the quote that was on screen (D-310)."""

    content_hash: Annotated[bytes, Meta(min_length=32, max_length=32)]


class KeepTheirs(msgspec.Struct, frozen=True, tag_field="command", tag="keep_theirs", forbid_unknown_fields=True):
    """Close a conflict: the server's value stays. On an inbox item."""


class Dismiss(msgspec.Struct, frozen=True, tag_field="command", tag="dismiss", forbid_unknown_fields=True):
    """Close a refusal that the author has read. On an inbox item."""


Command = Submit | KeepTheirs | Dismiss
COMMAND_DECODER: Final = msgspec.msgpack.Decoder(Command)
