"""Cities and their regions, which the desk keeps."""

from collections.abc import Mapping
from typing import Any, Final

from shared_schema.records.region import CityRequest
from tests.prove.crash_listed import Operation
from tests.prove.crash_tables import keeping
from tests.prove.proof import Proof

MADE: Final = CityRequest(id=b"c" * 16, name="苏州市", region="East")


def theft(ids: Mapping[str, str]) -> dict[str, Any]:
    """The victim's city, in a region of the thief's."""
    return {"id": ids["city"], "name": "Thief", "region": "Thief"}


PROOF: Final = Proof(
    operations=(Operation("keep a city", keeping((MADE,)), same=True, touches=("city",)),),
    asks={"/v1/desk/cities": theft},
    bodies={"/v1/desk/cities": (CityRequest, {"name": "苏州市", "region": "华东"})},
)
