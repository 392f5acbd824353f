"""What a worker knows of its providers: their breakers, and what it counted since it told the others."""

from msgspec.structs import replace

from notifications import breaker as breaking
from notifications import subscription
from notifications.breaker import Breaker
from notifications.push import ChannelName
from notifications.reaction import Guilt, Reaction, Said, Then
from server.database import Database
from server.services.push_lease import Leased
from server.store import providers
from server.store.providers import SERVER, Name, Standing


def name_of(org_id: int, channel: ChannelName) -> Name:
    """Whose provider it is: a robot is its organisation's, any other the server's."""
    return (org_id if channel is ChannelName.robot else SERVER, channel.value)


class Ledger:
    """The providers as one worker sees them. Another worker's pause or open breaker is known after the next `tell`."""

    def __init__(self) -> None:
        self._breakers: dict[Name, Breaker] = {}
        self._news: dict[Name, Standing] = {}
        self._served: dict[Name, dict[str, int]] = {}
        self._refused: dict[Name, set[tuple[int, int]]] = {}
        """(organisation, line) of the targets that count already against a provider of all, since it was last well or opened."""
        self.is_urgent = False
        """Whether a breaker opened or a pause began that the others do not know of."""

    def closed(self, org_id: int, now_ms: int) -> frozenset[str]:
        """The channels to which nothing of this organisation may go now; `SERVER`: nothing of anybody's."""
        return frozenset(name for (whose, name), one in self._breakers.items() if whose in (SERVER, org_id) and not one.is_closed(now_ms))

    def shut(self, now_ms: int) -> frozenset[Name]:
        """All providers and robots to which nothing may go now."""
        return frozenset(name for name, one in self._breakers.items() if not one.is_closed(now_ms))

    def served_ms(self, one: Leased) -> int:
        """When the service of a target last took a push; 0: never. Of WebPush each browser's maker has one, and one may be ill alone."""
        return self._served.get(name_of(one.org_id, one.channel), {}).get(_service(one), 0)

    def heard(self, one: Leased, said: Said, then: Reaction, now_ms: int) -> None:
        """Count one answer."""
        name = name_of(one.org_id, one.channel)
        before = self._breakers.get(name, Breaker())
        after = self._breakers[name] = breaking.heard(before, self._weighed(name, one, then), now_ms)
        was, is_taken = self._news.get(name, Standing()), then.then is Then.sent
        if is_taken or after.openings > before.openings:
            self._refused.pop(name, None)
        served = {_service(one): now_ms} if is_taken else {}
        self._served.setdefault(name, {}).update(served)
        self._news[name] = replace(
            was,
            breaker=after,
            sent=was.sent + 1,
            taken=was.taken + is_taken,
            dead=was.dead + (then.then is Then.dead),
            retired=was.retired + then.retires,
            lags_ms=(*was.lags_ms, now_ms - one.made_ms) if is_taken else was.lags_ms,
            word=was.word if is_taken else said.word.value,
            served={**was.served, **served},
        )
        self.is_urgent |= max(after.open_until_ms, after.paused_until_ms) > max(before.open_until_ms, before.paused_until_ms)

    def _weighed(self, name: Name, one: Leased, then: Reaction) -> Reaction:
        """A target that is refused again speaks once against a provider of all: else one bad target would hold up the others."""
        if then.guilt is Guilt.nobody or name[0] != SERVER:
            return then
        target, known = (one.org_id, one.place[1]), self._refused.setdefault(name, set())
        if target in known:
            return replace(then, guilt=Guilt.nobody)
        known.add(target)
        return then

    async def tell(self, database: Database) -> None:
        """Tell the other workers what was counted, and hear what they know."""
        news, self._news, self.is_urgent = self._news, {}, False
        try:
            found = await database.write(providers.add, news) if news else await database.read(providers.standings)
        except Exception:
            self._news = {name: providers.joined(one, self._news.get(name, Standing())) for name, one in news.items()} | {
                name: one for name, one in self._news.items() if name not in news
            }
            raise
        for name, standing in found.items():
            self._served[name] = providers.newest(standing.served, self._served.get(name, {}))
            if name not in self._news:  # what was heard meanwhile is newer, and told next
                self._breakers[name] = standing.breaker


def _service(one: Leased) -> str:
    """Which service of a channel a target has; empty where the channel has one alone."""
    return subscription.host(one.push.target.address) if one.channel is ChannelName.webpush else ""
