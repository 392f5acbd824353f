"""The 46 invariants in plain words: what proves each, and which planted bug turns it red. `docs/proof.md` prints this table."""

from typing import Final

from msgspec import Struct

SCOPES: Final = "tests/integration/test_sync_scopes.py"
FEED: Final = "tests/integration/test_sync_feed.py"
RESET: Final = "tests/integration/test_sync_reset.py"
REPLAY: Final = "tests/integration/test_sync_replay.py"
VERSIONS: Final = "tests/integration/test_versions.py"


class Promise(Struct, frozen=True):
    """`proofs`: an invariant of the simulator, a proof, or a test · `plants`: planted bugs by name, or a test that plants its own."""

    number: int
    words: str
    proofs: tuple[str, ...]
    plants: tuple[str, ...]


PROMISES: Final = (
    Promise(
        1,
        "Every change that was saved before a phone asked reaches it, in that chain of answers or an earlier one",
        ("14 exactly the scopes' rows", f"{FEED}::test_sixteen_writers_and_readers_lose_nothing"),
        ("tombstone_dropped", "page_off_by_one", f"{FEED}::test_a_database_sequence_loses_rows_on_postgresql"),
    ),
    Promise(
        2,
        "Within a scope, the order of numbers is the order in which changes were saved",
        (f"{FEED}::test_sixteen_writers_and_readers_lose_nothing",),
        ("head_by_one", f"{FEED}::test_a_clock_loses_rows_on_both"),
    ),
    Promise(
        3,
        "A phone that shows any old position again ends at the same state",
        ("3 any old cursor converges",),
        ("tombstone_dropped", "floor_ignored"),
    ),
    Promise(4, "A phone stands only where the server put it, with the rows up to there", ("4 issued cursors",), ("cursor_kept",)),
    Promise(
        5, "Lost, doubled, cut, repeated and late answers change nothing", ("5 late answers change nothing",), ("late_answer_applied",)
    ),
    Promise(6, "Any page size leads to the same end", ("14 exactly the scopes' rows", "page: any size"), ("page_off_by_one",)),
    Promise(
        7,
        "A first sync that was interrupted goes on, and ends while others write",
        (
            f"{FEED}::test_an_interrupted_first_sync_resumes_while_writers_write",
            "tests/integration/test_bad_line.py::test_a_first_sync_gets_through_a_bad_line_while_others_write_and_the_phone_is_killed",
        ),
        ("nothing_sent_again", "cursor_without_base"),
    ),
    Promise(
        8,
        "A phone that missed a removal begins anew; one that did not does not",
        ("8 stale cursors reset",),
        ("floor_ignored", "cursor_without_base"),
    ),
    Promise(
        9,
        "A position of another phone, another user, another history or the future counts as none",
        ("9 void cursors reset",),
        ("foreign_cursor_taken",),
    ),
    Promise(
        10,
        "An answer that says it is complete is one moment of the server, cut to the records that the user may see",
        ("10 consistent = snapshot",),
        ("consistent_too_early",),
    ),
    Promise(
        11,
        "An older state of a record never replaces a newer one",
        ("11 older bodies never overwrite", "device: rows and scopes"),
        ("older_body_taken",),
    ),
    Promise(
        12,
        "Every writer's change reaches the phones: pushes, managers, imports, jobs",
        ("14 exactly the scopes' rows", f"{SCOPES}::test_the_planted_bypass_is_seen"),
        ("deletions_unfed", f"{SCOPES}::test_the_planted_bypass_is_seen"),
    ),
    Promise(
        13,
        "A long transaction of somebody else delays nothing",
        ("tests/integration/test_long_transaction.py::test_a_long_transaction_elsewhere_delays_nothing",),
        ("tests/integration/test_long_transaction.py::test_a_long_transaction_elsewhere_delays_nothing",),
    ),
    Promise(
        14,
        "At rest a phone holds exactly what its user may see: nothing missing, no ghost, nothing stale",
        ("14 exactly the scopes' rows",),
        ("tombstone_dropped", "drop_ignored", "sweep_forgotten"),
    ),
    Promise(
        15,
        "A record leaves a phone only when the last reason to hold it is gone",
        ("14 exactly the scopes' rows", f"{SCOPES}::test_a_record_leaves_a_manager_only_with_its_last_scope"),
        ("removed_by_one_scope",),
    ),
    Promise(
        16,
        "A customer moves with everything that hangs on it, also while somebody adds to it; of many users who claim it one gets it",
        (
            "16 the whole family",
            "16 one winner",
            "16 losers have lost",
            "16 the history tells who has it",
            f"{SCOPES}::test_no_child_is_left_beside_a_running_transfer",
        ),
        ("child_left_behind", "children_left_behind", "child_beside_transfer", "last_claim_wins", "claim_of_any_epoch"),
    ),
    Promise(17, "A user who gains a customer gets its old records too", ("17 a grant delivers old rows",), ("scope_joined_at_head",)),
    Promise(
        18,
        "A customer that is taken away and given back between two syncs stays as if nothing had happened",
        (f"{SCOPES}::test_revoke_and_grant_between_two_pulls_is_nothing", "14 exactly the scopes' rows"),
        ("grant_after_revoke_untold",),
    ),
    Promise(
        19,
        "No answer, card, error or repeated answer shows a value that the user may not see",
        (
            "19 nothing foreign",
            "19 nothing unmasked",
            "19 cards of pooled customers",
            f"{SCOPES}::test_no_byte_of_a_foreign_customer_is_sent",
            f"{SCOPES}::test_a_replay_after_the_loss_tells_nothing_new",
        ),
        (
            "card_shows_anything",
            "other_tenants_fed",
            "unmasked_card",
            "card_unmasked",
            "mask_of_new_cards_alone",
            "card_stays",
            "card_tells_that_it_came",
            "tile_tells_why",
        ),
    ),
    Promise(
        20,
        "The rights of a user are asked anew in every request",
        (f"{SCOPES}::test_a_revoked_or_demoted_user_is_judged_at_once", "14 exactly the scopes' rows"),
        ("scopes_remembered",),
    ),
    Promise(
        21,
        "Each entry of a phone counts exactly once, on any connection and any process",
        ("21 exactly once", "tests/integration/test_races.py::test_the_same_request_twice_at_once_is_one_request", "crash"),
        ("dedupe_off", "plant: dedupe outside the transaction"),
    ),
    Promise(
        22,
        "Asked again, the server gives its first answer, byte for byte",
        ("22 first answer", "crash"),
        ("outcomes_dropped", "outcomes_forgotten"),
    ),
    Promise(23, "Another entry under a number already used is never acknowledged", ("23 forked",), ("hash_ignored",)),
    Promise(
        24,
        "An entry and the note that it was taken are saved together or not at all",
        ("crash", f"{REPLAY}::test_effects_and_last_n_stand_or_fall_together"),
        ("plant: dedupe outside the transaction", "plant: outcomes in a second transaction"),
    ),
    Promise(
        25,
        "Entries that were made together stand or wait together, are never cut, and block no others",
        ("25 whole groups",),
        ("group_split", "group_cut_by_request"),
    ),
    Promise(
        26,
        "An entry that cannot be understood is taken alone, told, and kept",
        ("26 poison is consumed",),
        ("poison_waits", "payloads_dropped"),
    ),
    Promise(27, "Entries of a phone are taken in the order in which they were made", ("27 device order",), ("order_reversed",)),
    Promise(
        28,
        "An acknowledged entry survives a killed process anywhere",
        ("28 no entry lost", "crash"),
        ("plant: answered before the commit", "base_raised_by_rebase"),
    ),
    Promise(
        29,
        "The right to an entry is judged when the entry arrives, not when it was made",
        (
            "29 authorised at apply",
            "29 a consent is the person's own",
            "29 a deleted place stays deleted",
        ),
        ("authorised_when_queued", "former_forgotten"),
    ),
    Promise(
        30,
        "Changes of different parts of a record both stand",
        (
            "32 own chains",
            "merge: different groups commute",
            "tests/integration/test_sync_merge.py::test_other_groups_and_custom_fields_survive_each_other",
        ),
        ("conflict_by_record",),
    ),
    Promise(
        31,
        "Every value stands, or was replaced by somebody who had it on screen, or waits in an inbox",
        ("31 every value", "31 late edits stand beside", "31 facts stand as told"),
        (
            *("silent_winner", "base_from_outcome", "base_raised_by_rebase", "base_not_inherited", "exception_by_user"),
            *("delete_without_base", "late_edits_dropped", "returned_in_vain", "corrected_by_anybody"),
        ),
    ),
    Promise(
        32,
        "One's own edits in a row never conflict, and hide nobody else's",
        ("32 own chains", "31 every value"),
        ("own_edit_conflict", "base_not_inherited"),
    ),
    Promise(
        33,
        "How entries are split over requests changes nothing",
        ("33 batch boundaries", "fold: batch boundaries"),
        ("open_items_forgotten",),
    ),
    Promise(
        34,
        "Sets take additions of all sides, whatever their order; a total of samples is the sum of its entries",
        (
            "34 sets commute",
            "34 ledgers sum",
            "tests/integration/test_sync_sets.py::test_adds_and_removes_of_two_phones_all_stand",
            "tests/integration/test_sync_sets.py::test_a_remove_takes_only_the_tags_it_saw",
        ),
        ("unseen_tags_removed", "late_samples_uncounted", "last_sample_counts"),
    ),
    Promise(
        35,
        "In any order of arrival everybody ends with the same, and the record names the user who decided",
        (
            "merge: different groups commute",
            "fold: no value vanishes",
            "37 flag = card = audit",
            "35 decided quotes stand",
            "35 receipts only rise",
            "35 what rises never falls",
        ),
        ("silent_winner", "history_unwritten", "last_receipt_stands"),
    ),
    Promise(
        36,
        "A clock that is ten years wrong decides nothing",
        ("36 clocks decide nothing", "fold: clocks"),
        ("clock_decides", "clock_yields"),
    ),
    Promise(
        37,
        "The mark on the phone, the list and the audit say the same; so does a card that a manager decides",
        ("37 flag = card = audit", "37 sent up and back", "37 decided above"),
        ("unrecorded_loss", "earlier_dropped", "history_unwritten", "decided_above_alone", "manager_sees_all"),
    ),
    Promise(38, "An undo puts back the value that stood before", ("38 undo restores",), ("undo_without_effect",)),
    Promise(
        39,
        "A deleted record does not come back, however long a phone was away",
        ("39 nothing rises", "39 a restore names the deletion", "14 exactly the scopes' rows"),
        ("resurrection", "live_rows_purged", "live_row_purged", "floor_unmoved"),
    ),
    Promise(
        40, "A phone that begins anew keeps the entries that it has not sent", ("40 a reset keeps the queue",), ("queue_lost_in_reset",)
    ),
    Promise(
        41,
        "After a server was restored, everybody ends alike and sends again the entries that the server forgot",
        (
            "41 after a restore all converge",
            "41 the order of devices does not matter",
            "tests/integration/test_drill.py::test_nothing_that_a_phone_holds_is_lost",
        ),
        (
            "unknown_for_ever",
            "revs_reused",
            "nothing_sent_again",
            "forgotten_line_ignored",
            "void_cursor_confirms",
            "numbers_reused",
            "tests/integration/test_drill.py::test_a_restore_that_does_not_branch_is_seen",
        ),
    ),
    Promise(
        42,
        "An old app empties no field that it does not know",
        (f"{VERSIONS}::test_an_old_app_nulls_nothing_that_it_does_not_know",),
        ("old_app_empties",),
    ),
    Promise(
        43,
        "An app that was updated shows new fields without fetching again",
        (f"{VERSIONS}::test_an_upgraded_app_shows_new_fields_and_new_kinds_of_records_without_fetching_again",),
        ("unknown_slots_cut",),
    ),
    Promise(44, "Two processes, and both databases, give the same answers", ("stack",), ("stamps_forgotten", "counter_unsaved")),
    Promise(
        45,
        "A server that is busy only delays",
        (
            "tests/unit/test_transport.py::test_a_busy_server_is_asked_again_when_it_says",
            "tests/integration/test_storm.py::test_a_storm_of_devices_that_begin_anew_delays_and_loses_nothing",
        ),
        ("no_patience",),
    ),
    Promise(
        46,
        "Asking when nothing is new costs at most 512 bytes",
        ("46 an empty pull is small", f"{FEED}::test_an_empty_pull_is_small_and_reads_no_row"),
        ("empty_pages_sent",),
    ),
)
