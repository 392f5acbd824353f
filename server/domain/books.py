"""Orders and receivables as the tables that no device holds name them: the kinds of record beside which those rows stand."""

from typing import Final

from shared_schema.records.order import OrderState, Receivable, SalesOrder
from shared_schema.registry import BY_RECORD

ORDER: Final = BY_RECORD[SalesOrder]
RECEIVABLE: Final = BY_RECORD[Receivable]
CANCELLED: Final = OrderState.cancelled
