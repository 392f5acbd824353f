"""The shape of a feature: the business of one noun. The engine asks, and names no noun."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, Generic, TypeVar

from msgspec import Struct

from server.domain.alike import Alike
from server.domain.allowed import Allowed
from server.domain.imports.frame import Import
from server.domain.look import Look, Places
from server.domain.needs import Asking, DeskNeed, Need, Wants, nothing
from server.domain.reminder import AnyReminder
from server.domain.rights import Disclosure
from server.domain.sweep import AnySweep
from shared_schema.entity import Entity, bare
from shared_schema.notices import Texts
from shared_schema.policy import OfAll
from shared_schema.records.base import Command, Record
from shared_schema.records.inbox import Values
from shared_schema.registry import BY_RECORD
from sync.rules import Actor, Entered, Entry, Moment
from sync.state import State

R = TypeVar("R", bound=Record)
C = TypeVar("C", bound=Command)
A = TypeVar("A", bound=Struct)
SEARCH: Final = "search"
BOUNDS: Final = ("since_ms", "until_ms")
"""In the query of a list by moments: the first moment of it, and the first after it."""


class Kind(Struct, Generic[R], frozen=True):
    """The business of one kind of record.

    `complete` fills the slots that the server owns: the record first, then neighbours that change. `guard` raises Problem when the record
    may not stand so. `without`: the neighbours that change when it is deleted; None: no phone deletes one. `happened`: the timeline's word
    for a change with these new values, where it differs from the decision that made the change; None: the decision is the word. `allowed`:
    what an entry may say of one.
    """

    record: type[R]
    complete: Callable[[Actor, State, Entry, R, Moment], tuple[Record, ...]] | None = None
    guard: Callable[[State, R], None] | None = None
    without: Callable[[State, R], tuple[Record, ...]] | None = None
    wants: Wants = nothing
    happened: Callable[[Values], str | None] = lambda _after: None
    allowed: Allowed | None = None


class Answer(Struct, Generic[R, C], frozen=True):
    """The result of a command on a record: the records that it changes, first the one in which its author sees the effect.

    The engine has looked at both types; a decider looks at neither. `deputy`: whether the actor may give it although the record names the
    actor nowhere, in place of a user who has left.
    """

    record: type[R]
    command: type[C]
    decide: Callable[[Actor, State, R, C, Entered], tuple[Record, ...]]
    wants: Wants = nothing
    deputy: Callable[[Actor, State, R], bool] | None = None


class Given(Struct, frozen=True):
    """A command that the desk gives for somebody, as a phone would."""

    record: type[Record]
    id: bytes
    command: Command


class Patch(Struct, frozen=True):
    """A change that the desk enters as a phone would: the values by slot, and for each field group the rev that was on screen."""

    record: type[Record]
    id: bytes
    values: Struct
    bases: Mapping[str, int]


class Verb(Struct, Generic[A], frozen=True):
    """A request of the desk by `method` at `path`; the fields that the path names are not in the body.

    `enters` names the command or the change that the desk enters as a phone would. `decide` returns the records to write, after that.
    `answer` makes the desk's answer, given how many records of each kind changed for somebody.
    """

    path: str
    asks: type[A]
    gives: type[Struct]
    answer: Callable[[State, A, Mapping[str, int]], Struct]
    decide: Callable[[Actor, State, A, Entered], tuple[Record, ...]] | None = None
    wants: Callable[[Asking, A], Iterable[DeskNeed]] | None = None
    enters: Callable[[A], Given | Patch] | None = None
    method: str = "POST"

    @property
    def route(self) -> str:
        """Its row of the matrix."""
        return f"{self.method} {self.path}"


def as_asked(_state: State, record: Record) -> tuple[Record, ...]:
    """Every record that the desk asks for may stand."""
    return (record,)


def shown(state: State, record: type[R], record_id: bytes) -> R:
    """The record as it stands after what the desk asked: an answer of a `Verb`."""
    found = state.find(record, record_id)
    assert found is not None  # noqa: S101 - it was written just now, or stood there
    return found


class Table(Struct, Generic[R, A], frozen=True):
    """Records that the desk makes, or changes by id, for every device: by POST, where a `Listing` of them is by GET.

    The fields of the request are slots of the record. One that is left out gets its default, also on a record that stands (P-713).
    Where no `id` is among them the organisation has one such record, and GET shows it.
    `judge` returns the record as it will stand, then the neighbours that change with it; or raises Problem. `tells` and `shows` are the
    summaries of POST and of GET in the API document.
    """

    record: type[R]
    asks: type[A]
    tells: str
    shows: str = ""
    wants: Callable[[Asking, A], Iterable[DeskNeed]] = lambda _asking, _asked: ()
    judge: Callable[[State, R], tuple[Record, ...]] = as_asked

    def __post_init__(self) -> None:
        """Raises TypeError for a record that not every device holds, and for a field that is no slot of it."""
        if not isinstance(BY_RECORD[self.record].hold, OfAll) or not set(self.asks.__struct_fields__) <= set(self.record.__struct_fields__):
            raise TypeError(f"{self.asks.__name__} makes no {self.record.__name__} of every device")

    @property
    def is_single(self) -> bool:
        """Whether the organisation has one such record."""
        return "id" not in self.asks.__struct_fields__

    @property
    def path(self) -> str:
        """Where it is kept."""
        return path_of(self.record, "" if self.is_single else "s")

    @property
    def route(self) -> str:
        """The row of the matrix by which it is kept. Reading the only record of a table has a row of its own."""
        return f"POST {self.path}"


class Job(Struct, Generic[R], frozen=True):
    """Work for which no request waits: records whose `due` slot has come, each in a transaction of its own.

    `due` holds a time in ms of the server's clock, None: never. The record is read again under the lock before it is decided. `early`:
    whether a record must not wait for its time; asked at each turn of all that wait, so that it matters not who changed what they rest on.
    """

    name: str
    every_s: float
    record: type[R]
    due: str
    decide: Callable[[Actor, State, R, Entered], tuple[Record, ...]]
    wants: Callable[[Asking, R], Iterable[DeskNeed]]
    early: Callable[[State, R], bool] | None = None

    def takes(self, state: State, record: R, now_ms: int) -> bool:
        """Whether the record, as this state has it, is to be carried out now."""
        at_ms = getattr(record, self.due) or 0
        return 0 < at_ms <= now_ms or (at_ms > 0 and self.early is not None and self.early(state, record))


class Follow(Struct, Generic[R], frozen=True):
    """Records about a customer that follow it when its holders change, by a phone, by the desk or by a job.

    The engine loads all of the customer once its family is locked; each writer of such a record locks that family (`OfUsers.about`).
    `decide` sees the holders as they are by then, and returns the records to write.
    """

    record: type[R]
    decide: Callable[[Actor, State, R, Moment], tuple[Record, ...]]
    wants: Callable[[Asking, R], Iterable[Need]]


class Parting(Struct, Generic[R], frozen=True):
    """Records of which a user who leaves lets go: they name the user in `by`, `state` is one of `open`, and they are about no customer.

    Those about a customer follow that customer (`Follow`).
    """

    record: type[R]
    by: str
    state: str
    open: frozenset[int]
    decide: Callable[[Actor, State, R, Entered], tuple[Record, ...]]
    wants: Callable[[Asking, R], Iterable[Need]]


class Listing(Struct, frozen=True):
    """A list for the desk by GET, a page at a time: the records of one kind that the actor may see, in the order of their ids.

    `filters`: slots that hold an id, a number or a choice; a request names a value of each, or none. `newest`: a slot that holds a number;
    then the list begins with the highest, and of a moment a request may bound it (`BOUNDS`). `part`: of the path of a second list of the
    same kind, in another order. `of_place`: a slot that names a record with tiles (`Places`): its members see all records of the kind
    there. `about`: slots that hold customers; each page names those that the actor may see. `sought`: slots that hold texts, in which a
    request may look for a part of one (`SEARCH`). Raises TypeError for a slot by which no list can be made.
    """

    record: type[Record]
    tells: str
    filters: tuple[str, ...] = ()
    newest: str | None = None
    part: str = ""
    of_place: str | None = None
    about: tuple[str, ...] = ()
    sought: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Records that a filter by an id finds must be found by an index."""
        for slot in self.filters:
            held, _ = bare(self.entity.hints[slot])
            if not issubclass(held, (bytes, int)) or (held is bytes and slot not in self.entity.searched):
                raise TypeError(f"{self.entity.name} is not filtered by {slot}")
        if self.newest is not None and bare(self.entity.hints[self.newest]) != (int, False):
            raise TypeError(f"{self.entity.name} has no order by {self.newest}")
        if any(bare(self.entity.hints[slot])[0] is not str for slot in self.sought):
            raise TypeError(f"{self.entity.name} holds no texts in {self.sought}")

    @property
    def entity(self) -> Entity:
        """The entity of the list."""
        return BY_RECORD[self.record]

    @property
    def words(self) -> tuple[str, ...]:
        """The name of a text in its query: a list in which somebody may look for one has it."""
        return (SEARCH,) if self.sought else ()

    @property
    def bounds(self) -> tuple[str, ...]:
        """The names of its bounds in a query: a list by moments has them."""
        return BOUNDS if self.newest is not None and self.newest.endswith("_ms") else ()

    @property
    def path(self) -> str:
        """Where it is listed."""
        return path_of(self.record, f"s/{self.part}" if self.part else "s")

    @property
    def route(self) -> str:
        """Its row of the matrix: a role that reaches the organisation sees all records of the kind, also those that other users hold."""
        return f"GET {self.path}"


