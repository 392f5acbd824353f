"""Rows of sending pushes: how many a second Firebase's own SDK sends, and what a phone's sync feels of them."""

import asyncio
import os
import socket
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection as Pipe
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path
from statistics import median
from typing import Any, Final

import msgspec

from bench.edge import SPAWN, answer, idle, message, serve, served
from bench.measure import Row, Target, percentile, row
from bench.world import SECRET, World
from mobile_api.phone.day.fake_fcm import fake_fcm
from notifications.push import ChannelName, Collapse, Push, TargetKind
from notifications.push import Target as Device
from notifications.reaction import Word
from server.jobs.push import SENDS_MAX
from server.jobs.sending import Sending
from server.settings import Settings

A_SECOND: Final = Target(300, at_least=True)
OVER_BURNT: Final = Target(1.2, at_least=False)
WARM: Final = 100
ROUND_S: Final = 3.0
ROUNDS: Final = 3
BESIDE_ROUND_S: Final = 2.0
BESIDE_ROUNDS: Final = 6
LAG_S: Final = 0.01
BESIDE_A_SECOND: Final = 50
PHONES: Final = 2
NOTHING, SEND, BURN, END = range(4)
PUSH: Final = Push(
    target=Device(TargetKind.fcm_fid, "device"),
    tag="follow_up 1",
    title="Outrider",
    body="A follow-up is due today",
    collapse=Collapse.reminder,
    data={"kind": "follow_up_today", "id": "019e7044-8800-7914-a9bd-84f8db096139", "tag": "follow_up 1", "to": "customers"},
    life_s=3_600,
)


def provide(folder: Path, pipe: Pipe, mode: "Synchronized[int]") -> None:
    """Be the provider until told to stop; while the others burn instead of sending, burn as much as what came took."""
    with fake_fcm(folder) as fcm:
        account = folder / "account.json"
        account.write_bytes(msgspec.json.encode(fcm.account))
        pipe.send((str(account), fcm.url, str(fcm.certificate)))
        spent_s, heard = 0.0, 0
        while not pipe.poll(1 / BESIDE_A_SECOND):
            before = time.process_time(), len(fcm.asked)
            if mode.value == SEND and not pipe.poll(0.2):
                spent_s, heard = spent_s + time.process_time() - before[0], heard + len(fcm.asked) - before[1]
            elif mode.value == BURN and heard:
                burn(spent_s / heard)


def burn(seconds: float) -> None:
    """Let this thread use the processor for so long."""
    until_s = time.thread_time() + seconds
    while time.thread_time() < until_s:
        pass


@contextmanager
def provider(mode: "Synchronized[int] | None" = None) -> Iterator[Settings]:
    """The settings of a sender to a provider on loopback, whose certificate this process and its children trust meanwhile."""
    before = os.environ.get("SSL_CERT_FILE")
    with tempfile.TemporaryDirectory(prefix="outrider_bench_push_") as folder:
        ours, theirs = SPAWN.Pipe()
        told = mode or SPAWN.Value("i", NOTHING)  # named, so that it lives until the other process has it
        process = SPAWN.Process(target=provide, args=(Path(folder), theirs, told), daemon=True)
        process.start()
        theirs.close()
        account, url, os.environ["SSL_CERT_FILE"] = ours.recv()
        try:
            yield Settings(push_fcm_account=account, push_fcm_url=url)
        finally:
            ours.send(None)
            process.join()
            os.environ.pop("SSL_CERT_FILE")
            os.environ |= {"SSL_CERT_FILE": before} if before is not None else {}


async def alone() -> AsyncIterator[Row]:
    """Sends a second by the server's own sender, as many under way as a worker has, and how late its loop is meanwhile."""
    with provider() as settings:
        sending = Sending(settings)
        try:
            await _many(sending, WARM)
            rates, lags = [], list[list[float]]()
            for _ in range(ROUNDS):
                lagging = asyncio.run_coroutine_threadsafe(_lags(ROUND_S), sending._loop)  # noqa: SLF001 - the loop that is measured
                began_s = time.perf_counter()
                rates.append(await _many(sending, until_s=began_s + ROUND_S) / (time.perf_counter() - began_s))
                lags.append(await asyncio.wrap_future(lagging))
        finally:
            await sending.close()
    late_ms = [one for each in lags for one in each]
    yield row("pushes by Firebase's SDK to a provider on loopback, per second", "none", (median(rates), 1.0), A_SECOND)
    yield row("lag of the sender's loop meanwhile, p50, ms", "none", (percentile(late_ms, 50), 1.0), None)
    yield row("lag of the sender's loop meanwhile, p99, ms", "none", (percentile(late_ms, 99), 1.0), None)


