"""The lists of the desk over HTTP: what a filter names is all that comes, and what no field holds is refused."""

from collections.abc import Iterator
from uuid import uuid4

import pytest

from server.domain.desk import LISTS
from server.domain.feature import Listing
from server.domain.matrix import MATRIX
from shared_schema.records.activity import ContactLog, Visit
from shared_schema.records.archival import Archival
from shared_schema.records.contest import Contest
from shared_schema.records.customer import Customer
from shared_schema.records.duplicate import Duplicate
from shared_schema.records.extension import Extension
from shared_schema.records.hold import PoolHold
from shared_schema.records.inbox import InboxItem
from shared_schema.records.instruction import Instruction, InstructionState
from shared_schema.records.placing import Placing
from shared_schema.records.quote import Quote
from shared_schema.records.reference import Price, Product, Role
from tests.integration.site import Caller, code, site


@pytest.fixture
def boss(migrated_url: str) -> Iterator[Caller]:
    with site(migrated_url) as here:
        yield here.admin()


def made(boss: Caller, noun: str, **body: object) -> str:
    return str(boss.post(f"/v1/desk/{noun}", body).json()["id"])


def test_a_filter_by_an_id(boss: Caller) -> None:
    """P-712."""
    product = made(boss, "products", code="T", name="Tea", unit="box")
    books = [made(boss, "price-books", name=name) for name in ("List", "Export")]
    prices = {book: made(boss, "prices", price_book_id=book, product_id=product, price_minor=1) for book in books}
    for book in books:
        assert [one["id"] for one in boss.get(f"/v1/desk/prices?price_book_id={book}").json()["items"]] == [prices[book]]
    assert {one["id"] for one in boss.get("/v1/desk/prices").json()["items"]} == set(prices.values())
    assert boss.get(f"/v1/desk/prices?price_book_id={product}").json() == {"items": [], "after": None}
    for wrong in ("x", "", "null", product.upper()):
        assert code(boss.get(f"/v1/desk/prices?price_book_id={wrong}")) == "parameter_wrong"
        assert code(boss.get(f"/v1/desk/prices?after={wrong}")) == "parameter_wrong"


def test_bounds_of_a_list_by_moments(migrated_url: str) -> None:
    """P-712: the bounds are in the query of each list by moments, and of no other."""
    with site(migrated_url) as here:
        boss = here.admin()
        bounded(boss, here.user(boss, "ann"))


def bounded(boss: Caller, rep: str) -> None:
    ids = [made(boss, "instructions", id=str(uuid4()), rep_id=rep, text=text) for text in ("one", "two")]
    at = {one["id"]: one["sent_ms"] for one in boss.get("/v1/desk/instructions").json()["items"]}
    assert set(at) == set(ids)
    first, end = min(at.values()), max(at.values()) + 1
    for query, found in (
        (f"since_ms={first}&until_ms={end}", ids),
        (f"until_ms={first}", []),
        (f"since_ms={end}", []),
        (f"since_ms={first}", ids),
        (f"until_ms={end}&state={InstructionState.done}&since_ms={first}", []),
    ):
        assert {one["id"] for one in boss.get(f"/v1/desk/instructions?{query}").json()["items"]} == set(found), query
    for name in ("since_ms", "until_ms"):
        for wrong in ("x", "", "-1", "1.5"):
            assert code(boss.get(f"/v1/desk/instructions?{name}={wrong}")) == "parameter_wrong"
    assert {listing.record for listing in LISTS if listing.bounds} == {
        Visit,
        ContactLog,
        Instruction,
        Duplicate,
        Contest,
        Extension,
        Archival,
        PoolHold,
        Placing,
    }


def test_what_nobody_declared_filters_nothing(boss: Caller) -> None:
    product = made(boss, "products", code="T", name="Tea", unit="box")
    assert [one["id"] for one in boss.get("/v1/desk/products?code=other").json()["items"]] == [product]


def test_a_list_is_for_its_roles(migrated_url: str) -> None:
    """What the matrix gives a rep shows what the rep may see; the other lists are refused."""
    with site(migrated_url) as here:
        here.user(here.admin(), "ann")
        ann = here.caller("alpha", "ann")
        assert ann.log_in().status_code == 200
        for listing in LISTS:
            assert code(ann.get(listing.path)) == ("200" if Role.rep in MATRIX[listing.route].roles else "forbidden"), listing.path


@pytest.mark.parametrize(
    "wrong",
    [
        {"record": Price, "filters": ("product_id",)},
        {"record": Customer, "filters": ("name",)},
        {"record": Customer, "filters": ("tags",)},
        {"record": Quote, "newest": "submitted_ms"},
        {"record": Product, "newest": "active"},
    ],
    ids=str,
)
def test_a_list_that_no_index_carries_is_not_declared(wrong: dict[str, object]) -> None:
    with pytest.raises(TypeError):
        Listing(tells="", **wrong)  # type: ignore[arg-type]


def test_the_path_follows_the_name() -> None:
    assert Listing(InboxItem, "", filters=("holder_id", "state"), newest="created_ms").path == "/v1/desk/inbox-items"
