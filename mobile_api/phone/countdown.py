"""How long the customers of a phone stay with their owners if nobody touches them, in the terminal's words (D-156, D-157)."""

from mobile_api.phone.measures import day_text, time_text
from mobile_api.phone.screen import Screen
from shared_schema.records.activity import ContactLog, Visit
from shared_schema.records.customer import Standing
from shared_schema.records.quote import Quote
from shared_schema.records.reclaim import ReclaimBasis, ReclaimRule
from sync.agreed.reclaim import QUOTE, Around, Countdown, awaits_decision, countdown


class Countdowns:
    """What the phone knows of it, read once for all customers."""

    def __init__(self, screen: Screen) -> None:
        self.screen = screen
        self.rules = screen.phone.views(ReclaimRule)
        self.policy = screen.tier_policy()
        self.quotes = screen.phone.views(Quote)
        self.visit_ms = _unsent(screen, Visit)
        self.log_ms = _unsent(screen, ContactLog)

    def of(self, standing: Standing | None) -> Countdown | None:
        """None: nothing is to be told."""
        if standing is None:
            return None
        visit_ms = self.visit_ms.get(standing.id)
        contacts = [at_ms for at_ms in (visit_ms, self.log_ms.get(standing.id)) if at_ms is not None]
        waits = (QUOTE,) if awaits_decision(self.quotes, standing.id) else ()
        zone = self.screen.organisation().time_zone
        around = Around(self.screen.phone.clock(), zone, max(contacts, default=None), visit_ms, waits, self.policy)
        return countdown(standing, self.rules, around)

    def short(self, standing: Standing | None) -> str:
        """The days that are left, and the day; empty: nothing is to be told."""
        counted = self.of(standing)
        if counted is None:
            return ""
        return self.screen.words("any_hour") if counted.days == 0 else self._days(counted)

    def long(self, standing: Standing | None) -> str:
        """Also what keeps the customer now, and what would."""
        counted = self.of(standing)
        if counted is None:
            return ""
        return " · ".join(filter(None, (self.short(standing), self._kept(counted), self._would_keep(counted))))

    def _days(self, counted: Countdown) -> str:
        return self.screen.words("days_left", days=counted.days, day=day_text(counted.due_day))

    def _kept(self, counted: Countdown) -> str:
        when = time_text(counted.kept_until_ms) if counted.kept_until_ms is not None else ""
        return self.screen.words(f"kept_{counted.kept_by}", when=when) if counted.kept_by else ""

    def _would_keep(self, counted: Countdown) -> str:
        words = self.screen.words
        if counted.judged_later:
            return words("judged_later")
        if counted.touched_day is None:
            return words("kept_by_nothing")
        if counted.touched_day <= counted.due_day:
            return ""
        name = "kept_by_visit" if counted.basis is ReclaimBasis.visit else "kept_by_contact"
        return words(name, day=day_text(counted.touched_day))


def _unsent(screen: Screen, record: type[Visit] | type[ContactLog]) -> dict[bytes, int]:
    """Customer → the last such entry that the server has not answered."""
    found: dict[bytes, int] = {}
    for fact in screen.phone.views(record):
        if fact.rev == 0 and fact.amends_id is None:
            found[fact.customer_id] = max(fact.device_ms, found.get(fact.customer_id, 0))
    return found
