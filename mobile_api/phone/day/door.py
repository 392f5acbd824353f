"""The demo's door for phones of the same network: TLS ends here, and its bytes go to the server on loopback.

The server then counts all these phones as one caller. For a demo that is enough; a real server has a proxy in front (docs/operations.md).
"""

import asyncio
import ssl
import threading
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future
from contextlib import asynccontextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from mobile_api.phone.day.house import HOST

CERTIFICATE_PATH: Final = "/outrider.crt"
CONNECTIONS_MAX: Final = 100
_PIECE_BYTES: Final = 64 * 1024
_LOST: Final = (OSError, asyncio.IncompleteReadError)


class Door:
    """Listens at `address` on `port` with TLS, and on the next port without, where nothing is to be had but the authority's certificate."""

    def __init__(self, address: str, port: int, to_port: int, server_pem: Path) -> None:
        self.address = address
        self.port = port
        self._to_port = to_port
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.minimum_version = ssl.TLSVersion.TLSv1_2
        self._context.load_cert_chain(server_pem)
        self._tasks: set[asyncio.Task[None]] = set()
        self._started: Future[Callable[[], object]] = Future()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._listen()), daemon=True)

    def __enter__(self) -> Self:
        """Listen from now on. Raises OSError when the port is taken."""
        self._thread.start()
        self._end = self._started.result()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """End every connection."""
        self._end()
        self._thread.join()

    async def _listen(self) -> None:
        ended, loop = asyncio.Event(), asyncio.get_running_loop()
        try:
            server = await asyncio.start_server(self._come, self.address, self.port, ssl=self._context)
        except OSError as error:
            self._started.set_exception(error)
            return
        self._started.set_result(lambda: loop.call_soon_threadsafe(ended.set))
        await ended.wait()
        server.close()
        for task in tuple(self._tasks):  # a loop that ends before its connections leaves them open
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _come(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._tasks) >= CONNECTIONS_MAX:
            writer.close()
            return
        task = asyncio.get_running_loop().create_task(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async with _closing(writer):
            with suppress(OSError):  # the server has ended: so does the demo
                inner = await asyncio.open_connection(HOST, self._to_port)
                async with _closing(inner[1]):
                    await asyncio.gather(_carry(reader, inner[1]), _carry(inner[0], writer))


@asynccontextmanager
async def _closing(writer: asyncio.StreamWriter) -> AsyncIterator[None]:
    """Close it in peace; abort it when the door ends, for the other side may never answer."""
    try:
        with suppress(*_LOST):
            yield
        writer.close()
    except asyncio.CancelledError:
        writer.transport.abort()
        raise
    finally:
        with suppress(*_LOST):
            await writer.wait_closed()


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Bytes of one direction, until it ends."""
    try:
        while piece := await reader.read(_PIECE_BYTES):
            writer.write(piece)
            await writer.drain()
    finally:
        with suppress(*_LOST):
            writer.close()


class CertificateShop:
    """Hands out the authority's certificate over plain HTTP: a phone cannot trust the door before it has it."""

    def __init__(self, address: str, port: int, certificate: bytes) -> None:
        class Handler(BaseHTTPRequestHandler):
            """One path, one file."""

            def do_GET(self) -> None:
                if self.path != CERTIFICATE_PATH:
                    self.send_error(404)
                    return
                self.send_response(200)
                self.send_header("Content-Type", "application/x-x509-ca-cert")
                self.send_header("Content-Length", str(len(certificate)))
                self.end_headers()
                self.wfile.write(certificate)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
                """The terminal shows the steps."""

        self.url = f"http://{address}:{port}{CERTIFICATE_PATH}"
        self._server = ThreadingHTTPServer((address, port), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> Self:
        """Answer from now on."""
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Stop answering."""
        self._server.shutdown()
        self._server.server_close()
