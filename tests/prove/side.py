"""Who else plays a history beside the store in memory: nobody, or the real application, which must give the same answers."""

from typing import Final

from msgspec import Struct

from tests.prove.store import ORG_ID, Store


class Side:
    """Hears of everything that reaches the server, after the store in memory has done it. This one does nothing."""

    org_id: int = ORG_ID

    def open(self, store: Store) -> None:
        """The organisation is there, nobody has a phone yet."""

    def line_opened(self, line_no: int, user_id: bytes, now_ms: int) -> None:
        """A phone got a new line."""

    def answered(self, raw: bytes, line_no: int, now_ms: int, answer: bytes | None) -> bytes | None:
        """A request was answered, None: sign in. What the phone is to hear."""
        return answer

    def refused(self, raw: bytes, line_no: int, now_ms: int) -> None:
        """A request could not be read."""

    def died(self, raw: bytes, line_no: int, now_ms: int) -> None:
        """The server died over a request before its commit."""

    def desk(self, asked: Struct, done: bool, now_ms: int) -> None:
        """A manager or an admin did what was asked, or was refused."""

    def purged(self, now_ms: int) -> None:
        """Removals were forgotten."""

    def backed_up(self, now_ms: int) -> None:
        """Everything was written into a backup, and phones may forget what it holds."""

    def restored(self, now_ms: int) -> None:
        """The last backup stands in the place of what was there."""

    def read_back(self, store: Store) -> Store:
        """At the end: what is to be judged."""
        return store


NOBODY: Final = Side()
