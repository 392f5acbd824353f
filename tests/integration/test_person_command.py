"""`outrider person …` and `outrider admin set-visit-days` as an operator types them, and what each says (D-474, D-480 to D-488)."""

import json
import zipfile
from pathlib import Path
from typing import Final

import msgspec
import pytest
import sqlalchemy as sa

from server.database import Database
from server.models import RECORD_TABLES
from server.services import users
from shared_schema.records.reference import Role
from shared_schema.rest import UserRequest
from shared_schema.twin import id_text
from tests.integration.site import beside
from tests.operator import Said, outrider
from tests.world import START_MS, team_of

NAME: Final = "赵敏"
NOWHERE_ID: Final = "0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b"
WHO: Final = ("--organisation", "org1")
DISCLOSE: Final = ("person", "disclose", *WHO)
ERASE: Final = ("person", "erase", *WHO)
DAYS: Final = ("admin", "set-visit-days")


class Machine(msgspec.Struct, frozen=True):
    """The machine with the database of an organisation; `contact`: of a customer, `user_id`: Ann's."""

    url: str
    folder: Path
    contact: str
    user_id: bytes

    def typed(self, *words: str, language: str = "en_GB.UTF-8") -> Said:
        return outrider(self.folder, self.url, *words, more={"LANG": language, "LC_ALL": language})

    def refused(self, *words: str) -> tuple[str, str]:
        """The refusal in English and in Chinese, each one sentence or more on the error stream and nothing beside it."""
        told = [self.typed(*words, language=language) for language in ("en_GB.UTF-8", "zh_CN.UTF-8")]
        assert [(one.returncode, one.stdout) for one in told] == [(1, "")] * 2
        english, chinese = (one.stderr.strip().removeprefix("Error: ") for one in told)
        assert ("Next: " in english, "下一步：" in chinese) == (True, True), (english, chinese)
        return english, chinese

    def stands(self, *, active: bool) -> None:
        """Ann is a user, or has left."""
        asked = UserRequest(id=self.user_id, login="ann", name="Ann", role=Role.rep, active=active)
        beside(self.url, lambda database: database.write(users.put, 1, asked, None, START_MS))

    def names(self) -> set[str]:
        """The names of all users and contacts."""

        def found(conn: sa.Connection) -> set[str]:
            tables = (RECORD_TABLES["person"], RECORD_TABLES["contact"])
            return {name for table in tables for name in conn.execute(sa.select(table.c.name)).scalars()}

        return beside(self.url, lambda database: database.read(found))

    def visit_days(self) -> int:
        column = RECORD_TABLES["organisation"].c.visit_days
        return beside(self.url, lambda database: database.read(lambda conn: int(conn.execute(sa.select(column)).scalar_one())))


@pytest.fixture
def machine(migrated_url: str, tmp_path: Path) -> Machine:
    async def made(database: Database) -> tuple[str, bytes]:
        team = await team_of(database)
        contact_id = team.ann.create("contact", customer_id=team.customer_id, name=NAME, phone="13955550001")
        team.ann.create("contact_log", customer_id=team.customer_id, device_ms=team.world.now_ms, note=f"{NAME} rang")
        await team.ann.sync()
        return id_text(contact_id), team.ann.user_id

    return Machine(migrated_url, tmp_path, *beside(migrated_url, made))


def test_the_days_are_set_and_wrong_ones_change_nothing(machine: Machine) -> None:
    """D-474."""
    done = machine.typed(*DAYS, *WHO, "--days", "90")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "visit days     90  (Test); a running server deletes older places within a day\n"
    assert machine.visit_days() == 90
    for days in ("29", "731", "-1"):
        english, chinese = machine.refused(*DAYS, *WHO, "--days", days)
        assert (f"{days} days are not from 30 to 730, so nothing was changed." in english, f"{days} 天" in chinese) == (True, True)
    english, chinese = machine.refused(*DAYS, "--organisation", "none", "--days", "90")
    assert ("no organisation “none” here" in english, "没有组织“none”" in chinese) == (True, True)
    assert machine.visit_days() == 90


def test_a_file_tells_what_is_held_and_none_is_written_over(machine: Machine) -> None:
    """D-480 to D-483: of a user by the account, of a contact by the id; a file for its owner alone."""
    file = machine.folder / "held.zip"
    for who in (("--account", " ANN "), ("--contact", machine.contact.upper())):
        file.unlink(missing_ok=True)
        done = machine.typed(*DISCLOSE, *who, str(file))
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.startswith(f"written        {file}  (")
        assert "give it to nobody else" in done.stdout
        assert file.stat().st_mode & 0o777 == 0o600
        with zipfile.ZipFile(file) as packed:
            lines = b"".join(packed.read(one) for one in packed.namelist()).decode()
        assert machine.contact in lines
    before = file.read_bytes()
    english, _ = machine.refused(*DISCLOSE, "--contact", machine.contact, str(file))
    assert "it was not touched, and nothing was written" in english
    assert file.read_bytes() == before


