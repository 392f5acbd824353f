"""Whose records the rows of a file may be about: one that a role imports for its department names customers of its users alone (D-493)."""

from server.domain.imports.frame import Asking, unless
from shared_schema.records.customer import Standing
from sync.rules import Reach


def require_within(asking: Asking, standing: Standing | None, column: str) -> None:
    """Raises FlawError(not_yours) at a column unless the user who imports reaches the customer."""
    users = {asking.actor.user_id, *asking.actor.report_ids}
    whole = asking.actor.reach is Reach.organisation
    unless(whole or (standing is not None and standing.owner_id in users), "not_yours", column)