def path_of(record: type[Record], ending: str) -> str:
    """Where the desk finds records of one kind."""
    name = BY_RECORD[record].name.replace("_", "-")
    return f"/v1/desk/{name.removesuffix('y') + 'ie' if ending and name.endswith('y') else name}{ending}"


class Feature(Struct, frozen=True):
    """All that the business says about one noun."""

    kinds: tuple[Kind[Any], ...] = ()
    answers: tuple[Answer[Any, Any], ...] = ()
    verbs: tuple[Verb[Any], ...] = ()
    lists: tuple[Listing, ...] = ()
    looks: tuple[Look[Any], ...] = ()
    disclosures: tuple[Disclosure, ...] = ()
    tables: tuple[Table[Any, Any], ...] = ()
    jobs: tuple[Job[Any], ...] = ()
    reminders: tuple[AnyReminder, ...] = ()
    sweeps: tuple[AnySweep, ...] = ()
    imports: tuple[Import, ...] = ()
    follows: tuple[Follow[Any], ...] = ()
    partings: tuple[Parting[Any], ...] = ()
    places: Places[Any] | None = None
    """Of the one noun that has tiles."""
    alike: Alike | None = None
    """Of the one noun that says which customers may be the same."""
    forgets: Mapping[type[Record], Callable[[Any], Record]] = {}
    """Kind of record → how one stands from which a place was deleted (D-474), if more than the place changes."""
    notices: Texts = {}
    """Each kind of notice that its functions let somebody hear."""


def alone(_state: State, _record: Record) -> tuple[Record, ...]:
    """A record whose deletion changes no other."""
    return ()
