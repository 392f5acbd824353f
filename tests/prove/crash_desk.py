"""What the crash matrix runs from the desk and from jobs: pools, hand-over, a return, collaborations that end."""

from typing import Final

from server.database import Database
from server.domain.ownership import EXPIRE
from server.jobs.compact import purge
from server.jobs.turn import run
from server.services import hand_over, robot, service_accounts, users
from server.services.act import act
from server.store import uptime
from shared_schema.problem import Code
from shared_schema.records.customer import HandOverRequest, Transfer
from shared_schema.records.reference import Role
from shared_schema.rest import Mention, RobotRequest, UserRequest
from shared_schema.rest_services import ServiceAccountRequest
from shared_schema.wire import ENCODER
from tests.prove.crash_listed import Operation
from tests.prove.crash_stage import Scene

TOMBSTONE_DAYS: Final = 90
DAY_MS: Final = 86_400_000
SERVICE_ID: Final = bytes.fromhex("0190aaaaaaaa7000800000000000005e")
STATE_WRONG: Final = frozenset({Code.state_wrong})


async def give_back(database: Database, scene: Scene) -> object:
    """A customer returns to its author, and what he entered meanwhile is judged anew."""
    move = Transfer(scene.ids["to return"], scene.ids["hal"], None, "back")
    return (await database.write(act, scene.claims["manager"], move, scene.now_ms)).moved


async def hand(database: Database, scene: Scene) -> object:
    """All that a leaver holds, a transaction each. Asked again, it is the rest."""
    asked = HandOverRequest(to_user_id=scene.ids["gus"], reason="left")
    return (await hand_over.all_of(database, scene.claims["manager"], scene.ids["leaver"], asked, scene.now_ms)).more


async def end_user(database: Database, scene: Scene) -> object:
    """A user who leaves: his sessions end, his cards go to his manager."""
    ids = scene.ids
    asked = UserRequest(id=ids["leaver"], login="lou", name="lou", role=Role.rep, department_id=ids["department"], active=False)
    await database.write(users.save, scene.claims["admin"], asked, None, scene.now_ms)
    return None


async def end_collaborations(database: Database, scene: Scene) -> object:
    return await run(database, EXPIRE)


async def forget_removals(database: Database, scene: Scene) -> object:
    """As the job does on the day on which all of them are old enough; a device that died meanwhile begins anew."""
    return await purge(database, TOMBSTONE_DAYS)


async def save_robot(database: Database, scene: Scene) -> object:
    """The organisation has a robot, with the names of two users in its group."""
    mentions = [Mention(user_id=scene.ids[name], mention=name) for name in ("gus", "hal")]
    asked = RobotRequest(url="https://oapi.dingtalk.com/robot/send?access_token=t", secret="SECt", mentions=mentions)
    return ENCODER.encode(await database.write(robot.save, scene.claims["admin"], asked, (), scene.now_ms))


async def drop_robot(database: Database, scene: Scene) -> object:
    """A robot is made, then dropped: two requests."""
    await save_robot(database, scene)
    await database.write(robot.drop, scene.claims["admin"], scene.now_ms)
    return None


async def say_up(database: Database, scene: Scene) -> object:
    """A server that comes back after an outage says so."""
    await database.write(uptime.beat, scene.now_ms)
    return None


async def save_service(database: Database, scene: Scene) -> object:
    """A business system may ask; its name is one of the organisation's people."""
    last_day = scene.now_ms // DAY_MS + 30
    asked = ServiceAccountRequest(id=SERVICE_ID, name="ERP", scope=["GET /v1/desk/customers"], ends_day=last_day)
    return ENCODER.encode(await database.write(service_accounts.save, scene.claims["admin"], asked, scene.now_ms))


OPERATIONS: Final = (
    Operation("say that a server is up", say_up, same=True, touches=("uptime",)),
    Operation("save a service account", save_service, same=True, touches=("service_account", "person")),
    Operation("save the robot of an organisation", save_robot, same=True, touches=("robot",)),
    Operation("drop the robot of an organisation", drop_robot),
    Operation(
        "a customer returns, cards are judged anew",
        give_back,
        again=STATE_WRONG,
        touches=("standing", "contact", "inbox_item", "contribution"),
    ),
    Operation("hand over what a leaver holds", hand, touches=("standing", "collaborator", "inbox_item", "notification", "push")),
    Operation("end a user", end_user, touches=("person", "inbox_item")),
    Operation(
        "end collaborations whose time is over", end_collaborations, on_day=1, apart=True, touches=("collaborator", "ownership_event")
    ),
    Operation("forget removals", forget_removals, on_day=TOMBSTONE_DAYS + 1, apart=True, touches=("feed", "scope")),
)
