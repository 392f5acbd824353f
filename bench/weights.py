"""Rows of the bytes: one answer with 1,000 records on msgpack, against the same answer as JSON, before and after zstd."""

from collections.abc import Iterator
from typing import Final

from bench.measure import Row, Target, row
from mobile_api.compression import deflate
from server.services.sync_pull import Pulled
from shared_schema import twin
from shared_schema.wire import ENCODER, PROTOCOL, SyncAnswer

PLAIN: Final = Target(0.5, at_least=False)
COMPRESSED: Final = Target(0.92, at_least=False)


def rows(pulled: Pulled) -> Iterator[Row]:
    """Bytes do not depend on the database."""
    answer = SyncAnswer(
        PROTOCOL, pulled.epoch, 0, bytes(8), pulled.cursor, 0, 0, None, [], pulled.drop, pulled.pages, pulled.more, not pulled.more
    )
    packed, text = ENCODER.encode(answer), twin.sync_answer_to_json(answer)
    yield row("bytes of a pull of 1,000, against JSON", "any", (len(packed), len(text)), PLAIN)
    zipped, zipped_text = deflate(packed, "zstd"), deflate(text, "zstd")
    yield row("bytes of a pull of 1,000 after zstd, against JSON after zstd", "any", (len(zipped), len(zipped_text)), COMPRESSED)
