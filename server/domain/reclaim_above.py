"""The pool into which a customer falls, and the user who hears in the place of a silent owner (D-146, D-148, D-196). Pure and total."""

from server.domain import pool_fit
from server.domain.access import LEADERS
from shared_schema.records.customer import Customer, Standing
from shared_schema.records.pool import Pool
from shared_schema.records.reclaim import ReclaimRule
from shared_schema.records.reference import Person
from sync.state import State


def goal(state: State, rule: ReclaimRule, standing: Standing) -> Pool | None:
    """The pool into which the customer falls; None: it does not, for there is none in use."""
    customer = state.find(Customer, standing.id)
    return pool_fit.chosen(state, customer, rule) if customer is not None and rule.pool_id is not None else None


def reader(state: State, rule: ReclaimRule, standing: Standing) -> bytes | None:
    """The nearest manager above the owner, else an admin of the pool, else an admin; None: nobody is there. All can act now."""
    owner_id = standing.owner_id
    above = state.leaders.get(owner_id, ()) if owner_id is not None else ()
    return next((one for one in (*above, *_looking_after(state, goal(state, rule, standing)), *state.admins) if one != owner_id), None)


def _looking_after(state: State, pool: Pool | None) -> list[bytes]:
    """The admins of a pool who can still act, in the order in which the pool names them."""
    people = [state.find(Person, user_id) for user_id in (pool.admin_ids if pool is not None else ())]
    return [one.id for one in people if one is not None and one.active and one.role in LEADERS]
