"""Planted bugs of the reference phone: its file, its transport and its session."""

from typing import Final

from tests.prove.planting import Plant

PLANTS: Final = (
    Plant(
        "half_an_operation",
        "An operation of the phone that failed in the middle leaves its first half.",
        "mobile_api.phone.file:FileShelf.transaction",
        'self._run("ROLLBACK")',
        'self._run("COMMIT")',
        ("unit/test_phone_file.py::test_a_failed_operation_leaves_nothing",),
    ),
    Plant(
        "anybody_reads_the_file",
        "Every user of the machine reads the phone's file.",
        "mobile_api.phone.file:FileShelf._prepare",
        "path.chmod(0o600)",
        "path.chmod(0o644)",
        ("unit/test_phone_file.py::test_only_its_owner_reads_the_file_and_its_log",),
    ),
    Plant(
        "traces_on_the_disk",
        "A wiped phone still holds in its file what it forgot.",
        "mobile_api.phone.file:FileShelf.wipe",
        '        self._run("VACUUM")\n',
        "",
        ("unit/test_phone_file.py::test_a_wiped_file_holds_no_byte_of_what_it_knew",),
    ),
    Plant(
        "entries_survive_the_wipe",
        "A wiped phone keeps what waits in its queue.",
        "mobile_api.phone.file:",
        '("row", "hold", "scope", "pending", "note")',
        '("row", "hold", "scope", "note")',
        ("unit/test_phone_file.py::test_a_wiped_file_holds_no_byte_of_what_it_knew",),
    ),
    Plant(
        "newer_file_opened",
        "A file that a newer app wrote is opened by an older one.",
        "mobile_api.phone.file:FileShelf._written",
        "if owner == _APPLICATION_ID and version != VERSION:",
        "if owner == _APPLICATION_ID and version < VERSION:",
        ("unit/test_phone_file.py::test_a_foreign_or_newer_file_is_refused_and_untouched",),
    ),
    Plant(
        "sweep_of_today",
        "A scope that begins anew loses on the file what it has just named.",
        "mobile_api.phone.file:FileShelf.sweep",
        "generation < ?",
        "generation <= ?",
        ("unit/test_device.py::test_a_sweep_lets_go_of_older_generations_only",),
    ),
    Plant(
        "released_with_the_first",
        "A record leaves the file with the first scope that lets it go.",
        "mobile_api.phone.file:FileShelf.release",
        'self._run("SELECT 1 FROM hold WHERE entity = ? AND id = ? LIMIT 1", key).fetchone() is None',
        "True",
        ("unit/test_device.py::test_a_record_is_held_by_each_scope_that_names_it",),
    ),
    Plant(
        "queue_in_any_order",
        "What waits in the file is sent in the order in which it lies there.",
        "mobile_api.phone.file:FileShelf.pendings",
        "FROM pending ORDER BY n",
        "FROM pending ORDER BY body DESC",
        ("unit/test_device.py::test_rows_and_entries_come_in_order",),
    ),
    Plant(
        "waits_for_ever",
        "A phone waits as long as any server says.",
        "mobile_api.phone.transport:_wait_s",
        " or int(asked) > WAIT_S_MAX:",
        ":",
        ("unit/test_transport.py::test_patience_ends",),
    ),
    Plant(
        "file_of_two_users",
        "A second user signs in on the file of the first.",
        "mobile_api.phone.session:Session._refuse_stranger",
        "if seat.user_id and (seat.org_id, seat.user_id) != (tokens.org_id, tokens.user_id):",
        "if seat.user_id and seat.org_id != tokens.org_id:",
        ("integration/test_phone.py::test_a_file_belongs_to_one_user",),
    ),
)
