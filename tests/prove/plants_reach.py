"""Planted bugs of what reaches whom: pages and scopes, rights, order. `plants.py` lists them."""

from collections.abc import Callable, Collection, Iterable
from typing import Any, Final

import msgspec

from server.domain.rules import RULES
from server.store.feed import FeedRow
from shared_schema.wire import ScopePage
from sync import admission, device, fold, page, rows
from sync.cursor import ScopeHead, Wanted
from sync.rules import Actor, Holding
from sync.state import Held, State
from tests.prove import server, store
from tests.prove.handset import DyingShelf
from tests.prove.store import Store

Put = Callable[[Any, str, Any], None]


def consistent_too_early(put: Put) -> None:
    """Every answer says that nothing is left."""
    put(page, "more", lambda *_: False)


def older_body_taken(put: Put) -> None:
    """Whatever arrives last is kept, whatever its rev."""
    identity = rows._identity
    put(rows, "_identity", lambda entity, body: (identity(entity, body)[0], 0))


def removed_by_one_scope(put: Put) -> None:
    """A record that leaves one scope leaves the device."""
    release = DyingShelf.release
    put(DyingShelf, "release", lambda shelf, scope, key: release(shelf, scope, key) or True)


def grant_after_revoke_untold(put: Put) -> None:
    """Who is told that a record left is not told when it comes back."""
    publish = store.publish

    def publishing(data: Store, fed: Iterable[FeedRow]) -> Any:
        left = {(number, *key) for number, told in data.feed.items() for key, one in told.items() if one.reason}
        return publish(data, [row for row in fed if row.reason or (row.scope_no, row.entity, row.id) not in left])

    put(store, "publish", publishing)


def scopes_remembered(put: Put) -> None:
    """What a line may hold is asked once, when it first comes."""
    honest = Store.scopes_of

    def remembering(data: Store, acting: Actor, tiles: Collection[int] = ()) -> list[ScopeHead]:
        known: dict[int, set[int]] = data.__dict__.setdefault("known", {})
        first = known.setdefault(acting.line_no, {scope.number for scope in honest(data, acting, tiles)})
        return [scope for scope in data.scopes.values() if scope.number in first]

    put(Store, "scopes_of", remembering)


def card_shows_anything(put: Put) -> None:
    """A card prints what stands, also to who may not see it."""
    put(fold, "may_see", lambda *_: True)


def order_reversed(put: Put) -> None:
    """What was entered last is taken first."""
    groups = admission.grouped
    put(admission, "grouped", lambda fresh: list(reversed(groups(fresh))))


def authorised_when_queued(put: Put) -> None:
    """Who held the customer when he entered it may still change it."""

    def holding(actor: Actor, state: State, customer_id: bytes) -> Holding:
        return Holding.none if RULES.holding(actor, state, customer_id) == Holding.none else Holding.holder

    put(server, "RULES", msgspec.structs.replace(RULES, holding=holding))


def conflict_by_record(put: Put) -> None:
    """Whoever changed another part of the record is in the way."""
    put(Held, "stamp", lambda held, _group: max(held.stamps.values()))


def group_cut_by_request(put: Put) -> None:
    """A request takes one entry at a time, whatever belongs together."""
    put(device, "_whole_groups", lambda waiting, *_: [msgspec.Raw(one.raw) for one in waiting[:1]])


def empty_pages_sent(put: Put) -> None:
    """A scope in which nothing is new has a page all the same."""

    def paged(one: Wanted, *rest: Any) -> Any:
        scope = one.scope
        if one.position == scope.head and not one.begin:
            return ScopePage(scope.number, scope.lane, False, scope.head, scope.head, True, page.splice([])), 0
        return honest(one, *rest)

    honest = page._page
    put(page, "_page", paged)


ALL: Final[tuple[Callable[[Put], None], ...]] = (
    *(consistent_too_early, older_body_taken, removed_by_one_scope, grant_after_revoke_untold, scopes_remembered),
    *(card_shows_anything, order_reversed, authorised_when_queued, conflict_by_record, group_cut_by_request, empty_pages_sent),
)
