"""The demo's random passwords, kept beside the database in a file that only its owner can read; never in the repository."""

import os
from pathlib import Path
from typing import Final

import msgspec

from mobile_api.phone.day.people import ADMIN, COLLEAGUES
from server import chance

PASSWORD_BYTES: Final = 9


class Accounts(msgspec.Struct):
    """Passwords by account name."""

    passwords: dict[str, str]


def path_beside(secret: Path) -> Path:
    """Where the passwords lie: beside the server's own secret, which lies beside the database."""
    return secret.with_suffix(".accounts.json")


def load(path: Path) -> Accounts | None:
    """The passwords, None when nobody kept them."""
    return msgspec.json.decode(path.read_bytes(), type=Accounts) if path.exists() else None


def invent() -> Accounts:
    """A random password for everybody."""
    return Accounts({login: chance.secret(PASSWORD_BYTES).hex() for login in (ADMIN, *(one.login for one in COLLEAGUES))})


def keep(path: Path, accounts: Accounts) -> None:
    """Write the file, made readable by its owner alone before anything is in it."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_suffix(".draft")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(msgspec.json.encode(accounts))
    draft.replace(path)
