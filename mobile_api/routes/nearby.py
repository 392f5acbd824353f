"""What is around a place, by distance: also what this phone does not hold."""

import math
from typing import Any, Final

import msgspec
from litestar import Request, Response, get
from litestar.di import NamedDependency

from geo.around import EVERY, Filters
from geo.datum import known_position
from geo.grid import RADIUS_MAX_M
from mobile_api import auth
from mobile_api.codec import answer
from mobile_api.openapi import contract
from mobile_api.routes.desk.places import id_in_query, number_in_query
from mobile_api.routes.sync import Syncs
from server.chance import now_ms
from server.domain.nearby import Place
from server.services import nearby
from shared_schema.nearby import NEARBY_ITEMS, NEARBY_ITEMS_MAX, DistanceUnit, NearbyPage, Relation
from shared_schema.places import LATITUDE_MAX_E6, LONGITUDE_MAX_E6, Datum, Position
from shared_schema.problem import Code, Problem
from shared_schema.records.customer import CustomerKind, Tier
from shared_schema.scalars import Day, Word

HttpRequest = Request[Any, Any, Any]
QUERY: Final = (
    *("latitude", "longitude", "datum", "radius_m", "unit", "limit", "after"),
    *("relation", "pool_id", "tier", "kind", "industry", "due_by"),
)


@get("/v1/nearby", opt=contract(gives=NearbyPage, query=QUERY))
async def list_nearby(request: HttpRequest, syncs: NamedDependency[Syncs]) -> Response[bytes]:
    """List the customers around a place, nearest first: own, collaborated and pooled ones (D-460 to D-464)."""
    claims, cursor = auth.claims(request, syncs.signer), request.query_params.get("after")
    if cursor is not None:
        wanted = nearby.opened(cursor, claims.user_id, syncs.cursor_key)
    else:
        wanted = nearby.Wanted(claims.user_id, _place(request), _filters(request), _limit(request))
    return answer(request, await syncs.database.read(nearby.around, claims, wanted, syncs.cursor_key, now_ms()))


def _place(request: HttpRequest) -> Place:
    datum = _named(request, "datum", Datum) or Datum.wgs84
    given = Position(_degrees(request, "latitude", LATITUDE_MAX_E6), _degrees(request, "longitude", LONGITUDE_MAX_E6))
    at = known_position(datum, *given)
    if at is None:
        raise Problem(Code.position_nowhere, "0, 0 is what a phone says that does not know where it is", field="latitude")
    radius_m = number_in_query(request, "radius_m") if "radius_m" in request.query_params else RADIUS_MAX_M
    if not 1 <= radius_m <= RADIUS_MAX_M:
        raise Problem(Code.radius_wrong, f"radius_m is 1 to {RADIUS_MAX_M} m", field="radius_m")
    return Place(*at, radius_m, _named(request, "unit", DistanceUnit) or DistanceUnit.km)


def _degrees(request: HttpRequest, name: str, most_e6: int) -> int:
    """A coordinate in degrees, as micro-degrees."""
    try:
        degrees = float(request.query_params.get(name, ""))
    except ValueError:
        degrees = math.nan
    if not math.isfinite(degrees):
        raise Problem(Code.position_malformed, f"{name} is a number of degrees", field=name)
    if abs(degrees) * 1e6 > most_e6:
        raise Problem(Code.position_off_globe, f"{name} is at most {most_e6 // 1_000_000} degrees", field=name)
    return round(degrees * 1e6)


def _filters(request: HttpRequest) -> Filters:
    relation = _named(request, "relation", Relation)
    return Filters(
        relations=EVERY if relation is None else frozenset({relation}),
        pool_id=id_in_query(request, "pool_id"),
        tier=_named(request, "tier", Tier),
        kind=_named(request, "kind", CustomerKind),
        industry=_value(request, "industry", Word),
        due_by=_value(request, "due_by", Day),
    )


def _limit(request: HttpRequest) -> int:
    limit = number_in_query(request, "limit") if "limit" in request.query_params else NEARBY_ITEMS
    if not 1 <= limit <= NEARBY_ITEMS_MAX:
        raise Problem(Code.parameter_wrong, f"limit is 1 to {NEARBY_ITEMS_MAX}", field="limit")
    return limit


def _named(request: HttpRequest, name: str, choice: Any) -> Any:
    """A choice by its name. Raises Problem(datum_unknown | parameter_wrong)."""
    text = request.query_params.get(name)
    if text is None:
        return None
    if text not in choice.__members__ or (text == "unknown" and choice is not Tier):
        code = Code.datum_unknown if choice is Datum else Code.parameter_wrong
        raise Problem(code, f"{name} is one of {', '.join(one for one in choice.__members__ if one != 'unknown')}", field=name)
    return choice[text]


def _value(request: HttpRequest, name: str, hint: Any) -> Any:
    text = request.query_params.get(name)
    try:
        return None if text is None else msgspec.convert(text, hint, strict=False)
    except msgspec.ValidationError:
        raise Problem(Code.parameter_wrong, f"{name} is not a value that this field may hold", field=name) from None


HANDLERS: Final = (list_nearby,)
