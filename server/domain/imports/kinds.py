"""Every kind of import, as the features declare them."""

from collections.abc import Mapping
from typing import Final

from server.domain.features import FEATURES
from server.domain.imports.frame import Import

IMPORTS: Final = tuple(kind for one in FEATURES for kind in one.imports)
"""In the order in which a new organisation brings them over: a record comes before the records that name it."""
BY_NAME: Final[Mapping[str, Import]] = {one.name: one for one in IMPORTS}
