"""One more kind of record than Outrider has: fridges on loan to customers. No app has a feature that says how one reads.

`python -m tests.browser.cold_case DATABASE_URL FOLDER` declares it before the kinds of records are gathered, and opens an office with it.
"""

import importlib
import sys
from enum import IntEnum
from typing import Annotated, Final

from mobile_api.phone import texts_named
from shared_schema.entity import Entity
from shared_schema.policy import FIXED, Group, Lane, OfFamily, Policy
from shared_schema.records import sample
from shared_schema.records.base import Record
from shared_schema.scalars import Day, EpochMs, Id, Line

NUMBER: Final = 63


class LoanState(IntEnum):
    """Where the fridge is."""

    unknown = 0
    on_loan = 1
    given_back = 2


class ColdCase(Record, frozen=True, array_like=True):
    """A fridge at a customer's."""

    customer_id: Annotated[Id, FIXED]
    device_ms: Annotated[EpochMs, FIXED]
    serial_no: Annotated[Line, Group("serial_no")] = ""
    loan_state: Annotated[LoanState, Group("loan_state")] = LoanState.unknown
    back_day: Annotated[Day | None, Group("back_day")] = None
    last_remark: Annotated[Line, Group("last_remark")] = ""


ENTITY: Final = Entity(NUMBER, ColdCase, Policy.register, Lane.work, OfFamily())
WORDS: Final = {
    "cold_case": ("The fridge", "冰柜"),
    "serial_no": ("serial number", "铭牌编号"),
    "loan_state": ("whereabouts", "去向"),
    "on_loan": ("at the customer's", "在客户处"),
    "given_back": ("fetched", "已取回"),
    "back_day": ("to be fetched on", "取回日期"),
    "last_remark": ("condition", "状况"),
}
"""English, Chinese: as the noun's own module of words would hold them."""


def main() -> None:
    """Declare it where a noun is declared, then start what reads the declarations."""
    if "shared_schema.registry" in sys.modules:
        raise RuntimeError("the kinds of records were asked for before this one was declared")
    sample.ENTITIES = (*sample.ENTITIES, ENTITY)  # type: ignore[misc, assignment]
    texts_named.TEXTS_NAMED = {**texts_named.TEXTS_NAMED, **WORDS}  # type: ignore[misc]
    importlib.import_module("tests.browser.cold_office").main(*sys.argv[1:])


if __name__ == "__main__":
    main()
