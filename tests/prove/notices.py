"""The notices proof, `make prove NAME=notices`: thousands of pushes through the real SDK while the worker is killed again and again.

Lost is what was due and never reached the provider; resent what reached it again because its worker died before it could write that down;
duplicated any other repeat. Then: what is done is not sent, one target that fails delays no other, and storms of refusals delete no target.

Each part has readers of its own, for a reader gets twelve pushes an hour. Then planted bugs (`notices_plants.py`) must be noticed.
Options: BOX_S=n the small run and two plants; without it the whole and all of them · DATABASES=sqlite|postgres|both · SEED=n ·
PLANTS=0 without plants, PLANTS=only them alone · PLANT=name the run in which this one must be noticed.
"""

import asyncio
import json
import logging
import os
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from uuid import UUID

from msgspec import Struct
from rich.console import Console
from rich.progress import Progress

from mobile_api.phone.day.fake_fcm import ANSWERS, Answer, FakeFcm, fake_fcm
from server.database import open_database
from server.jobs.push import SENDS_MAX
from tests.prove.box import boxed
from tests.prove.lent import migrated
from tests.prove.notices_plants import PLANTS, NoticesPlant
from tests.prove.notices_scene import Scene, opened, settings_file, workers

IN_FLIGHT_MIN: Final = 40
ENDED_SHARE: Final = 0.05
ANSWERED_S: Final = 0.2
DELAY_MS_MAX: Final = 100
BOX_DELAY_MS_MAX: Final = 1_000
"""In a box few are measured once, beside whatever else the machine does; a sender that waits for the one that fails waits seven seconds."""
STORM: Final = ("bad message", "unknown key", "forbidden", "nothing there")
STORMED: Final = 50
STORM_MIN: Final = 20
"""A storm that fewer met proves nothing."""
TAKES_MAX: Final = 4
"""So many takes of each notice on an average, and the run ends: a worker that sends for ever never has nothing due."""
PLANTS_OF_A_BOX: Final = 2


class Size(Struct, frozen=True):
    """How much is tried. `each`: notices of one reader. `patience_s`: nothing new is taken for so long, and what is still due is lost.
    `at_first`: a worker is killed at its first message, when most of what it has leased has not gone."""

    readers: int
    each: int
    kills: int
    devices: int = 0
    turns: int = 0
    stormed: int = STORMED
    patience_s: float = 120.0
    at_first: bool = False


WHOLE: Final = Size(1_000, 10, 50, devices=500, turns=3)
BOX: Final = Size(100, 10, 4, devices=100, turns=1)
OF_A_PLANT: Final = Size(40, 5, 2, patience_s=8.0, at_first=True)


class Found(Struct):
    """What was seen on one database."""

    notifications: int = 0
    lost: int = 0
    duplicated: int = 0
    resent_in_flight: int = 0
    wrongful_deletions: int = 0
    added_delay_ms_p99: int = 0
    irrelevant_sent: int = 0
    kills: int = 0
    kills_in_flight: int = 0
    storms: int = 0

    def faults(self, *, whole: bool) -> list[str]:
        """A sentence for each promise that does not hold."""
        never = ("lost", "duplicated", "wrongful_deletions", "irrelevant_sent")
        told = [f"{name}: {getattr(self, name)}" for name in never if getattr(self, name)]
        if self.resent_in_flight > self.kills * SENDS_MAX:
            told.append(f"resent_in_flight: {self.resent_in_flight} after {self.kills} kills")
        if self.added_delay_ms_p99 >= (DELAY_MS_MAX if whole else BOX_DELAY_MS_MAX):
            told.append(f"added_delay_ms_p99: {self.added_delay_ms_p99}")
        if whole and self.kills_in_flight < IN_FLIGHT_MIN:
            told.append(f"only {self.kills_in_flight} of {self.kills} kills met a send in flight")
        if self.storms < len(STORM):
            told.append(f"only {self.storms} of {len(STORM)} storms were met")
        return told


class Place(Struct, frozen=True):
    """A database, the provider on loopback, and the settings of a worker between them. `plant`: the bug that the worker has."""

    url: str
    provider: FakeFcm
    settings: Path
    plant: str = ""


class Death(Struct, frozen=True):
    """A worker was killed, and these notices were planned for devices and not settled."""

    at_s: float
    unsettled: set[bytes]


class Take(Struct, frozen=True):
    """One message that the provider took. `at_s`: when."""

    id: bytes
    at_s: float


