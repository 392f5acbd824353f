"""What a part of the prepared database leaves for its operations, and what they are given: requests not sent yet, ids, texts."""

from collections.abc import Callable, Iterable, Mapping

from msgspec import Struct

from server.domain.tokens import Claims
from shared_schema.wire import ENCODER
from sync.device import keep_tiles
from tests.world import Phone, World


class Scene(Struct, frozen=True):
    """What an operation is given: plain data, so that it travels to a forked process."""

    org_id: int
    now_ms: int
    claims: Mapping[str, Claims]
    requests: Mapping[str, bytes]
    ids: Mapping[str, bytes]
    texts: Mapping[str, str]


class Stage(Struct, frozen=True):
    """One organisation that is being filled."""

    world: World
    admin: Claims
    manager: Phone
    claims: dict[str, Claims] = {}
    requests: dict[str, bytes] = {}
    ids: dict[str, bytes] = {}
    texts: dict[str, str] = {}

    async def phone(self, user_id: bytes, tiles: Iterable[int] = ()) -> Phone:
        """A further phone of a user, in step."""
        phone = await self.world.phone(user_id)
        keep_tiles(phone.shelf, tuple(tiles))
        await phone.sync()
        return phone

    async def about_to(self, name: str, user_id: bytes, act: Callable[[Phone], object], tiles: Iterable[int] = ()) -> None:
        """A phone of its own, whose user has entered something and not sent it yet: under `name` its request and its claims."""
        phone = await self.phone(user_id, tiles)
        act(phone)
        self.requests[name] = ENCODER.encode(phone.ask())
        self.claims[name] = phone.claims
