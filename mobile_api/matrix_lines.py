"""The matrix of the desk as a TypeScript module: the desk shows each role only the places that it gives it (D-491)."""

import json
from typing import Final

from server.domain.matrix import MATRIX
from shared_schema.typescript import HEAD

_TYPE: Final = "Readonly<Record<string, { readonly roles: readonly number[]; readonly service: boolean }>>"


def module() -> str:
    """The text of the generated module: for each request the numbers of the roles that may ask, and whether a service account may."""
    lines = ["/** Method and path → who may ask there. */", "export const MATRIX = {"]
    for route, row in MATRIX.items():
        roles = [int(role) for role in sorted(row.roles)]
        lines.append(f"  {json.dumps(route)}: {{ roles: {roles}, service: {json.dumps(row.service)} }},")
    lines += [f"}} as const satisfies {_TYPE};", "export type Route = keyof typeof MATRIX;"]
    return HEAD + "\n".join(lines) + "\n"