def test_who_is_not_there_is_said_so_and_no_file_is_left(machine: Machine) -> None:
    """D-480: what happened, what that means, and what to do next, in both languages."""
    file = machine.folder / "nobody.zip"
    nobody = {
        "no account “cleo”": ("person", "disclose", *WHO, "--account", "cleo"),
        "no organisation “none” here": ("person", "disclose", "--organisation", "none", "--account", "ann"),
        f"no contact {NOWHERE_ID}": (*DISCLOSE, "--contact", NOWHERE_ID),
        "“Zhao” is no id": (*DISCLOSE, "--contact", "Zhao"),
        "one of the two": DISCLOSE,
        "one of the two ": (*DISCLOSE, "--account", "ann", "--contact", machine.contact),
    }
    for sentence, words in nobody.items():
        english, _ = machine.refused(*words, str(file))
        assert sentence.strip() in english
    english, _ = machine.refused(*DISCLOSE, "--account", "ann", str(machine.folder / "none" / "a.zip"))
    assert "cannot be written" in english
    assert not list(machine.folder.glob("**/*.zip*"))


def test_a_contact_is_erased_by_the_name_as_it_stands(machine: Machine) -> None:
    """D-484, D-486: another name erases nobody; the same again changes nothing; the list names ids alone."""
    erase = (*ERASE, "--contact", machine.contact, "--name")
    assert "another name" in machine.refused(*erase, "赵")[0]
    assert "no contact" in machine.refused(*ERASE, "--contact", NOWHERE_ID, "--name", NAME)[0]
    assert NAME in machine.names()
    for _ in range(2):
        done = machine.typed(*erase, NAME)
        assert (done.returncode, done.stderr) == (0, "")
        assert "a running server clears places and files within a minute" in done.stdout
    assert NAME not in machine.names()
    lines = [json.loads(line) for line in machine.typed("person", "erasures").stdout.splitlines()]
    assert [(one["organisation"], one["kind"], one["id"]) for one in lines] == [("org1", "contact", machine.contact)]
    assert set(lines[0]) == {"organisation", "kind", "id", "by_user_id", "at_ms"}
    file = machine.folder / "a.zip"
    assert machine.typed(*DISCLOSE, "--contact", machine.contact, str(file)).returncode == 0
    with zipfile.ZipFile(file) as packed:
        assert not any(NAME.encode() in packed.read(one) or b"13955550001" in packed.read(one) for one in packed.namelist())


def test_a_user_is_erased_once_the_user_has_left(machine: Machine) -> None:
    """D-487: an active one is not; afterwards the account is nobody's."""
    erase = (*ERASE, "--account", "ann", "--name", "Ann")
    machine.stands(active=True)
    english, chinese = machine.refused(*erase)
    assert ("“ann” is active, so nobody was erased" in english, "移交" in chinese) == (True, True)
    machine.stands(active=False)
    assert machine.typed(*erase).returncode == 0
    assert "Ann" not in machine.names()
    assert "no account “ann”" in machine.refused(*erase)[0]


def test_the_list_erases_again_after_a_restore(machine: Machine) -> None:
    """D-488: the printed list as a file, given to `outrider restore`."""
    backup, listed = str(machine.folder / "a.backup"), machine.folder / "erasures"
    assert machine.typed("backup", backup).returncode == 0
    assert machine.typed(*ERASE, "--contact", machine.contact, "--name", NAME).returncode == 0
    listed.write_text(machine.typed("person", "erasures").stdout, "utf-8")
    done = machine.typed("restore", backup, "--replace", "--erasures", str(listed))
    assert (done.returncode, "erased again   1 persons" in done.stdout) == (0, True), done.stderr
    assert NAME not in machine.names()


@pytest.mark.parametrize("words", [("person", "erasures"), (*DAYS, *WHO, "--days", "90"), (*ERASE, "--account", "a", "--name", "A")])
def test_a_database_that_cannot_be_used_is_told_in_words(words: tuple[str, ...], tmp_path: Path) -> None:
    """One that is away, and one without tables: no trace of a fault, no word of the driver, no password."""
    for url, sentence in (
        ("postgresql://outrider:canary@127.0.0.1:9/outrider", "The database does not answer"),
        (f"sqlite:///{tmp_path}/empty.db", "not the tables of this program"),
    ):
        told = outrider(tmp_path, url, *words)
        assert (told.returncode, sentence in told.stderr, "Next: " in told.stderr, "canary" in told.stderr) == (1, True, True, False)
