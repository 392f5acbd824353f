"""Users: a file brings them, the desk changes them one at a time (`server/services/users.py`)."""

from typing import Final

from server.domain.feature import Feature
from server.domain.imports.users import USERS

FEATURE: Final = Feature(imports=(USERS,))
