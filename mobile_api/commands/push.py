"""`outrider push`: the keys with which pushes are signed."""

import os
from pathlib import Path

import click

from notifications.vapid import made_keys, public_key


@click.group("push")
def command() -> None:
    """Make the keys for push to browsers."""


@command.command("make-keys")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), default=Path("outrider-vapid.pem"))
def make_keys(file: Path) -> None:
    """Make a key pair (VAPID) in FILE, for its owner alone.

    A browser is bound to the key with which it subscribed: another key ends all subscriptions, so keep a copy of FILE with your backups.
    """
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise click.ClickException(f"{file} is there already; new keys would end every subscription of a browser") from None
    except OSError as error:
        raise click.ClickException(f"{file} cannot be written ({error.strerror})") from None
    pem = made_keys()
    with os.fdopen(handle, "wb") as opened:
        opened.write(pem)
    click.echo(f"The keys are in {file}. Their public half: {public_key(pem)}")
    click.echo(f"Set OUTRIDER_PUSH_VAPID={file.resolve()} and OUTRIDER_PUSH_CONTACT=mailto:you@your.company, then start the server again.")
