"""The public key with which browsers subscribe, read once at the start."""

from pathlib import Path

from msgspec import Struct

from notifications import vapid
from server.settings import Settings, SettingsError


class PublicKey(Struct, frozen=True):
    """`text`: base64url of the key's point; empty without one."""

    text: str = ""


def read(settings: Settings) -> PublicKey:
    """The key of this server. Raises SettingsError."""
    if not settings.push_vapid:
        return PublicKey()
    try:
        return PublicKey(vapid.public_key(Path(settings.push_vapid).read_bytes()))
    except (OSError, ValueError) as error:
        told = str(error) if isinstance(error, ValueError) else f"the file cannot be read ({type(error).__name__})"
        raise SettingsError(f"push_vapid: {told}; outrider push make-keys makes one") from error
