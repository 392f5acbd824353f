"""What may happen in a history, and how often: the actions of the core stand here, those of nouns in `tests/features`."""

import random
from typing import Final

from tests.features import PROOFS
from tests.prove import deletions, elements, entries, faults, moves, restored
from tests.prove.history import Step, steps_of
from tests.prove.proof import Action

NOUNS_OF_A_CAST: Final = 3
CAST: Final = 0xCA57
CORE: Final[tuple[Action, ...]] = (
    *[entries.create_customer] * 3,
    *[entries.create_child] * 6,
    *[entries.create_quote] * 3,
    entries.add_line,
    *[entries.patch] * 14,
    *[entries.patch_group] * 2,
    entries.repeat_create,
    *[entries.edit_after_outcome] * 2,
    *[entries.edit_over_own] * 2,
    entries.refused,
    *[entries.delete] * 4,
    *[entries.submit] * 2,
    *[entries.undo] * 2,
    *[deletions.restore] * 3,
    *[entries.use_mine] * 4,
    *[entries.edit_mine] * 3,
    entries.keep_theirs,
    entries.dismiss,
    *[entries.send_up] * 5,
    *[faults.sync] * 16,
    *[faults.small_page] * 2,
    *[faults.send] * 5,
    *[faults.reach] * 5,
    *[faults.hear] * 4,
    faults.lose_request,
    *[faults.lose_answer] * 3,
    *[faults.duplicate_request] * 2,
    faults.cut_request,
    faults.cut_answer,
    faults.crash_before_commit,
    faults.crash_after_commit,
    *[faults.kill_phone] * 2,
    faults.clock,
    *[faults.copy_phone] * 2,
    *[faults.restore_phone] * 3,
    faults.fork_phone,
    faults.lose_phone,
    *[faults.backup_server] * 2,
    *[restored.restore_server] * 3,
    faults.forge,
    faults.poison,
    faults.foreign_cursor,
    *[elements.add_element] * 4,
    *[elements.remove_element] * 3,
    elements.undo_element,
    moves.months_pass,
    *[moves.transfer] * 3,
    *[moves.collaborate] * 3,
    *[moves.part] * 2,
    *[moves.expire] * 2,
    moves.hand_over,
    moves.revoke_and_grant,
    *[moves.regroup] * 3,
    *[moves.purge_removals] * 2,
)
BY_ACTION: Final = {act.__name__: act for act in (*CORE, *(act for proof in PROOFS.values() for act in proof.actions))}


def course(seed: int) -> list[Step]:
    """What happens in the history of a seed, drawn from its cast."""
    return steps_of(seed, [act.__name__ for act in cast(seed)])


def cast(seed: int) -> list[Action]:
    """The actions of the core, and those of a few nouns: however many nouns there are, the core's happen as often."""
    drawn = [noun for noun in sorted(PROOFS) if PROOFS[noun].actions and not PROOFS[noun].always]
    nouns = [noun for noun in sorted(PROOFS) if PROOFS[noun].always]
    nouns += random.Random(seed ^ CAST).sample(drawn, min(NOUNS_OF_A_CAST, len(drawn)))
    return [*CORE, *(act for noun in nouns for act, often in PROOFS[noun].actions.items() for _ in range(often))]
