"""What may happen in a history, and how often. A new action joins by standing here: a function that says whether it did anything."""

from collections.abc import Callable
from typing import Final

from tests.prove import entries, faults, moves
from tests.prove.handset import Handset
from tests.prove.history import History

Action = Callable[[History, Handset], bool]
ACTIONS: Final[tuple[Action, ...]] = (
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
    *[entries.use_mine] * 4,
    *[entries.edit_mine] * 3,
    entries.keep_theirs,
    entries.dismiss,
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
    faults.lose_phone,
    *[faults.backup_server] * 2,
    *[faults.restore_server] * 3,
    faults.forge,
    faults.poison,
    faults.foreign_cursor,
    *[moves.transfer] * 3,
    *[moves.collaborate] * 3,
    *[moves.part] * 2,
    moves.revoke_and_grant,
    moves.regroup,
    *[moves.purge_removals] * 2,
)
BY_ACTION: Final = {act.__name__: act for act in ACTIONS}
NAMES: Final = tuple(act.__name__ for act in ACTIONS)
