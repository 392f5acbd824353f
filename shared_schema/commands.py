"""Commands: guarded, never merged. The body of a mutation of kind `command` is one of these, tagged by name."""

from typing import Annotated, Final, get_args

import msgspec
from msgspec import Meta

from shared_schema.records.quote import QuoteStatus
from shared_schema.records.team import ReceiptLevel
from shared_schema.scalars import WIRE_INTEGER_MAX, Id, Line, Revision, Text

ContentHash = Annotated[bytes, Meta(min_length=32, max_length=32)]
"""SHA-256 of the quote that was on screen (D-310)."""


class Submit(msgspec.Struct, frozen=True, tag_field="command", tag="submit", forbid_unknown_fields=True):
    """Submit a draft or returned quote. `expected`: its status on screen."""

    content_hash: ContentHash
    expected: QuoteStatus = QuoteStatus.draft


class Approve(msgspec.Struct, frozen=True, tag_field="command", tag="approve", forbid_unknown_fields=True):
    """A manager approves a submitted quote. `note`: what he says to its author."""

    content_hash: ContentHash
    note: Text = ""
    expected: QuoteStatus = QuoteStatus.submitted


class Reject(msgspec.Struct, frozen=True, tag_field="command", tag="reject", forbid_unknown_fields=True):
    """A manager rejects a submitted quote for good."""

    content_hash: ContentHash
    note: Text = ""
    expected: QuoteStatus = QuoteStatus.submitted


class ReturnQuote(msgspec.Struct, frozen=True, tag_field="command", tag="return_quote", forbid_unknown_fields=True):
    """A manager gives a submitted quote back: it can be edited and submitted again."""

    content_hash: ContentHash
    note: Text = ""
    expected: QuoteStatus = QuoteStatus.submitted


class Revise(msgspec.Struct, frozen=True, tag_field="command", tag="revise", forbid_unknown_fields=True):
    """Fork an approved quote: a new draft with the id `new_id` and copies of its lines (D-324)."""

    new_id: Id
    content_hash: ContentHash
    expected: QuoteStatus = QuoteStatus.approved


class KeepTheirs(msgspec.Struct, frozen=True, tag_field="command", tag="keep_theirs", forbid_unknown_fields=True):
    """Close a conflict: the server's value stays. On an inbox item."""


class Dismiss(msgspec.Struct, frozen=True, tag_field="command", tag="dismiss", forbid_unknown_fields=True):
    """Close a refusal that the author has read. On an inbox item."""


class SendUp(msgspec.Struct, frozen=True, tag_field="command", tag="send_to_manager", forbid_unknown_fields=True):
    """Let the manager decide. On an open inbox item."""


class GiveReceipt(msgspec.Struct, frozen=True, tag_field="command", tag="receipt", forbid_unknown_fields=True):
    """Say how far one has come with a team note. On the note."""

    level: ReceiptLevel


class Claim(msgspec.Struct, frozen=True, tag_field="command", tag="claim", forbid_unknown_fields=True):
    """Take a pooled customer. On a pool card; `epoch`: the card's, or `after`: the n of the own command that led to it."""

    epoch: Revision | None = None
    after: Annotated[int, Meta(ge=1, le=WIRE_INTEGER_MAX)] | None = None


class Release(msgspec.Struct, frozen=True, tag_field="command", tag="release", forbid_unknown_fields=True):
    """Give a customer to a pool. On its standing; `epoch` and `after` as in a claim."""

    pool_id: Id
    epoch: Revision | None = None
    after: Annotated[int, Meta(ge=1, le=WIRE_INTEGER_MAX)] | None = None
    reason: Line = ""


class Settle(msgspec.Struct, frozen=True, tag_field="command", tag="settle", forbid_unknown_fields=True):
    """Say what became of a contribution: taken over (by entries of one's own), or declined. On a contribution."""

    taken: bool


Decision = Approve | Reject | ReturnQuote
Command = Submit | Approve | Reject | ReturnQuote | Revise | KeepTheirs | Dismiss | SendUp | GiveReceipt | Claim | Release | Settle
COMMAND_DECODER: Final = msgspec.msgpack.Decoder(Command)
BY_TAG: Final = {str(one.__struct_config__.tag): one for one in get_args(Command)}
"""Name of a command → its struct."""
