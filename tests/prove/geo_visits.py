"""Visits of the geo proof: labelled days (`geo_days.py`) are judged as the server judges them, and the answers compared with the labels.

What is asked is the right answer: there (verified or probable: it counts for the reclaim rule), doubted (out of range, or unverified by
a doubt), or open (unverified, and nobody is accused). Precision and recall are those of the worst of the three, over the classes that
the evidence can tell.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from geo.verify import DOUBTS, Around, fence_m, reasons
from server.domain import facts
from server.domain.reclaim import AT_CUSTOMER
from shared_schema.places import Verdict
from shared_schema.records.activity import Visit
from sync.rules import Moment
from tests.prove.box import Box
from tests.prove.geo_days import DOUBTED, FENCES_M, LABELS, OPEN, THERE, Made, days

REPS: Final = 24
DAYS: Final = 10
DEVICES: Final = ("phone", "browser")
LEAST: Final = 0.99
ACCUSED_MAX: Final = 0.005
VISITS_MIN: Final = 3_000


class Judged(Struct, frozen=True):
    """A visit with its label, and as the server judged it."""

    made: Made
    visit: Visit

    @property
    def answer(self) -> str:
        if self.visit.verdict in AT_CUSTOMER:
            return THERE
        return DOUBTED if self.visit.verdict is Verdict.out_of_range or self.visit.flags & DOUBTS else OPEN

    @property
    def blind(self) -> bool:
        return self.made.device in self.made.label.blind


def judged(made: Iterable[Made]) -> list[Judged]:
    """Each as it arrives, with the visits of the same rep that came before."""
    known: dict[tuple[str, int], list[Visit]] = {}
    found = []
    for one in made:
        earlier = known.setdefault((one.device, one.rep), [])
        moment = Moment(one.received_ms, one.skew_ms)
        around = Around(
            now_ms=one.received_ms,
            skew_ms=one.skew_ms,
            place=one.place.mapped,
            fence_m=fence_m(one.place.kind, None),
            earlier=tuple(earlier),
        )
        told = replace(facts.judged(one.visit, around), occurred_ms=moment.occurred_ms(one.visit.device_ms), received_ms=one.received_ms)
        earlier.append(told)
        found.append(Judged(one, told))
    return found


def proved(seed: int, _box: Box | None = None) -> tuple[dict[str, float], list[str], list[str]]:
    """(the counts, the lines to print, the faults) of days that this seed makes."""
    found = [one for device in DEVICES for one in judged(days(seed, REPS, DAYS, device))]
    counts = measured(found)
    lines = [line for device in DEVICES for line in table(device, [one for one in found if one.made.device == device])]
    return counts, [*lines, blind_words()], list(faults(found, counts))


def measured(found: Sequence[Judged]) -> dict[str, float]:
    """Precision and recall of the worst answer, and the share of honest visits that are accused."""
    seeing = [one for one in found if not one.blind]
    precision, recall = [], []
    for answer in (THERE, OPEN, DOUBTED):
        right = sum(one.answer == answer == one.made.label.right for one in seeing)
        precision.append(right / max(1, sum(one.answer == answer for one in seeing)))
        recall.append(right / max(1, sum(one.made.label.right == answer for one in seeing)))
    honest = [one for one in seeing if one.made.label.honest]
    accused = sum(one.answer == DOUBTED for one in honest)
    return {
        "verdict_precision": round(min(precision), 4),
        "verdict_recall": round(min(recall), 4),
        "honest_accused": round(accused / max(1, len(honest)), 4),
    }


def faults(found: Sequence[Judged], counts: Mapping[str, float]) -> Iterable[str]:
    """Each as a sentence."""
    if len(found) < VISITS_MIN:
        yield f"only {len(found)} visits"
    seen = Counter((one.made.device, one.made.label.name) for one in found)
    yield from (f"no visit of {device} {one.name}" for device in DEVICES for one in LABELS if not seen[device, one.name])
    yield from (f"{name} is {counts[name]}, less than {LEAST}" for name in ("verdict_precision", "verdict_recall") if counts[name] < LEAST)
    if counts["honest_accused"] > ACCUSED_MAX:
        yield f"honest_accused is {counts['honest_accused']}, more than {ACCUSED_MAX}"
    if any(fence_m(kind, None) != fence for kind, fence in FENCES_M.items()):
        yield "the fences are others than those of the generator"


def table(device: str, found: Sequence[Judged]) -> Iterable[str]:
    """The confusion: of each class how many got which verdict, and the flags."""
    yield f"{device:<18}{'right':<9}{'visits':>7}{'verified':>10}{'probable':>10}{'out':>6}{'unverified':>12}{'wrong':>7}  flags"
    for label in LABELS:
        mine = [one for one in found if one.made.label is label]
        verdicts = Counter(one.visit.verdict for one in mine)
        flags = Counter(name for one in mine for name in flags_of(one.visit))
        wrong = sum(one.answer != label.right for one in mine)
        told = ", ".join(f"{name} {count}" for name, count in flags.most_common(4))
        cells = [verdicts[verdict] for verdict in (Verdict.verified, Verdict.probable, Verdict.out_of_range, Verdict.unverified)]
        blind = " (blind)" if device in label.blind else ""
        numbers = f"{cells[0]:>10}{cells[1]:>10}{cells[2]:>6}{cells[3]:>12}{wrong:>7}"
        yield f"  {label.name:<16}{label.right:<9}{len(mine):>7}{numbers}  {told}{blind}"


def flags_of(visit: Visit) -> Iterable[str]:
    """The names of the flags."""
    return reasons(replace(visit, verdict=Verdict.probable))


def blind_words() -> str:
    """Which classes no evidence of a device can tell."""
    told = [f"{device}: {', '.join(one.name for one in LABELS if device in one.blind)}" for device in DEVICES]
    return f"not told by the evidence, and not counted: {'; '.join(told)}"
