"""Where a customer is, in WGS-84."""

import msgspec

from geo.datum import known_position
from shared_schema.records.customer import Customer


def placed(customer: Customer) -> Customer:
    """The customer with its WGS-84 position (D-111)."""
    position = known_position(customer.datum, customer.latitude_e6, customer.longitude_e6)
    latitude_e6, longitude_e6 = position if position is not None else (None, None)
    return msgspec.structs.replace(customer, wgs_latitude_e6=latitude_e6, wgs_longitude_e6=longitude_e6)
