"""The demo's three hundred shops: distinct, at home in their city, and as the records want them."""

from mobile_api.phone.day.places import DISTRICTS, PER_CITY, POOLED, pooled, shops
from shared_schema.records.customer import CustomerKind


def test_shops_are_many_distinct_and_always_the_same() -> None:
    everything = [shop for city in DISTRICTS for shop in shops(city)]
    assert len(everything) == len(DISTRICTS) * PER_CITY == 300
    assert len({shop.name for shop in everything}) == 300
    assert everything == [shop for city in DISTRICTS for shop in shops(city)]
    assert len({shop.name for shop in (*everything, *pooled())}) == 300 + sum(POOLED.values()), "the pool has others"


def test_each_shop_lies_within_a_kilometre_of_its_district() -> None:
    for city, districts in DISTRICTS.items():
        for at, shop in enumerate((*shops(city), *(one for one in pooled() if one.city == city))):
            district = districts[at % len(districts)]
            assert abs(shop.latitude_e6 - district.latitude_e6) <= 8_000
            assert abs(shop.longitude_e6 - district.longitude_e6) <= 8_000
            assert shop.kind is not CustomerKind.unknown
