"""Planted bugs of the retention of whereabouts: a road left out, a place that comes back, bytes that stay in the file."""

from typing import Final

from tests.prove.planting import Plant

CANARY: Final = ("integration/test_retention.py::test_no_column_and_no_byte_tells_where_anybody_was",)
HISTORIES: Final = "integration/test_retention_histories.py::"
LATE: Final = "integration/test_late_places.py::"

PLANTS: Final = (
    Plant(
        "refused_bytes_tell",
        "The bytes of refused entries keep the places.",
        "server.services.forget:forget_kept",
        "retained.forget_bytes_of_before(conn, org_id, before_ms)",
        "0",
        CANARY,
    ),
    Plant(
        "uploads_tell",
        "The uploads that were put aside keep the places.",
        "server.services.forget:forget_kept",
        "retained.forget_uploads(conn, org_id, before_ms)",
        "0",
        CANARY,
    ),
    Plant(
        "late_edits_tell",
        "Late edits are not on the list of what tells a place.",
        "server.domain.retention:noted",
        "if key[0] not in TELLING:",
        "if key[0] not in TELLING - {13}:",
        CANARY,
    ),
    Plant(
        "log_tells",
        "SQLite's log keeps the pages of before.",
        "server.database.sqlite:Sqlite.scrub",
        "TRUNCATE",
        "PASSIVE",
        CANARY,
    ),
    Plant(
        "free_bytes_tell",
        "SQLite leaves deleted bytes where they are.",
        "server.database.sqlite:prepare_sqlite",
        "secure_delete=on",
        "secure_delete=off",
        CANARY,
    ),
    Plant(
        "correction_tells",
        "A correction of a visit whose place was deleted brings the place back.",
        "server.domain.whereabouts:as_forgotten",
        "first is not None and first.forgotten_days is not None",
        "first is not None and first.forgotten_days == 0",
        (f"{HISTORIES}test_a_correction_and_a_withdrawal_of_such_a_visit_bear_no_place",),
    ),
    Plant(
        "card_tells_again",
        "An entry that lost its place on its card bears it when its author enters it anew.",
        "server.domain.whereabouts:allowed_fields",
        "if (VISIT, visit_id) in state.forgotten:",
        "if (VISIT, visit_id) in state.forgotten and state.open_items:",
        (f"{LATE}test_a_card_that_is_closed_already_gives_no_place_to_a_phone_that_held_it",),
    ),
    Plant(
        "closed_card_tells_again",
        "The server remembers no entry that lost its place once its card is closed.",
        "server.domain.retention:noted",
        "found.lost.update(lost(before, record))",
        "found.lost.clear()",
        (f"{LATE}test_a_card_that_went_up_gives_its_holder_no_place_of_an_erased_user",),
    ),
    Plant(
        "younger_bytes_tell",
        "An entry that is carried out later bears the place that its card has lost.",
        "server.domain.whereabouts:_lost",
        "if state.again_of else None",
        "if False else None",
        (f"{LATE}test_an_entry_that_is_carried_out_later_bears_no_more_than_its_card",),
    ),
    Plant(
        "late_correction_waits",
        "A correction of an old visit bears a place until the next turn of the job.",
        "server.domain.whereabouts:as_forgotten",
        "is_old = first is not None and",
        "is_old = first is None and",
        (f"{LATE}test_a_correction_of_a_visit_that_is_old_already_is_blank_on_arrival",),
    ),
    Plant(
        "upload_tells_of_the_erased",
        "The last upload of a wiped phone is kept though it is about an erased person.",
        "server.services.devices:quarantine",
        "NOTHING if erased.speaks_of(",
        "NOTHING if not erased.speaks_of(",
        (f"{LATE}test_the_last_upload_of_a_wiped_phone_brings_nobody_back",),
    ),
    Plant(
        "correction_counts_alone",
        "The days of a correction count from its own arrival.",
        "server.domain.retention:_since_ms",
        "return min(int(",
        "return max(int(",
        (f"{HISTORIES}test_a_correction_counts_from_the_visit_that_it_corrects",),
    ),
    Plant(
        "restored_places",
        "A restored database serves places that are due.",
        "server.services.restore:restore",
        "    forget_all(conn, now_ms)\n",
        "",
        (f"{HISTORIES}test_a_restore_deletes_what_is_due_before_anybody_is_served",),
    ),
)
