"""Planted bugs of what the desk lists, enters and tells to do: lists with filters, customers and contacts, instructions."""

from typing import Final

from tests.prove.planting import Plant

LISTS: Final = (
    Plant(
        "filter_ignored",
        "A list shows what its filters leave out.",
        "server.services.records:_page",
        "[table.c[slot] == value for slot, value in part.chosen.items()]",
        "[]",
        ("integration/test_lists.py::test_a_filter_by_an_id[sqlite]",),
    ),
    Plant(
        "list_for_all",
        "Whoever is signed in lists what is the admin's.",
        "server.services.records:desk_list",
        "actors.with_role(conn, claims, now_ms, listing.roles)",
        "load_actor(conn, claims, now_ms)",
        ("integration/test_lists.py::test_a_list_is_for_its_roles[sqlite]",),
    ),
    Plant(
        "newest_page_repeats",
        "A page of the newest records begins with the last one of the page before.",
        "server.services.records:_page",
        "place < (part.after.value, part.after.id)",
        "place <= (part.after.value, part.after.id)",
        ("integration/test_pages.py::test_pages_are_the_list_cut_in_pieces[sqlite-server.services.records-_newest]",),
    ),
)
CUSTOMERS: Final = (
    Plant(
        "desk_overwrites",
        "The desk is told that all is well where its change waits on a card.",
        "server.domain.desk:_enter",
        "if card is not None:",
        "if card is None and done.item_id is not None:",
        ("integration/test_desk_customers.py::test_nobody_overwrites_an_unseen_value[sqlite]",),
    ),
    Plant(
        "desk_makes_unjudged",
        "What the desk makes keeps to no rule.",
        "server.domain.desk:_judge_new",
        "        RULES.guard(state, entity, record)\n",
        "",
        ("integration/test_desk_customers.py::test_who_enters_for_whom[sqlite]",),
    ),
    Plant(
        "desk_makes_untold",
        "The history of a customer does not say who entered it at the desk.",
        "server.domain.desk:_judge_new",
        "state.changes.append(",
        "print(",
        ("integration/test_desk_customers.py::test_a_customer_is_entered_for_its_owner[sqlite]",),
    ),
    Plant(
        "manager_changes_all",
        "A manager changes every customer at the desk.",
        "server.domain.access:at_desk",
        "if actor.role is Role.admin:",
        "if actor.role in (Role.admin, Role.manager):",
        ("integration/test_desk_customers.py::test_who_changes_which_customer[sqlite]",),
    ),
    Plant(
        "card_stays_behind",
        "The card of a pooled customer shows the name that the desk has changed.",
        "server.domain.customers:follow",
        "return followed(state, customer) if customer is not None else ()",
        "return ()",
        ("integration/test_desk_customers.py::test_who_changes_which_customer[sqlite]",),
    ),
    Plant(
        "import_overwrites_the_desk",
        "An import replaces what a manager entered at the desk.",
        "server.domain.imports.settle:_change",
        "if known.stamp(group)[1:] == AUTHOR:",
        "if not known.stamp(group).line_no:",
        ("integration/test_imports.py::test_an_import_replaces_only_what_an_import_wrote_last[sqlite]",),
    ),
    Plant(
        "desk_adds_again",
        "The desk adds an element once more each time when it asks again.",
        "sync.sets:changed",
        "standing = set() if tag[0] else ",
        "standing = set() if True else ",
        ("integration/test_desk_customers.py::test_the_desk_adds_what_stands_already_as_no_change[sqlite]",),
    ),
    Plant(
        "base_of_tomorrow",
        "The desk overwrites each value that it has not seen, by a base that no record has reached.",
        "server.domain.desk:_enter",
        "    _refuse_unissued(step)\n",
        "",
        ("integration/test_desk_customers.py::test_a_base_above_the_record_is_no_base[sqlite]",),
    ),
    Plant(
        "changed_since_is_other",
        "A request of the desk that is repeated is refused because a rep worked on the record meanwhile.",
        "server.domain.customers:_is_made_of",
        " if entity.group_of.get(slot, slot) not in known.stamps}",
        "}",
        ("integration/test_desk_customers.py::test_what_was_changed_since_is_no_other_content[sqlite]",),
    ),
    Plant(
        "deletion_told_to_strangers",
        "A manager hears that a contact of somebody else's customer was deleted.",
        "server.domain.customers:_stands",
        "state.tombstones.keys() - hidden_at_desk(actor, state)",
        "state.tombstones",
        ("integration/test_desk_customers.py::test_who_hears_that_a_contact_was_deleted[sqlite]",),
    ),
)
INSTRUCTIONS: Final = (
    Plant(
        "instruction_falls",
        "An instruction that is done is only started again, when the answers come in another order.",
        "server.domain.instructions:_answered",
        "after.state <= known.state",
        "after.state == known.state",
        ("integration/test_instructions.py::test_the_state_only_rises[sqlite-1]",),
    ),
    Plant(
        "author_answers",
        "The author of an instruction answers it in the rep's place.",
        "server.domain.instructions:_answered",
        "if actor.user_id != known.rep_id:",
        "if actor.user_id not in (known.rep_id, known.author_id):",
        ("integration/test_instructions.py::test_only_the_rep_answers[sqlite]",),
    ),
    Plant(
        "instruction_to_anybody",
        "A manager gives instructions to the reps of others.",
        "server.domain.instructions:give",
        '    may_hold(actor, state, asked.rep_id, "rep_id")\n',
        "",
        ("integration/test_instructions.py::test_who_gives_an_instruction_to_whom[sqlite-nia-cy-told5]",),
    ),
    Plant(
        "visit_of_others",
        "An instruction is done by the visit of somebody else.",
        "server.domain.instructions:_its_visit",
        "visit.author_id != actor.user_id or ",
        "",
        ("integration/test_instructions.py::test_the_visit_by_which_it_was_done[sqlite]",),
    ),
    Plant(
        "each_answer_told",
        "The author hears of every step of the rep.",
        "server.domain.instructions:_begun",
        "heard if known.state == InstructionState.sent else None",
        "heard",
        ("integration/test_instructions.py::test_what_the_author_hears[sqlite]",),
    ),
)
PLANTS: Final = (*LISTS, *CUSTOMERS, *INSTRUCTIONS)
