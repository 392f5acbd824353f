"""Planted bugs of erasing persons: each leaves the person in one place, or lets the person come back."""

from typing import Final

from tests.prove.planting import Plant

OF: Final = "integration/test_erasure.py::"
CANARY: Final = (f"{OF}test_no_canary_is_left_in_any_table_nor_on_any_phone[sqlite]",)
USERS: Final = "integration/test_erasure_users.py::"
LATER: Final = (f"{OF}test_what_an_offline_phone_enters_later_about_an_erased_contact_never_returns[sqlite]",)
PLANTS: Final = (
    Plant(
        "scrub_tried_once",
        "Files that could not be scrubbed once are never scrubbed again.",
        "server.jobs.scrub:scrub",
        "        return False\n",
        "        await database.write(owed.settle, marks)\n        return False\n",
        ("integration/test_scrub.py::test_a_reader_that_holds_the_log_only_delays_it",),
    ),
    Plant(
        "samples_tell",
        "PostgreSQL's samples of values still tell who was erased.",
        "server.database.postgres:Postgres.scrub",
        "SKIP_LOCKED, ANALYZE",
        "SKIP_LOCKED",
        ("integration/test_postgres_files.py::test_no_column_no_sample_and_after_a_rewrite_no_file_tells",),
        "postgres",
    ),
    Plant(
        "locked_table_is_passed_over",
        "A table that somebody locks while the database is scrubbed is never scrubbed.",
        "server.database.postgres:Postgres.scrub",
        "return PASSED_OVER not in told",
        "return True",
        ("integration/test_scrub.py::test_a_table_that_somebody_locks_only_delays_it",),
        "postgres",
    ),
    Plant(
        "operator_reaches_no_contact",
        "The operator at the machine erases no contact, for the operator holds no customer.",
        "server.services.act:operate",
        "actors.reaching(conn, Actor(org_id, NOBODY, 0, Role.admin), verb.route)",
        "Actor(org_id, NOBODY, 0, Role.admin)",
        ("integration/test_person_command.py::test_a_contact_is_erased_by_the_name_as_it_stands[sqlite]",),
    ),
    Plant(
        "erased_history_stays",
        "The history of an erased contact keeps its values.",
        "server.store.erasures:_history",
        "conn.execute(sa.update(change).where(*mine).values(before=EMPTY, after=EMPTY))",
        "conn.execute(sa.update(change).where(*mine).values(before=EMPTY))",
        CANARY,
    ),
    Plant(
        "erased_kept_bytes_stay",
        "Entries about an erased contact that are kept as they came keep their body.",
        "server.store.erasures:_kept",
        "if kept != raw:",
        "if False:",
        CANARY,
    ),
    Plant(
        "erased_former_name_stays",
        "The name that an erased contact bore before stays in notes of others.",
        "server.store.erasures:_words",
        "    for row in mentions.history(",
        "    for row in () and mentions.history(",
        CANARY,
    ),
    Plant(
        "erased_notice_stays",
        "A notice about an erased contact keeps its facts.",
        "server.store.erasures:_silent",
        "    if not isinstance(record, Notification) or",
        "    if True or",
        CANARY,
    ),
    Plant(
        "erased_returns_on_a_card",
        "The card of a later entry about an erased contact bears what was entered.",
        "sync.erasing:known_members",
        "hidden(one) if (one.entity, one.id) in erased else one",
        "one",
        LATER,
    ),
    Plant(
        "erased_returns_as_kept_bytes",
        "The bytes of a later entry about an erased contact are kept whole.",
        "server.services.sync_push:_bytes_of",
        "emptied(sent.mutation) if about_erased and sent.mutation is not None else state.payloads",
        "state.payloads",
        LATER,
    ),
    Plant(
        "erased_place_stays_above",
        "A card that went up from an erased user keeps where the user was.",
        "server.store.erased_places:_cards",
        "        first = table.c.origin_id.in_(sorted(new))\n",
        "        break\n",
        (f"{USERS}test_nothing_tells_who_the_user_was_nor_where[sqlite]",),
    ),
    Plant(
        "erased_name_stays_in_notices",
        "Notices of others keep the name of an erased user.",
        "server.store.erased_users:_notices",
        "facts = {key: FORMER if value in names else value for key, value in held.record.facts.items()}",
        "facts = held.record.facts",
        (f"{USERS}test_nothing_tells_who_the_user_was_nor_where[sqlite]",),
    ),
    Plant(
        "erased_contact_is_sent_again",
        "A contact that was erased after the backup is made again by the phone that sends it once more.",
        "server.services.erase_again:_erased",
        "erasures.forbid(conn, acting, (entity.number, person_id), state.next_rev(), now_ms)",
        "pass",
        (f"{USERS}test_a_restore_brings_no_erased_user_back[sqlite]",),
    ),
    Plant(
        "erased_words_return_by_a_fact",
        "A fact that is sent once more is refused because a word of it was masked, and its card bears the word.",
        "sync.masked:same",
        "    return re.fullmatch(",
        "    return False and re.fullmatch(",
        (f"{USERS}test_a_fact_that_is_sent_once_more_is_the_masked_one[sqlite]",),
    ),
)
