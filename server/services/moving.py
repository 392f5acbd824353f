"""The frame of every desk move of a customer: lock and read the whole family, then write and feed what changed (D-107)."""

from collections import Counter

import sqlalchemy as sa

from server.domain.rules import RULES
from server.services import handing
from server.services.actors import of_user
from server.services.notices import tell
from server.store import families, history, load, open_items
from server.store.write import save
from shared_schema.records.inbox import InboxItem
from shared_schema.registry import BY_NUMBER
from sync.anew import came_back, judge_anew
from sync.rules import Actor, Moment
from sync.state import State


def opened(conn: sa.Connection, org_id: int, customer_id: bytes) -> State:
    """Lock the family, then read every record of it: children are searched only after the lock."""
    families.lock(conn, org_id, {customer_id})
    state = State(load.rev_floor(conn, org_id))
    load.standings(conn, state, org_id, {customer_id})
    load.family(conn, state, org_id, {customer_id})
    return state


def finished(conn: sa.Connection, acting: Actor, state: State, now_ms: int) -> dict[str, int]:
    """Judge anew what waited for this, write and feed; how many records of each kind somebody gained, lost or sees changed."""
    state = _judged_anew(conn, acting, state, Moment(now_ms))
    tell(conn, acting, state, now_ms)
    told = save(conn, state, acting, now_ms).seqs
    return dict(
        Counter(BY_NUMBER[number].name for number, record_id in sorted({place[1:] for place in told}) if (number, record_id) in state.held)
    )


def _judged_anew(conn: sa.Connection, acting: Actor, state: State, moment: Moment) -> State:
    gained = {customer_id for customer_id, before in state.stood.items() if state.holders(customer_id) - before}
    open_items.moved(conn, state, acting.org_id, gained)
    back = came_back(state, gained)
    if not back:
        return state
    handing.load_origins(conn, state, acting.org_id)
    load.entries(conn, state, acting.org_id, back)
    load.reference(conn, state, acting.org_id)

    def author(item: InboxItem) -> Actor:
        return of_user(conn, acting.org_id, item.holder_id, item.line_no)

    judged = judge_anew(state, gained, author, RULES, moment)
    history.fill_before(conn, acting.org_id, judged)
    return judged
