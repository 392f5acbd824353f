"""SQL of the evaluation of customers: versions of the model, what was found, how far the pass has come, and who waits."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final, NamedTuple

import msgspec
import sqlalchemy as sa

from server.domain.books import ORDER, RECEIVABLE
from server.models import RECORD_TABLES, evaluated, evaluation, evaluation_model, evaluation_pass, evaluation_wait
from server.store.hot import ByKey
from shared_schema.records.customer import Contact, Customer, Standing
from shared_schema.registry import BY_RECORD
from shared_schema.rest_evaluation import Evaluation, EvaluationModel, ModelTerms
from shared_schema.wire import ENCODER
from sync.state import State

HISTORY_MAX: Final = 50
STANDING: Final = RECORD_TABLES["standing"]
WATCHED: Final[Mapping[int, tuple[str, ...]]] = {
    BY_RECORD[Customer].number: ("industry", "size", "stock_listing", "earnings"),
    BY_RECORD[Contact].number: ("seniority",),
    BY_RECORD[Standing].number: ("rating", "tier_set_until_ms"),
}
"""Entity → slots that count."""
BOUGHT: Final[Mapping[int, str]] = {entity.number: str(entity.about) for entity in (ORDER, RECEIVABLE)}
"""Entity of which every change counts → the slot with its customer."""
TERMS: Final = msgspec.msgpack.Decoder(ModelTerms)
BODY: Final = msgspec.msgpack.Decoder(Evaluation)
HEADS: Final = ByKey(evaluated, ("customer_id",), ("customer_id", "number", "digest", "version", "low_periods", "low_period"))


class Head(NamedTuple):
    """Where the evaluation of a customer stands, by the columns of its table."""

    customer_id: bytes
    number: int
    digest: bytes
    version: int
    low_periods: int
    low_period: int


class Pass(NamedTuple):
    """How far the evaluation of all customers has come."""

    version: int
    period: int
    after: bytes
    done: bool


# the versions


def models(conn: sa.Connection, org_id: int) -> list[EvaluationModel]:
    """All versions, the newest first."""
    found = sa.select(evaluation_model).where(evaluation_model.c.org_id == org_id)
    return [
        EvaluationModel(
            id=bytes(row.id), version=row.version, made_by_id=bytes(row.made_by_id), made_ms=row.made_ms, terms=TERMS.decode(row.terms)
        )
        for row in conn.execute(found.order_by(evaluation_model.c.version.desc()))
    ]


def put_model(conn: sa.Connection, org_id: int, model: EvaluationModel) -> None:
    """Add a version. Of two that are made at once the second is run again: they would have one number."""
    values = {"id": model.id, "made_by_id": model.made_by_id, "made_ms": model.made_ms, "terms": ENCODER.encode(model.terms)}
    day = model.terms.effective_from_day
    conn.execute(sa.insert(evaluation_model).values(org_id=org_id, version=model.version, effective_from_day=day, **values))


def organisations(conn: sa.Connection) -> list[int]:
    """Those that have a version of the model."""
    return list(conn.execute(sa.select(evaluation_model.c.org_id).distinct().order_by(evaluation_model.c.org_id)).scalars())


def _has_model(conn: sa.Connection, org_id: int) -> bool:
    found = sa.select(evaluation_model.c.version).where(evaluation_model.c.org_id == org_id).limit(1)
    return conn.execute(found).scalar_one_or_none() is not None


# who waits


def note(conn: sa.Connection, org_id: int, state: State, now_ms: int) -> None:
    """Let customers of whom something changed that counts wait for their evaluation. The caller has written the records."""
    ids = _changed(state)
    if ids and _has_model(conn, org_id):
        put_waiting(conn, org_id, ids, now_ms)


def mark(conn: sa.Connection, org_id: int, customer_ids: Collection[bytes], now_ms: int) -> None:
    """Let customers wait whose orders or payments changed, in the transaction that changes them."""
    if customer_ids and _has_model(conn, org_id):
        put_waiting(conn, org_id, customer_ids, now_ms)


def _changed(state: State) -> set[bytes]:
    found = {record_id for number, record_id in state.created if number == BY_RECORD[Standing].number}
    found |= {key[0] for key in state.beside.sums}  # what they brought, also by a cost or a rate that became known
    for key in state.touched:
        if key[0] in BOUGHT:
            found.add(getattr(state.held[key].record, BOUGHT[key[0]]))
            continue
        slots = WATCHED.get(key[0])
        if slots is None:
            continue
        held, before = state.held[key].record, state.originals.get(key)
        known = before.record if before is not None and key not in state.created else None
        if any(getattr(held, slot) != (getattr(known, slot) if known is not None else 0) for slot in slots if _counts(held, slot, known)):
            found.add(held.customer_id if isinstance(held, Contact) else held.id)
    gone = {BY_RECORD[Contact].number, *BOUGHT}
    return found | {one.customer_id for (number, _), one in state.buried.items() if number in gone and one.customer_id is not None}


def _counts(held: object, slot: str, known: object) -> bool:
    """A new record says something of itself only where a slot is filled."""
    return known is not None or bool(getattr(held, slot))


PUT: Final = (
    f"INSERT INTO {evaluation_wait.name} (org_id, customer_id, at_ms) VALUES ({{}}) "  # noqa: S608 - our own names
    "ON CONFLICT (org_id, customer_id, at_ms) DO NOTHING"
)
PUT_BY_DIALECT: Final = {"sqlite": PUT.format("?, ?, ?"), "postgresql": PUT.format("$1, $2, $3")}


def put_waiting(conn: sa.Connection, org_id: int, customer_ids: Iterable[bytes], now_ms: int) -> None:
    """A row each; one of the same moment is there already."""
    conn.exec_driver_sql(PUT_BY_DIALECT[conn.dialect.name], [(org_id, one, now_ms) for one in sorted(customer_ids)])


def waiting(conn: sa.Connection) -> list[int]:
    """The organisations in which somebody waits."""
    return list(conn.execute(sa.select(evaluation_wait.c.org_id).distinct().order_by(evaluation_wait.c.org_id)).scalars())


def some_waiting(conn: sa.Connection, org_id: int, limit: int) -> list[tuple[bytes, int]]:
    """Rows of customers who wait, by their ids: (customer, moment)."""
    kept = evaluation_wait.c
    found = sa.select(kept.customer_id, kept.at_ms).where(kept.org_id == org_id).order_by(kept.customer_id, kept.at_ms).limit(limit)
    return [(bytes(row.customer_id), row.at_ms) for row in conn.execute(found)]


def drop_waiting(conn: sa.Connection, org_id: int, rows: Sequence[tuple[bytes, int]]) -> None:
    """These rows go; one that came since stays."""
    kept = evaluation_wait.c
    where = (
        kept.org_id == org_id,
        kept.customer_id == sa.bindparam("the_customer", type_=sa.LargeBinary),
        kept.at_ms == sa.bindparam("the_ms"),
    )
    if rows:
        conn.execute(sa.delete(evaluation_wait).where(*where), [{"the_customer": one, "the_ms": at_ms} for one, at_ms in rows])


# the pass


def lock_pass(conn: sa.Connection, org_id: int) -> Pass | None:
    """How far the evaluation of all has come, locked: two workers take turns."""
    kept = evaluation_pass.c
    row = conn.execute(sa.select(evaluation_pass).where(kept.org_id == org_id).with_for_update()).one_or_none()
    return Pass(row.version, row.period, bytes(row.after), bool(row.done)) if row is not None else None


def put_pass(conn: sa.Connection, org_id: int, reached: Pass, *, new: bool) -> None:
    """Keep how far it has come."""
    if new:
        conn.execute(sa.insert(evaluation_pass).values(org_id=org_id, **reached._asdict()))
    else:
        conn.execute(sa.update(evaluation_pass).where(evaluation_pass.c.org_id == org_id).values(**reached._asdict()))


def customers_after(conn: sa.Connection, org_id: int, after: bytes, limit: int) -> list[bytes]:
    """Customers by their ids."""
    mine = (STANDING.c.org_id == org_id, STANDING.c.id > after)
    return [bytes(one) for one in conn.execute(sa.select(STANDING.c.id).where(*mine).order_by(STANDING.c.id).limit(limit)).scalars()]


# what was found


def heads(conn: sa.Connection, org_id: int, customer_ids: Collection[bytes]) -> dict[bytes, Head]:
    """Where the evaluation of these customers stands; one that nobody evaluated is left out."""
    return {bytes(row[0]): Head(bytes(row[0]), row[1], bytes(row[2]), *row[3:]) for row in HEADS.run(conn, org_id, customer_ids)}


FOUND: Final = f"INSERT INTO {evaluation.name} (org_id, customer_id, number, at_ms, body) VALUES ({{}})"  # noqa: S608 - our own names
HEAD: Final = f"INSERT INTO {evaluated.name} (org_id, {', '.join(Head._fields)}) VALUES ({{}})"  # noqa: S608


def _marks(conn: sa.Connection, count: int) -> str:
    """As the driver takes values: a night may write a row for each customer."""
    return ", ".join("?" if conn.dialect.name == "sqlite" else f"${at}" for at in range(1, count + 1))


def put_found(conn: sa.Connection, org_id: int, found: Sequence[tuple[Head, Evaluation]]) -> None:
    """Add evaluations that differ from the one before."""
    if found:
        rows: list[tuple[object, ...]] = [(org_id, head.customer_id, head.number, one.at_ms, ENCODER.encode(one)) for head, one in found]
        conn.exec_driver_sql(FOUND.format(_marks(conn, 5)), rows)


def put_heads(conn: sa.Connection, org_id: int, changed: Sequence[Head], known: Collection[bytes]) -> None:
    """Keep where the evaluation of these customers stands. `known`: those that have a row."""
    new: list[tuple[object, ...]] = [(org_id, *one) for one in changed if one.customer_id not in known]
    old = [{f"the_{name}": value for name, value in one._asdict().items()} for one in changed if one.customer_id in known]
    if new:
        conn.exec_driver_sql(HEAD.format(_marks(conn, 1 + len(Head._fields))), new)
    if old:
        values: dict[str, sa.BindParameter[object]] = {name: sa.bindparam(f"the_{name}") for name in Head._fields if name != "customer_id"}
        mine = (evaluated.c.org_id == org_id, evaluated.c.customer_id == sa.bindparam("the_customer_id", type_=sa.LargeBinary))
        conn.execute(sa.update(evaluated).where(*mine).values(**values), old)


def history(conn: sa.Connection, org_id: int, customer_id: bytes) -> list[Evaluation]:
    """The evaluations of a customer, the newest first."""
    kept = evaluation.c
    found = sa.select(kept.body).where(kept.org_id == org_id, kept.customer_id == customer_id)
    return [BODY.decode(body) for body in conn.execute(found.order_by(kept.number.desc()).limit(HISTORY_MAX)).scalars()]