def run(options: Mapping[str, str]) -> int:
    """Run the proof; the exit code."""
    box = boxed(options)
    seed = int(options.get("SEED", "0") or 0) or random.SystemRandom().randrange(2**31)
    sys.stdout.write(f"seed {seed}\n")
    logging.getLogger("asyncio").setLevel(logging.ERROR)  # the provider writes to workers that were killed
    planted = _drawn(options, seed, whole=box.seconds is None)
    with Progress(console=Console(stderr=True), transient=True) as progress:
        found = {} if planted == [options.get("PLANT")] or options.get("PLANTS") == "only" else _found(options, seed, progress)
        noticed = {name: _noticed(PLANTS[name], seed, progress) for name in planted}
    told = [f"FAULT on {name}: {fault}" for name, one in found.items() for fault in one.faults(whole=box.seconds is None)]
    told += [f"NOT CAUGHT: {name}: {PLANTS[name].bug.why}" for name, seen in noticed.items() if not seen]
    summed = {key: sum(getattr(one, key) for one in found.values()) for key in Found.__struct_fields__}
    summed["added_delay_ms_p99"] = max((one.added_delay_ms_p99 for one in found.values()), default=0)
    counts = {"plants": len(noticed), "plants_noticed": sum(noticed.values()), "seconds": round(box.used_s(), 1)}
    sys.stdout.write("".join(f"{one}\n" for one in [*told, json.dumps({**summed, **counts})]))
    return int(bool(told))


def _drawn(options: Mapping[str, str], seed: int, *, whole: bool) -> list[str]:
    """The plants of this run: the one that was named, all, or in a box a few that the seed draws."""
    if "PLANT" in options:
        return [options["PLANT"]]
    wanted = options.get("PLANTS", "1")
    return [] if wanted == "0" else random.Random(seed).sample(list(PLANTS), len(PLANTS) if whole or wanted == "only" else PLANTS_OF_A_BOX)


def _found(options: Mapping[str, str], seed: int, progress: Progress) -> dict[str, Found]:
    """What was seen on each kind of database."""
    size, wanted, results = BOX if "BOX_S" in options else WHOLE, options.get("DATABASES", "both"), {}
    for name in [name for name in ("sqlite", "postgres") if wanted in ("both", name)]:
        task = progress.add_task(f"notices on {name}", total=None)
        with _placed(name) as place:
            results[name] = asyncio.run(_proved(place, random.Random(seed), size))
        progress.remove_task(task)
    return results


def _noticed(plant: NoticesPlant, seed: int, progress: Progress) -> bool:
    """Whether the part of the proof that a bug concerns shows its fault."""
    task = progress.add_task(f"planted: {plant.name}", total=None)
    with _placed("sqlite", plant.name) as place:
        found = asyncio.run(_proved(place, random.Random(seed), OF_A_PLANT, plant.part))
    progress.remove_task(task)
    return bool(getattr(found, plant.fault))


@contextmanager
def _placed(name: str, plant: str = "") -> Iterator[Place]:
    """An empty database, a provider, and workers between them."""
    with tempfile.TemporaryDirectory() as home, migrated(name, Path(home), "notices") as url, fake_fcm(Path(home)) as provider:
        yield Place(url, provider, settings_file(provider, url, Path(home)), plant)


async def _proved(place: Place, dice: random.Random, size: Size, part: str = "") -> Found:
    """Everything on one database, or the named part."""
    database = open_database(place.url)
    counts = {"killed": size.readers, "delayed": size.devices, "stormed": size.stormed}
    try:
        found = Found()
        scenes = await opened(database, [count if part in ("", name) else 0 for name, count in counts.items()])
        killed, delayed, stormed = scenes
        if killed.readers:
            await _killed(killed, place, found, dice, size)
        if delayed.readers:
            await _delayed(delayed, place, found, size.turns)
        if stormed.readers:
            await _stormed(stormed, place, found)
        return found
    finally:
        await database.close()


# killed again and again


async def _killed(scene: Scene, place: Place, found: Found, dice: random.Random, size: Size) -> None:
    """Everything that is due reaches the provider, whatever happens to the workers; at last two of them work beside each other."""
    provider = place.provider
    provider.answers.update(dict.fromkeys(scene.addresses, Answer(after_s=ANSWERED_S)))
    happenings = [(reader, dice.randbytes(16)) for _ in range(size.each) for reader in scene.readers]
    dice.shuffle(happenings)
    await scene.tell(happenings)
    ids = await scene.ids()
    ended = set(dice.sample(sorted(ids), round(len(ids) * ENDED_SHARE)))
    await scene.end(sorted(ended))
    ended_s = dict.fromkeys(ended, time.monotonic())
    died: list[Death] = []
    most = 1 if size.at_first else 1 + len(ids) // (size.kills + 1)
    for number in range(size.kills):
        with workers(place.settings, provider, place.plant):
            await _until_taken(provider, len(provider.asked) + dice.randint(1, most))
        died.append(Death(time.monotonic(), await scene.planned()))
        found.kills_in_flight += any(one.at_s > died[-1].at_s - ANSWERED_S for one in provider.asked[-SENDS_MAX:])
        if number == size.kills // 2:
            ended_s |= await _ended_meanwhile(scene, provider, dice)
    with workers(place.settings, provider, place.plant, count=2):
        await _until_done(scene, provider, size.patience_s, TAKES_MAX * len(ids))
    takes = _takes(provider)
    found.notifications, found.kills = len(ids), size.kills
    found.lost = len(ids - ended_s.keys() - {one.id for one in takes})
    found.irrelevant_sent = sum(one.at_s > ended_s[one.id] for one in takes if one.id in ended_s)
    _repeats(takes, died, found)


