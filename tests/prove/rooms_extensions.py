"""Planted bugs of locks and more time: who releases, who asks, what a decision writes, and what a move ends."""

from typing import Final

from tests.prove.planting import Plant

OF: Final = "integration/test_extensions.py::"
PLANTS: Final = (
    Plant(
        "waited_without_people",
        "An entry that waited is judged without those above its author: no manager hears of a request for more time.",
        "server.services.returns:load_waiting",
        "        loader.load_people()\n",
        "        pass\n",
        ("integration/test_extensions.py::test_a_request_that_waited_for_its_customer_reaches_the_manager",),
    ),
    Plant(
        "locked_released",
        "A rep releases a customer that is locked.",
        "server.domain.pools:release",
        "if actor.role is Role.rep and (standing.locked_until_ms or 0) > entered.moment.now_ms:",
        "if False:",
        (f"{OF}test_a_rep_releases_no_locked_customer_and_a_manager_does[sqlite]",),
    ),
    Plant(
        "lock_moves_along",
        "A lock and an extension stay with a customer that went to somebody else.",
        "server.domain.pools:left_by_owner",
        '    ended = msgspec.structs.replace(standing, locked_until_ms=None, lock_reason="", extended_until_ms=None)\n',
        "    ended = standing\n",
        (f"{OF}test_a_lock_and_an_extension_end_with_the_ownership[sqlite]",),
    ),
    Plant(
        "two_wait",
        "A rep asks for more time again and again.",
        "server.domain.extensions:complete",
        "one.state is ExtensionState.asked and one.id != asked.id",
        "False",
        (f"{OF}test_only_the_owner_asks_and_only_once_at_a_time[sqlite]",),
    ),
    Plant(
        "collaborator_asks",
        "A collaborator asks for more time with the customer of another user.",
        "server.domain.extensions:complete",
        "standing is None or standing.owner_id != actor.user_id",
        "standing is None",
        (f"{OF}test_only_the_owner_asks_and_only_once_at_a_time[sqlite]",),
    ),
    Plant(
        "extension_shortened",
        "A shorter extension takes time back that was granted before.",
        "server.domain.extensions:decide",
        "max(standing.extended_until_ms or 0, moment_ms(day, 0, time_zone(state)))",
        "moment_ms(day, 0, time_zone(state))",
        (f"{OF}test_an_extension_only_becomes_longer[sqlite]",),
    ),
    Plant(
        "request_outlives_move",
        "A request waits although its author no longer owns the customer.",
        "server.domain.extensions:follow",
        "known.state is not ExtensionState.asked or standing is None",
        "True or standing is None",
        (f"{OF}test_a_request_lapses_when_the_customer_goes[sqlite]",),
    ),
    Plant(
        "lock_without_end",
        "A lock may end in ten years.",
        "server.domain.locks:judge_day",
        "today < day <= today + days_max",
        "today < day",
        (f"{OF}test_a_lock_has_an_end_ahead_and_capped[sqlite]",),
    ),
)
