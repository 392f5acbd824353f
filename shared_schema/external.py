"""The name of a thing in other systems: the external id under which it is imported."""

from typing import Annotated

from msgspec import Meta

ExternalId = Annotated[str, Meta(min_length=1, max_length=64)]