async def _ended_meanwhile(scene: Scene, provider: FakeFcm, dice: random.Random) -> dict[bytes, float]:
    """While no worker lives, some of those end that a worker has planned already for their devices; each with the moment."""
    planned = await scene.planned() - {one.id for one in _takes(provider)}
    ended = dice.sample(sorted(planned), len(planned) // 2)
    await scene.end(ended)
    return dict.fromkeys(ended, time.monotonic())


def _takes(provider: FakeFcm) -> list[Take]:
    return [Take(UUID(one.message["data"]["id"]).bytes, one.at_s) for one in provider.taken()]


def _repeats(takes: list[Take], died: list[Death], found: Found) -> None:
    """A repeat is explained by a worker that died after the take before, and had not written it down."""
    last: dict[bytes, float] = {}
    for one in takes:
        before_s = last.get(one.id)
        if before_s is not None:
            cut_off = any(before_s <= death.at_s < one.at_s and one.id in death.unsettled for death in died)
            found.resent_in_flight += cut_off
            found.duplicated += not cut_off
        last[one.id] = one.at_s


async def _until_taken(provider: FakeFcm, wanted: int) -> None:
    until_s = time.monotonic() + 5
    while len(provider.asked) < wanted and time.monotonic() < until_s:  # noqa: ASYNC110 - the provider has a loop of its own
        await asyncio.sleep(0.005)


async def _until_done(scene: Scene, provider: FakeFcm, patience_s: float, takes_max: int) -> None:
    """Until nothing is due, or nothing more is taken, or much too much."""
    count, since_s = -1, time.monotonic()
    while await scene.waiting() and len(provider.asked) < takes_max:
        if len(provider.asked) > count:
            count, since_s = len(provider.asked), time.monotonic()
        if time.monotonic() - since_s > patience_s:
            return
        await asyncio.sleep(0.1)


# one that fails, and storms


async def _delayed(scene: Scene, place: Place, found: Found, turns: int) -> None:
    """How much later the others are reached when one target of many fails at every try: the least of runs in turn, for whatever else the
    machine does only adds. No more than five turns: a reader has 12 pushes an hour."""
    devices = scene.addresses
    quiet_ms, beside_ms = [], []
    for _ in range(turns):
        place.provider.answers.clear()
        quiet_ms.append(await _latest_ms(scene, place, devices))
        place.provider.answers[devices[0]] = ANSWERS["busy"]
        beside_ms.append(await _latest_ms(scene, place, devices))
    place.provider.answers.clear()
    found.added_delay_ms_p99 = max(0, min(beside_ms) - min(quiet_ms))


async def _latest_ms(scene: Scene, place: Place, devices: list[str]) -> int:
    """How long after the telling 99 of 100 of the others were reached, in milliseconds."""
    provider = place.provider
    with workers(place.settings, provider, place.plant):
        first, began_s = len(provider.asked), time.monotonic()
        await scene.tell([(reader, os.urandom(16)) for reader in scene.readers])
        told_s, others = time.monotonic(), set(devices[1:])
        until_s = began_s + WHOLE.patience_s
        while len(_reached(provider, first) & others) < len(others) and time.monotonic() < until_s:  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.02)
    arrived = sorted(one.at_s for one in provider.asked[first:] if one.target in others)
    last_s = arrived[len(arrived) * 99 // 100 - 1] if arrived else told_s + WHOLE.patience_s
    return round(1_000 * max(0.0, last_s - told_s))


def _reached(provider: FakeFcm, first: int) -> set[str]:
    return {one.target for one in provider.asked[first:]}


async def _stormed(scene: Scene, place: Place, found: Found) -> None:
    """Storms of refusals that name no target as gone delete none."""
    provider = place.provider
    before = await scene.targets()
    for name in STORM:
        provider.answers.update(dict.fromkeys(scene.addresses, ANSWERS[name]))
        await scene.trust_providers()
        first = len(provider.asked)
        with workers(place.settings, provider, place.plant):
            await scene.tell([(reader, os.urandom(16)) for reader in scene.readers])
            await _until_taken(provider, first + STORM_MIN)
            await asyncio.sleep(1)
        found.storms += len(provider.asked) >= first + STORM_MIN
    found.wrongful_deletions = before - await scene.targets()
