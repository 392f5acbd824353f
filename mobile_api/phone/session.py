"""The session of a phone: tokens and device line in its file, signing in and out, and the data that stay after the end of a session."""

from collections.abc import Callable
from typing import Final

import msgspec

from mobile_api.phone.file import FileShelf
from mobile_api.phone.transport import Transport
from shared_schema.problem import Code, Problem, Remedy
from shared_schema.rest import EnrolRequest, LoginRequest, SignedIn
from shared_schema.wire import ENCODER
from sync import device

_INSTALLATION: Final = "installation"
_TOKENS: Final = "tokens"
_URL: Final = "url"
SENT: Final = "sent"
"""Note of the last mutation number ever sent on this line."""
CARRIED: Final = "carried"
"""Note of the last number of this line whose entry an earlier line had sent: it may have arrived there."""


class Session:
    """The user of the phone, and the user's connection. `new_id`: 16 bytes; `language`: of the server's words."""

    def __init__(self, shelf: FileShelf, new_id: Callable[[], bytes], language: str) -> None:
        self._shelf = shelf
        self._new_id = new_id
        self._language = language
        self._transport: Transport | None = None
        self.busy: Callable[[float], None] = lambda _: None
        """Told before each wait for a busy server: seconds."""

    def close(self) -> None:
        """Close the connection; the session goes on with the next one."""
        if self._transport is not None:
            self._transport.close()
            self._transport = None

    def tokens(self) -> SignedIn | None:
        """The user who is signed in."""
        body = self._shelf.note(_TOKENS)
        return msgspec.msgpack.decode(body, type=SignedIn) if body is not None else None

    def url(self) -> str | None:
        """The server of the last sign-in."""
        body = self._shelf.note(_URL)
        return body.decode() if body is not None else None

    def transport(self) -> Transport:
        """The connection of the session. Raises Problem(signed_out)."""
        if self._transport is None:
            url, tokens = self.url(), self.tokens()
            if url is None or tokens is None:
                raise Problem(Code.signed_out, "no user is signed in on this phone")
            self._transport = Transport(url, self._language)
            self._transport.tokens = tokens
            self._transport.keep = self._keep
            self._transport.busy = self.busy
        return self._transport

    def installation(self) -> bytes:
        """16 bytes that name this file among the user's phones."""
        with self._shelf.transaction():
            known = self._shelf.note(_INSTALLATION)
            if known is None:
                known = self._new_id()
                self._shelf.put_note(_INSTALLATION, known)
            return known

    def login(self, url: str, asked: LoginRequest) -> SignedIn:
        """Sign in with a password. Raises as Transport.login, and Problem(forbidden) when the file is another user's."""
        return self._begin(url, lambda transport: transport.login(asked))

    def enrol(self, url: str, asked: EnrolRequest) -> SignedIn:
        """Sign in with a one-time code. Raises as Transport.enrol, and Problem(forbidden) when the file is another user's."""
        return self._begin(url, lambda transport: transport.enrol(asked))

    def _begin(self, url: str, ask: Callable[[Transport], SignedIn]) -> SignedIn:
        transport = Transport(url, self._language)
        transport.busy = self.busy
        try:
            tokens = ask(transport)
            self._refuse_stranger(transport, tokens)
        except BaseException:
            transport.close()
            raise
        self.close()
        with self._shelf.transaction():
            self._shelf.put_note(_URL, url.encode())
            self._take_line(tokens)
        transport.keep = self._keep
        self._transport = transport
        return tokens

    def _refuse_stranger(self, transport: Transport, tokens: SignedIn) -> None:
        seat = self._shelf.seat()
        if seat.user_id and (seat.org_id, seat.user_id) != (tokens.org_id, tokens.user_id):
            transport.logout()
            raise Problem(Code.forbidden, "this file belongs to another user; choose another file")

    def fork(self) -> None:
        """The server knows another history of this line (the file was restored): go on as a new line."""
        tokens = self.transport().fork()
        with self._shelf.transaction():
            self._take_line(tokens)

    def follow_line(self) -> None:
        """Go on as the line that the tokens are of, when another one is stored here: a fork was answered, and its line not stored."""
        tokens = self.transport().tokens
        if tokens is not None and tokens.line_no != self._shelf.seat().line_no:
            with self._shelf.transaction():
                self._take_line(tokens)

    def _take_line(self, tokens: SignedIn) -> None:
        """Inside a transaction: the session and, when the server opened a new line, the queue renumbered for it."""
        self._shelf.put_note(_TOKENS, ENCODER.encode(tokens))
        if self._shelf.seat().line_no != tokens.line_no:
            carried = self._carried()
            device.take_new_line(self._shelf, tokens.org_id, tokens.user_id, tokens.line_no)
            self._shelf.put_note(SENT, None)
            self._shelf.put_note(CARRIED, str(carried).encode())

    def sent_n(self) -> int:
        """The last number whose entry may have reached the server, on this line or an earlier one."""
        return max(int(self._shelf.note(name) or 0) for name in (SENT, CARRIED))

    def _carried(self) -> int:
        """How many of the entries that go on to a new line were sent; they are the first of it."""
        forked, sent_n = self._shelf.seat().forked, self.sent_n()
        going = [one for one in self._shelf.pendings() if one.outcome is None or not forked]
        return sum(one.n <= sent_n or one.outcome is not None for one in going)

    def _keep(self, tokens: SignedIn) -> None:
        """Store tokens that a refresh brought before they are used; those of a new line are stored with the line."""
        if tokens.line_no == self._shelf.seat().line_no:
            with self._shelf.transaction():
                self._shelf.put_note(_TOKENS, ENCODER.encode(tokens))

    def sign_out(self) -> None:
        """End the session here and on the server; data and queue stay."""
        self.transport().logout()
        self._forget()

    def end(self, problem: Problem) -> None:
        """The consequence of a refusal of a whole request for the session: dead tokens sign out softly, a revoked phone forgets
        everything."""
        if problem.code is Code.device_wipe:
            self._wipe()
        elif problem.code.remedy is Remedy.sign_in:
            self._forget()

    def _forget(self) -> None:
        with self._shelf.transaction():
            self._shelf.put_note(_TOKENS, None)
        self.close()

    def _wipe(self) -> None:
        installation = self.installation()
        self._forget()
        self._shelf.wipe()
        with self._shelf.transaction():
            self._shelf.put_note(_INSTALLATION, installation)