async def _many(sending: Sending, count: int = 1_000_000, until_s: float = float("inf")) -> int:
    """Send so many, or until then; how many. Raises ValueError for one that was not taken."""
    left = iter(range(count))

    async def one_after_another() -> int:
        done = 0
        while time.perf_counter() < until_s and next(left, None) is not None:
            said = await sending.send(ChannelName.fcm, PUSH)
            if said.word is not Word.taken:
                raise ValueError(f"a push was not taken: {said.word}")
            done += 1
        return done

    return sum(await asyncio.gather(*(one_after_another() for _ in range(SENDS_MAX))))


async def _lags(seconds: float) -> list[float]:
    """How much later than asked for this loop goes on, in milliseconds."""
    found, until_s = [], time.perf_counter() + seconds
    while (began_s := time.perf_counter()) < until_s:
        await asyncio.sleep(LAG_S)
        found.append((time.perf_counter() - began_s - LAG_S) * 1_000)
    return found


# beside the API


def serve_beside(listening: socket.socket, url: str, secret: bytes, settings: Settings, mode: "Synchronized[int]") -> None:
    """The API, and in the same process a sender that obeys `mode`."""
    threading.Thread(target=lambda: asyncio.run(_beside(settings, mode)), daemon=True).start()
    serve(listening, url, secret)


async def _beside(settings: Settings, mode: "Synchronized[int]") -> None:
    """Send so many a second, or let the sender's loop burn as much as that took of its thread."""
    sending, pause_s = Sending(settings), 1 / BESIDE_A_SECOND
    clock = time.pthread_getcpuclockid(sending._thread.ident or 0)  # noqa: SLF001 - the thread that is measured
    sent, spent_s, under_way = 0, 0.0, set[asyncio.Future[Any]]()
    next_s = time.monotonic()
    while mode.value != END:
        before_s = time.clock_gettime(clock)
        if mode.value == SEND:
            task: asyncio.Future[Any] = asyncio.ensure_future(sending.send(ChannelName.fcm, PUSH))
            sent += 1
        else:
            each_s = spent_s / sent if sent and mode.value == BURN else 0.0
            task = asyncio.wrap_future(asyncio.run_coroutine_threadsafe(_burn(each_s), sending._loop))  # noqa: SLF001 - as above
        under_way.add(task)
        task.add_done_callback(under_way.discard)
        was_sending, next_s = mode.value == SEND, max(next_s + pause_s, time.monotonic())
        await asyncio.sleep(next_s - time.monotonic())
        spent_s += time.clock_gettime(clock) - before_s if was_sending else 0.0


async def _burn(seconds: float) -> None:
    burn(seconds)


async def beside(world: World, url: str) -> AsyncIterator[Row]:
    """How long a phone's sync takes at worst while pushes go out, against a loop that does nothing with the same time."""
    phone = await idle(world)
    mode = SPAWN.Value("i", NOTHING)
    with provider(mode) as settings:
        async with served(serve_beside, url, SECRET, settings, mode) as port:
            empty = message("/v1/sync", phone.request, phone.token)
            await _latencies(port, empty, 0.2)
            found: dict[int, list[float]] = {SEND: [], BURN: []}
            for number in range(1 + BESIDE_ROUNDS):
                for mode.value in (SEND, BURN):
                    every = await asyncio.gather(*(_latencies(port, empty, BESIDE_ROUND_S) for _ in range(PHONES)))
                    found[mode.value] += [percentile([one for each in every for one in each], 99)] if number else []
            mode.value = END
    pair = median(found[SEND]), median(found[BURN])
    name = f"empty pull beside {BESIDE_A_SECOND} pushes a second, p99 against a loop that burns as much, ms"
    yield row(name, world.database.dialect, pair, OVER_BURNT)


async def _latencies(port: int, asked: bytes, seconds: float) -> list[float]:
    """The milliseconds of each request, one after another."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    found: list[float] = []
    until_s = time.perf_counter() + seconds
    while (began_s := time.perf_counter()) < until_s or not found:
        writer.write(asked)
        await answer(reader)
        found.append((time.perf_counter() - began_s) * 1_000)
    writer.close()
    await writer.wait_closed()
    return found
