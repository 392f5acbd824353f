"""The forked server of one point: runs one operation on a copy of the prepared database, and dies where it is told to."""

import asyncio
import traceback
from multiprocessing.connection import Connection
from typing import Final

from msgspec import Struct

from bench.postgres import Server
from server.database import open_database
from server.jobs.compact import DAY_MS
from shared_schema.problem import Problem
from tests.prove.crash_listed import Operation
from tests.prove.crash_operations import OPERATIONS
from tests.prove.crash_plants import ACKNOWLEDGE, PLANTS
from tests.prove.crash_points import BACKEND_WAIT_MS, Fatal, Points, load_dice, watched
from tests.prove.crash_stage import Scene

BY_NAME: Final[dict[str, Operation]] = {one.name: one for one in (*OPERATIONS, *(plant.operation for plant in PLANTS))}


class Task(Struct, frozen=True):
    """One run. `at`: the point, 0 none. `attempt`: which dice. `photos`: keep one after each commit. `admin`: of our own PostgreSQL."""

    url: str
    operation: str
    scene: Scene
    how: str = ""
    at: int = 0
    attempt: int = 1
    photos: bool = False
    settled: bool = False
    admin: Server | None = None


def play(task: Task, pipe: Connection) -> None:
    """Entry of the forked process: run, and tell all there is to tell."""

    def terminate(pid: int) -> None:
        assert task.admin is not None
        task.admin.run(f"SELECT pg_terminate_backend({pid}, {BACKEND_WAIT_MS})")

    points = Points(pipe.send, task.at, Fatal(task.how, terminate), task.url if task.photos else "")
    ACKNOWLEDGE.append(lambda answer: pipe.send(("answered", answer)))
    operation = BY_NAME[task.operation]
    load_dice(task.attempt, task.scene.now_ms + operation.on_day * DAY_MS + (task.attempt - 1) * operation.later_ms)
    try:
        asyncio.run(_run(task, operation, points))
    except Problem as problem:
        pipe.send(("refused", problem.code.word))
    except Exception:  # noqa: BLE001 - whatever it was, the judge hears of it
        pipe.send(("failed", traceback.format_exc()))
    pipe.send(("labels", points.labels))


async def _run(task: Task, operation: Operation, points: Points) -> None:
    database = open_database(task.url)
    try:
        with watched(points):
            answer = await operation.run(database, task.scene)
            points.answered(answer)
        if operation.settle is not None and task.settled:
            await operation.settle(database, task.scene, answer)
    finally:
        await database.close()
