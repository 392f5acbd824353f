"""Users: a file brings them, the desk changes them one at a time (`server/services/users.py`)."""

from typing import Final

from server.domain.feature import Feature
from server.domain.imports.users import USERS
from server.domain.rights import Disclosure
from shared_schema.records.reference import Person

HELD: Final = Disclosure(
    Person,
    "/v1/desk/users/{user_id}/disclosure",
    "All that the organisation holds about a user, as a zipped file (admin, D-481).",
    ("name",),
    is_user=True,
)
FEATURE: Final = Feature(imports=(USERS,), disclosures=(HELD,))
