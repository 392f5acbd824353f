"""A tree of departments with a person in each: headquarters over north and south, two teams below north."""

import msgspec

from server.database import Database
from server.services import tables, users
from shared_schema import rest
from shared_schema.records.inbox import Value
from shared_schema.records.reference import DepartmentRequest, Role
from shared_schema.records.team import Receipt, TeamNote
from shared_schema.registry import BY_RECORD
from sync import overlay
from tests.world import START_MS, Phone, World


class Tree(msgspec.Struct, frozen=True):
    """Departments and phones by name: `hal` leads headquarters, `nia` north; reps: `ann` east, `bo` west, `cy` south."""

    world: World
    boss: Phone
    departments: dict[str, bytes]
    phones: dict[str, Phone]

    def __getitem__(self, name: str) -> Phone:
        return self.phones[name]

    async def department(self, name: str, parent: str | None) -> bytes:
        """Make a department, or move it below another parent."""
        asked = DepartmentRequest(id=self.departments.get(name), name=name, parent_id=self.departments[parent] if parent else None)
        made = await self.world.database.write(tables.save, self.boss.claims, asked, self.world.now_ms)
        self.departments[name] = made.id
        return self.departments[name]

    async def person(self, name: str, role: Role, department: str | None, *, active: bool = True) -> bytes:
        """Make a user, move him, or end him."""
        known = self.phones[name].user_id if name in self.phones else None
        asked = rest.UserRequest(
            id=known, login=name, name=name, role=role, department_id=self.departments[department] if department else None, active=active
        )
        return (await self.world.database.write(users.put, self.world.org_id, asked, None, self.world.now_ms)).id

    async def joins(self, name: str, role: Role, department: str | None) -> Phone:
        """A new user with a phone in step."""
        self.phones[name] = await self.world.phone(await self.person(name, role, department))
        await self.phones[name].sync()
        return self.phones[name]

    def note(self, author: str, department: str, text: str, amends_id: bytes | None = None) -> bytes:
        """Enter a team note on somebody's phone."""
        values: dict[str, Value] = {"department_id": self.departments[department], "device_ms": START_MS, "text": text}
        return self[author].create("team_note", **values, amends_id=amends_id)

    async def told(self, author: str, department: str, text: str) -> bytes:
        """A note that the server has taken."""
        note_id = self.note(author, department, text)
        await self[author].sync()
        return note_id

    async def step(self) -> None:
        """Everybody syncs, then hears of it."""
        for _ in range(2):
            for each in self.phones.values():
                await each.sync()

    def read_by(self, name: str) -> set[str]:
        """Texts of the notes on a phone."""
        return {one.text for one in overlay.views(self[name].shelf, BY_RECORD[TeamNote]) if isinstance(one, TeamNote)}

    def receipts(self, name: str) -> list[tuple[str, str]]:
        """(whose, level) of the receipts on a phone."""
        names = {phone.user_id: known for known, phone in self.phones.items()}
        found = [one for one in overlay.views(self[name].shelf, BY_RECORD[Receipt]) if isinstance(one, Receipt)]
        return sorted((names[one.user_id], one.level.name) for one in found)


async def tree_of(database: Database) -> Tree:
    """The tree with everybody in step."""
    world = await World(database).open()
    tree = Tree(world, await world.phone(await world.user("boss", Role.admin)), {}, {})
    for name, parent in (("hq", None), ("north", "hq"), ("south", "hq"), ("east", "north"), ("west", "north")):
        await tree.department(name, parent)
    for name, role, department in (
        ("hal", Role.manager, "hq"), ("nia", Role.manager, "north"), ("ann", Role.rep, "east"), ("bo", Role.rep, "west"),
        ("cy", Role.rep, "south"), ("fay", Role.finance, "hq"),
    ):  # fmt: skip
        await tree.joins(name, role, department)
    return tree
