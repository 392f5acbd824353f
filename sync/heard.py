"""What a decision lets a user hear."""

import msgspec


class Heard(msgspec.Struct, frozen=True):
    """Something a user should hear about: one notification for each (user, kind, happening, once).

    `happening`: the id of the event. `facts`: those of its words. `about`: the id of the record that the reader opens, and whose state
    ends the notice; None: the happening's own. `once`: what tells it from other notices about the same event, such as the step of a
    reminder; empty: the day of the server's clock. `until_ms`: when it is no longer worth hearing; None: as long as its kind lasts.
    """

    kind: str
    user_id: bytes
    happening: bytes
    facts: dict[str, str]
    about: bytes | None = None
    once: str = ""
    until_ms: int | None = None
