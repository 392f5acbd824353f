"""A worker that the notices proof kills: `python -m tests.prove.notices_child SETTINGS.json LEASE_MS PLANT`; it says `ready` when it works.

With a plant it has that bug: the program is loaded only when the bug is in place.
"""

import asyncio
import importlib
import sys
from pathlib import Path

import msgspec

from tests.prove import apart
from tests.prove.notices_plants import PLANTS
from tests.prove.planting import changed

if __name__ == "__main__":
    file, lease_ms, planted = sys.argv[1:]
    if planted:
        apart.plant(PLANTS[planted].bug.module, changed(PLANTS[planted].bug))
    # The server's own lease is longer than the slowest provider: a proof that kills a hundred workers cannot wait for each.
    importlib.import_module("server.store.outbox").LEASE_MS = int(lease_ms)  # type: ignore[attr-defined]
    settings = msgspec.json.decode(Path(file).read_bytes(), type=importlib.import_module("server.settings").Settings)
    asyncio.run(importlib.import_module("tests.push.worker_process").work(settings, asyncio.Event()))
