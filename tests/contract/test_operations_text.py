"""docs/operations.md says what can be set, and its way back from a backup loses nothing that phones had."""

import re
import shutil
import sqlite3
from pathlib import Path
from typing import Final

import msgspec

from mobile_api.routes import HANDLERS
from server.database import open_database
from server.settings import Settings
from tests.contract.documents import DOCS, codes, table
from tests.world import World

TEXT: Final = (DOCS / "operations.md").read_text("utf-8")


def test_the_settings_table_is_the_struct() -> None:
    said = [(codes(name)[0], codes(default)[0]) for name, default, _ in table(TEXT, "## Settings")]
    assert said == [(field.name, str(field.default)) for field in msgspec.structs.fields(Settings)]


def test_every_address_named_is_served() -> None:
    routes = {re.sub(r"\{[^}]*\}", "{}", address) for handler in HANDLERS for address in handler.paths}
    named = {re.sub(r"\{[^}]*\}", "{}", address) for address in re.findall(r"`(?:GET|POST) (/[^`]*)`", TEXT)}
    assert named
    assert named <= routes, named - routes


async def test_the_way_back_from_a_backup_loses_nothing_that_phones_had(sqlite_template: Path, tmp_path: Path) -> None:
    """P-314, P-315, P-205, P-605: the statement of the text makes every phone begin anew and send again what the backup does not know."""
    live, backup = tmp_path / "live.db", tmp_path / "backup.db"
    shutil.copy(sqlite_template, live)
    database = open_database(f"sqlite:///{live}")
    world = await World(database).open()
    ann = await world.phone(await world.user("ann"))
    kept = ann.create("customer", name="Before")
    await ann.sync()
    copied(live, backup)
    ann.patch("customer", kept, phone="after the backup")
    late = ann.create("customer", name="After")
    await ann.sync()
    await database.close()
    restored(backup, live)
    world.database = open_database(f"sqlite:///{live}")
    other = await world.phone(ann.user_id)
    for number in range(5):
        other.create("customer", name=f"passes the position that ann's phone holds {number}")
    await other.sync()
    await ann.sync()
    await ann.sync()
    assert (ann.customer(kept).phone, ann.customer(late).name) == ("after the backup", "After")
    fresh = await world.phone(ann.user_id)
    await fresh.sync()
    assert fresh.holds() == ann.holds()
    await world.database.close()


def copied(source: Path, target: Path) -> None:
    """What `sqlite3 … .backup` does."""
    with sqlite3.connect(source) as here, sqlite3.connect(target) as there:
        here.backup(there)


def restored(backup: Path, live: Path) -> None:
    for left in live.parent.glob("live.db*"):
        left.unlink()
    shutil.copy(backup, live)
    statement = re.search(r"```sql\n(UPDATE org .*?)\n```", TEXT)
    assert statement is not None
    with sqlite3.connect(live) as conn:
        conn.execute(statement[1])
