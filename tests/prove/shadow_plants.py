"""Planted bugs of the TypeScript core: a few words of its source changed in a copy. Those that the vectors must notice are among them."""

from collections.abc import Mapping
from typing import Final

from msgspec import Struct

from tests.vectors import plants as vectors


class Plant(Struct, frozen=True):
    """`before` stands once in the file, below `src`; `after` stands there instead."""

    name: str
    file: str
    before: str
    after: str
    why: str


PLANTS: Final = (
    # rows
    Plant("equal_rev_ignored", "sync/rows.ts", "rev >= identity", "rev > identity", "a row of the rev that is held is not put again"),
    Plant(
        "fill_keeps_old",
        "sync/rows.ts",
        "held === undefined || scope.filling ||",
        "held === undefined ||",
        "a fill overwrites no later rev",
    ),
    Plant("never_swept", "sync/rows.ts", "if (filled) for", "if (false) for", "a fill that is done sweeps nothing"),
    Plant("doubt_forgotten", "sync/rows.ts", "{ ...scope, filling: true });", "scope);", "a void cursor puts nothing in doubt"),
    # the shelf
    Plant(
        "held_by_one",
        "sync/shelf.ts",
        "held === undefined || held.size === 0",
        "true",
        "a record that another scope holds goes with the first",
    ),
    Plant("sweeps_this_fill", "sync/shelf.ts", "last < generation", "last <= generation", "a sweep takes the rows of its own fill"),
    # entering
    Plant(
        "base_not_inherited",
        "sync/bases.ts",
        "inherited.length > 0 ? Math.min(...inherited) : seen.rev",
        "seen.rev",
        "an own earlier edit gives no base",
    ),
    Plant(
        "newest_base",
        "sync/bases.ts",
        "Math.min(...inherited) : seen",
        "Math.max(...inherited) : seen",
        "the newest own base is inherited",
    ),
    Plant(
        "part_of_a_group",
        "sync/device.ts",
        "{ ...restOfGroups(shelf, edit), ...edit.values }",
        "{ ...edit.values }",
        "the rest of a group is not sent",
    ),
    Plant(
        "delete_covers_nothing",
        "sync/bases.ts",
        "group === WHOLE ? Object.keys(mutation.bases).length > 0 :",
        "",
        "a delete inherits no base",
    ),
    # asking
    Plant(
        "long_push",
        "sync/device.ts",
        "raws.length > 0 && (size > most",
        "raws.length > 1 && (size > most",
        "two groups go however long they are",
    ),
    Plant("forked_line_sends", "sync/device.ts", "const waiting = forked ? [] : ", "const waiting = ", "a forked line goes on sending"),
    # answers
    Plant(
        "restored_phone",
        "sync/device.ts",
        "if (answer.last_n >= before.next_n) forked = true;",
        "",
        "a phone set back does not see that it is",
    ),
    Plant(
        "lost_entries",
        "sync/device.ts",
        "forked ||= least(",
        "forked ||= 0 * least(",
        "what the server asks for and nobody keeps is not missed",
    ),
    Plant(
        "places_stay",
        "sync/device.ts",
        "if (shelf.seat.epoch !== answer.epoch) voidPlaces(shelf);",
        "",
        "places of another epoch are waited for",
    ),
    Plant(
        "resent_from_next",
        "sync/device.ts",
        "one.n >= answer.resend_from",
        "one.n > answer.resend_from",
        "the first entry to send again is not",
    ),
    Plant("parked_over_later", "sync/device.ts", "standing.has(key) || isVisible", "isVisible", "a parked value is drawn over a later one"),
    Plant(
        "kept_until_answered",
        "sync/device.ts",
        "one.n <= Math.min(seat.acked_n, seat.backed_up_n)",
        "one.n <= seat.acked_n",
        "entries go before a backup has them",
    ),
    Plant(
        "overlay_ends_early",
        "sync/device.ts",
        "scope.position >= shows.seq",
        "scope.position + 1 >= shows.seq",
        "an overlay ends one place before its row",
    ),
    Plant("any_answer", "sync/cursor.ts", "slice(0, DIGEST_BYTES)", "slice(1, DIGEST_BYTES + 1)", "no answer is known as one's own"),
    # a new line
    Plant(
        "after_of_the_old_line",
        "sync/device.ts",
        'changes["after"] = tags.get(after)?.[1] ?? null',
        'changes["after"] = after',
        "`after` names a number of the old line",
    ),
    Plant(
        "old_tag_only",
        "sync/sets.ts",
        "remove: [...change.remove, ...again]",
        "remove: [...change.remove]",
        "a remove on a new line misses the own add",
    ),
    # sets
    Plant(
        "element_removed",
        "sync/sets.ts",
        "filter((one) => !gone.has(name(one)))",
        "filter((one) => !change.remove.some((tag) => tag[0] === one[0]))",
        "a remove takes the element with every tag",
    ),
    Plant("undo_adds_again", "sync/sets.ts", "remove: missing(after, before) };", "remove: [] };", "an undo does not take its tags back"),
    # screens
    Plant(
        "create_over_row",
        "sync/overlay.ts",
        "WHOLE_KINDS.includes(mutation.kind) && record === null)",
        "WHOLE_KINDS.includes(mutation.kind))",
        "an own create is drawn over the server's row",
    ),
    Plant(
        "cleared_field_stays",
        "sync/merge.ts",
        "filter(([, one]) => one !== null)",
        "filter(() => true)",
        "a custom field that was cleared stays as nothing",
    ),
    Plant(
        "tag_of_no_line",
        "sync/overlay.ts",
        "const tag: Tag = [lineNo, mutation.n];",
        "const tag: Tag = [0, mutation.n];",
        "an own add has no line on the screen",
    ),
    Plant(
        "queue_drawn_once",
        "sync/shelf.ts",
        "this.pending.delete(n);\n    this.queue = null;",
        "this.pending.delete(n);",
        "what left the queue is still in it",
    ),
    # what entries mean
    Plant("odd_base_taken", "sync/decode.ts", "every((name) => entity.isGroup(name))", "every(() => true)", "a base of no group counts"),
    Plant(
        "any_field_taken",
        "sync/decode.ts",
        "some((name) => !writable.has(name))",
        "some(() => false)",
        "a field that is not the device's counts",
    ),
    Plant(
        "bound_off_by_one",
        "sync/check.ts",
        "value >= least && value <= most",
        "value >= least && value < most",
        "the largest number of a field is refused",
    ),
    Plant(
        "given_as_read",
        "sync/check.ts",
        "fits(shape[2] as Shape, value); //",
        "fits(shape[1] as Shape, value); //",
        "a device may give what only older values are",
    ),
    Plant("later_controls", "wire/text.ts", "\\u007f-\\u009f", "\\u007f", "C1 controls are clean"),
    Plant(
        "extra_cleared_at_birth",
        "sync/check.ts",
        "if (value === null) return clearable;",
        "if (value === null) return true;",
        "a create may give a custom field as nothing",
    ),
    # decisions
    Plant("mine_on_the_old_base", "sync/decisions.ts", "one.their_rev || (", "(", "use mine has the base of the refused entry"),
    Plant("fact_patched", "sync/decisions.ts", "(!exists || entity.isFact)", "!exists", "a fact that is there is patched, not told again"),
    Plant(
        "risen_card_seen",
        "sync/decisions.ts",
        "(item.origin_id === null ? one.base_rev : 0)",
        "one.base_rev",
        "the holder of a card that came up has seen what its author had",
    ),
    Plant("closed_cards_decided", "sync/decisions.ts", "item.state === ItemState.open).map", "true).map", "closed cards are decided again"),
    # unsent, typed
    Plant("sent_taken_back", "sync/unsent.ts", "first_n > sentN && ", "", "an entry that was sent is taken back"),
    Plant("answered_taken_back", "sync/unsent.ts", " && last.outcome === null", "", "an entry that was answered is taken back"),
    Plant("numbers_stay_taken", "sync/unsent.ts", "next_n - gone.length", "next_n - 1", "the numbers of a group stay taken"),
    Plant("receipt_holds_entry", "sync/unsent.ts", "findLast(({ raw }) => !isQuiet(raw))", "at(-1)", "a receipt behind an entry holds it"),
    Plant(
        "receipt_keeps_number", "sync/unsent.ts", "const n = receipt.n - places", "const n = receipt.n", "a gap is left behind a receipt"
    ),
    Plant("receipt_of_others", "sync/receipts.ts", "record[receiving.reader] !== userId || ", "", "a receipt is given in another's place"),
    Plant("receipt_given_twice", "sync/receipts.ts", "said.add(", "void (", "a receipt that waits is given again"),
    Plant(
        "lines_in_a_name",
        "sync/entered.ts",
        "most > NAME_LETTERS_MAX && most <= LINE_LETTERS_MAX",
        "most <= LINE_LETTERS_MAX",
        "a name may be pasted in two lines",
    ),
    Plant(
        "units_counted",
        "sync/entered.ts",
        "const count = letters(text);",
        "const count = text.length;",
        "letters beyond 16 bits count twice",
    ),
    # the wire
    Plant(
        "short_integers",
        "wire/encode.ts",
        "else if (value < 0x100) this.head(0xcc",
        "else if (value < 0xff) this.head(0xcc",
        "an integer is not in its shortest form",
    ),
    Plant("negative_byte", "wire/decode.ts", "return code - 0x100;", "return code - 0xff;", "small negative numbers are one too large"),
    Plant("quote_hash_of_defaults", "agreed/quotes.ts", "if (!untouched) told[name]", "told[name]", "fields at their default are hashed"),
)
_CHANGES: Final = frozenset(one.before for one in PLANTS)
OF_VECTORS: Final = {one.name: one.suite for one in vectors.PLANTS if one.before not in _CHANGES}
"""Planted bug → the vectors that must notice it. One that is among the others already is not planted twice."""
BY_NAME: Final[Mapping[str, Plant]] = {
    **{one.name: one for one in PLANTS},
    **{one.name: Plant(*one[:5]) for one in vectors.PLANTS if one.name in OF_VECTORS},
}
