"""A real uvicorn server on a free loopback port, in a thread of the test's process."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import uvicorn
from litestar import Litestar

from mobile_api.connection import Connection

NO_TLS: Final = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Trusts nobody, for clients on loopback: without it each of them reads all certificates of the machine, which is more than its work."""


def _config(app: Litestar) -> uvicorn.Config:
    """As `outrider serve` has it. No signal ends the streams of a thread's server: they are cut after a second."""
    return uvicorn.Config(app, log_config=None, lifespan="on", timeout_graceful_shutdown=1, http=Connection, ws="none", proxy_headers=False)


@contextmanager
def served(app: Litestar) -> Iterator[tuple[str, int]]:
    """Serve `app` over HTTP; yields (host, port). Clients may connect at once: the socket listens before the server runs."""
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listening:
        server = uvicorn.Server(_config(app))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, name="loopback")
        thread.start()
        try:
            yield listening.getsockname()
        finally:
            server.should_exit = True
            thread.join()
