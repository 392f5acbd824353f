"""A worker of pushes in a process of its own, against providers that the test names: `python -m tests.push.worker_process SETTINGS.json`.

It says `ready` when it works, and works until it is killed or its standard input ends. The file holds settings of the server
(`database_url`, `push_fcm_account`, `push_fcm_url`, `push_vapid` …); SSL_CERT_FILE names the certificate that it trusts.
"""

import asyncio
import sys
from pathlib import Path

import msgspec

from server.database import open_database
from server.jobs.channels import ways
from server.jobs.push import Sender
from server.jobs.sending import Sending
from server.settings import Settings


async def work(settings: Settings, until: asyncio.Event) -> None:
    """Send what the outbox of this database holds until told to stop."""
    database = open_database(settings.database_url)
    sending = Sending(settings)
    working = asyncio.create_task(Sender(database, sending, ways(settings)).run())
    try:
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        await until.wait()
    finally:
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
        await sending.close()
        await database.close()


async def _until_the_end_of_input(settings: Settings) -> None:
    until = asyncio.Event()
    ending = asyncio.create_task(asyncio.to_thread(sys.stdin.read))
    ending.add_done_callback(lambda _: until.set())
    await work(settings, until)


if __name__ == "__main__":
    asyncio.run(_until_the_end_of_input(msgspec.json.decode(Path(sys.argv[1]).read_bytes(), type=Settings)))
