"""Planted bugs of the archive: who archives, what stays behind, what moves it besides, and how it comes back."""

from typing import Final

from tests.prove.planting import Plant

OF: Final = "integration/test_archive.py::"
PLANTS: Final = (
    Plant(
        "archived_keeps_its_followers",
        "The collaborators of an archived customer keep it.",
        "server.domain.archive:archive",
        "    pools.end_collaborations(state, standing.id)\n",
        "",
        (f"{OF}test_it_leaves_every_phone_and_its_followers_are_told[sqlite]",),
    ),
    Plant(
        "archived_without_a_word",
        "A customer is archived without a reason.",
        "server.domain.archive:archive",
        "if not asked.reason.strip():",
        "if False:",
        (f"{OF}test_a_reason_and_the_epoch_on_the_screen[sqlite]",),
    ),
    Plant(
        "archived_card_stays",
        "The card of a customer that was archived out of a pool stays in its tile.",
        "server.domain.archive:archive",
        "if known is not None and known.pooled else (kept, made)",
        "if known is not None and not known.pooled else (kept, made)",
        (f"{OF}test_one_in_a_pool_leaves_its_tile_and_nobody_claims_it[sqlite]",),
    ),
    Plant(
        "archive_of_everybody",
        "Every manager brings back what any manager archived.",
        "server.domain.ownership:_disposes",
        "return any(user_id is not None and _leads(actor, state, user_id) for user_id in users)",
        "return bool(users)",
        (f"{OF}test_who_archives_and_who_brings_back[sqlite]",),
    ),
    Plant(
        "archived_and_transferred",
        "A transfer from an old screen brings an archived customer back.",
        "server.domain.ownership:require_in_work",
        "if is_archived(standing):",
        "if False:",
        (f"{OF}test_nothing_but_the_archive_moves_it[sqlite]",),
    ),
    Plant(
        "contest_out_of_the_archive",
        "A contest gives an archived customer back.",
        "server.domain.contests:_given_back",
        "    ownership.require_in_work(standing)\n",
        "",
        (f"{OF}test_a_contest_of_an_archived_customer_gives_nothing_back[sqlite]",),
    ),
    Plant(
        "archived_told_as_owned",
        "Who enters the number of an archived customer is told that it has an owner.",
        "server.domain.duplicates:_tell_author",
        "if is_archived(first):",
        "if False:",
        (f"{OF}test_the_number_of_an_archived_customer_exists[sqlite]",),
    ),
    Plant(
        "decided_out_of_the_archive",
        "A decision about duplicates moves a customer because the other one is archived.",
        "server.domain.duplicates:_joined",
        "    if is_archived(first) or is_archived(second):\n        return ()\n",
        "",
        (f"{OF}test_the_number_of_an_archived_customer_exists[sqlite]",),
    ),
    Plant(
        "back_and_still_archived",
        "A customer that came back is still listed as archived.",
        "server.domain.archive:unarchive",
        "state=ArchivalState.back, ",
        "",
        (f"{OF}test_back_into_a_pool[sqlite]",),
    ),
    Plant(
        "back_from_an_old_screen",
        "A customer is brought back from a screen of before.",
        "server.domain.ownership:same_epoch",
        "if epoch is not None and epoch != standing.epoch:",
        "if False:",
        (f"{OF}test_to_whom_and_from_which_screen_it_comes_back[sqlite]",),
    ),
    Plant(
        "archived_again",
        "A customer that is archived is archived once more.",
        "server.domain.archive:archive",
        "    if is_archived(standing):\n        return ()\n",
        "",
        (f"{OF}test_it_leaves_every_phone_and_its_followers_are_told[sqlite]",),
    ),
    Plant(
        "archive_notice_stays",
        "The notice of an archived customer stays open when the customer is back.",
        "server.domain.notice_ends:is_back",
        "record.owner_id is not None or record.pool_id is not None",
        "False",
        (f"{OF}test_back_into_a_pool[sqlite]",),
    ),
)
