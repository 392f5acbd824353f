"""The matrix of the desk as a TypeScript module: the desk shows each role only the places and buttons that it gives it (D-491)."""

import json
from typing import Final

from server.domain.matrix import MATRIX, Row
from shared_schema.typescript import HEAD

SHOWN: Final = (
    "GET /v1/desk/customers",
    "POST /v1/desk/customers",
    "POST /v1/desk/customers/{customer_id}",
    "POST /v1/desk/customers/{customer_id}/transfer",
    "POST /v1/desk/contacts",
    "GET /v1/desk/archivals",
    "GET /v1/desk/duplicates",
    "GET /v1/desk/placings",
    "GET /v1/desk/pools",
    "GET /v1/desk/visits",
    "GET /v1/desk/quotes",
    "POST /v1/quotes/{quote_id}/decisions",
    "POST /v1/desk/instructions",
    "GET /v1/desk/products",
    "POST /v1/desk/products",
    "POST /v1/desk/price-books",
    "POST /v1/desk/prices",
    "GET /v1/desk/users",
    "GET /v1/desk/customers/{customer_id}/evaluation",
    "POST /v1/desk/customers/{customer_id}/tier",
    "GET /v1/desk/evaluation-models",
    *(route for route in MATRIX if route.startswith("POST /v1/desk/imports/")),
)
"""The rows by which the desk opens a place or shows a button; each of them weighs on the app."""


def module() -> str:
    """The text of the generated module: for each of these requests the numbers of the roles that may ask, one digit each."""
    lines = ["/** Method and path → the numbers of the roles that may ask there. */", "export const MATRIX = {"]
    lines += [f"  {json.dumps(route)}: {json.dumps(_digits(MATRIX[route]))}," for route in SHOWN]
    lines += ["} as const;", "export type Route = keyof typeof MATRIX;"]
    return HEAD + "\n".join(lines) + "\n"


def _digits(row: Row) -> str:
    return "".join(str(int(role)) for role in sorted(row.roles))
