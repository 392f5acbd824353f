"""What a tier gets, and that a change of it counts everywhere at once (D-670 to D-676)."""

from typing import Any, Final

import pytest
import sqlalchemy as sa

from server.models import RECORD_TABLES
from server.services.act import act
from shared_schema.problem import Problem
from shared_schema.records.customer import Tier
from shared_schema.records.reclaim import ReclaimPreview
from shared_schema.records.tier_policy import NewTierPolicy, TierPolicy, TierPolicyPreview
from shared_schema.registry import BY_NAME
from sync.agreed.tiers import discount_limit_bps, of_tier, policy_now, tier_above
from tests.integration.test_reclaim import HOUR_MS, TODAY, Scene, at, heard
from tests.integration.test_reclaim import scene as scene  # noqa: PLC0414 - the fixture
from tests.integration.tiering import evaluated
from tests.world import Phone

POLICY: Final = BY_NAME["tier_policy"].number
BY_THE_POLICY: Final[dict[str, Any]] = dict.fromkeys(("unknown_days", "a_days", "b_days", "c_days"), 0)


async def policy(scene: Scene, days: int = 0, number: int = 1, **terms: Any) -> TierPolicy:
    """A version that begins in so many days."""
    today = (scene.team.world.now_ms + 8 * HOUR_MS) // 86_400_000
    asked = NewTierPolicy(id=bytes(14) + bytes([1, number]), effective_from_day=today + days, **terms)
    found: TierPolicy = await scene.database.write(act, scene.desk, asked, scene.team.world.now_ms)
    return found


async def tier(scene: Scene, wanted: Tier) -> None:
    """The customer has this tier from now on."""
    world = scene.team.world
    await scene.database.write(evaluated, world.org_id, scene.team.customer_id, wanted, world.now_ms)


def held(phone: Phone) -> list[TierPolicy]:
    """The versions on a phone."""
    found = [phone.view("tier_policy", record_id) for record_id, _ in phone.shelf.rows(POLICY)]
    return sorted((one for one in found if isinstance(one, TierPolicy)), key=lambda one: one.version)


async def test_a_version_counts_from_its_day_on_and_each_phone_holds_it(scene: Scene) -> None:
    """D-670, D-672: the same request twice is one version, another content under its id is refused; none begins in the past."""
    first = await policy(scene)
    assert await policy(scene) == first
    with pytest.raises(Problem, match="other content"):
        await policy(scene, ticket_hours=(1, 1, 1, 1))
    with pytest.raises(Problem) as refused:
        await policy(scene, -1, 2)
    assert refused.value.field == "effective_from_day"
    later = await policy(scene, 3, 3, discounts_bps=(0, 2_000, 900, 0))
    assert (first.version, later.version, later.made_by_id, later.currency) == (1, 2, scene.desk.user_id, "CNY")
    await scene.team.ann.sync()
    known = held(scene.team.ann)
    assert [one.version for one in known] == [1, 2]
    limits = [discount_limit_bps(policy_now(known, TODAY + day), Tier.a, None) for day in (-1, 0, 2, 3)]
    assert limits == [None, 1_500, 1_500, 2_000], "D-673: by the version in force on the day"


def test_a_tier_without_a_number_gets_that_of_no_tier() -> None:
    """D-671: also by a version of a newer server, which knows more tiers or fewer."""
    assert [of_tier((9, 1, 5, 7), one) for one in Tier] == [9, 1, 5, 7]
    assert [of_tier((9, 1), one) for one in Tier] == [9, 1, 9, 9]
    assert of_tier((), Tier.a) == 0


def test_the_next_better_tier() -> None:
    """D-677: of C and without a tier it is B."""
    assert [tier_above(one) for one in Tier] == [Tier.b, None, Tier.a, Tier.b]


async def test_the_reclaim_day_goes_by_the_policy_where_the_rule_names_none(scene: Scene) -> None:
    """D-675: no policy, no rule without days; then a customer of A falls after the days of A."""
    with pytest.raises(Problem) as refused:
        await scene.rule(**BY_THE_POLICY)
    assert refused.value.field == "unknown_days"
    await policy(scene, held_days=(90, 20, 40, 90))
    await scene.rule(**BY_THE_POLICY)
    await scene.tick(at(19), scene.team.ann)
    assert heard(scene.team.ann, "reclaim_warning") == []
    await tier(scene, Tier.a)
    await scene.tick(at(19) + HOUR_MS, scene.team.ann)
    assert [one.facts["days"] for one in heard(scene.team.ann, "reclaim_warning")] == ["1"], "the tier alone moved the day"
    await scene.tick(at(20) + 2 * HOUR_MS)
    assert not await scene.is_owned()


async def test_a_stricter_policy_warns_first(scene: Scene) -> None:
    """D-675, D-143: nobody falls on the day of the change; and never sooner than a warning needs."""
    await policy(scene, held_days=(60, 60, 60, 60))
    await scene.rule(**BY_THE_POLICY)
    await scene.tick(at(30), scene.team.ann)
    await policy(scene, number=2, held_days=(1, 1, 1, 1))
    await scene.tick(at(30) + HOUR_MS, scene.team.ann)
    assert [one.facts["days"] for one in heard(scene.team.ann, "reclaim_warning")] == ["2"]
    await scene.tick(at(32, 0) - 1)
    assert await scene.is_owned()
    await scene.tick(at(32, 0))
    assert not await scene.is_owned()


async def test_a_tier_and_a_policy_move_the_cadence_at_once(scene: Scene) -> None:
    """D-674, D-925: 1.5 × 14 days of A are over on the 25th day; the owner hears with the next turn, once."""
    await scene.tick(at(25), scene.team.ann)
    assert heard(scene.team.ann, "no_contact") == []
    await policy(scene)
    await scene.tick(at(25), scene.team.ann)
    assert heard(scene.team.ann, "no_contact") == [], "90 days without a tier"
    await tier(scene, Tier.a)
    for _ in range(2):
        await scene.tick(at(25) + HOUR_MS, scene.team.ann)
        assert [one.facts["days"] for one in heard(scene.team.ann, "no_contact")] == ["21"]
    await policy(scene, 1, 2, contact_days=(90, 8, 30, 90))
    await scene.tick(at(26), scene.team.ann)
    assert [one.facts["days"] for one in heard(scene.team.ann, "no_contact")] == ["21", "24"], "from its day on, without a further word"


async def test_a_preview_tells_whom_a_draft_concerns(scene: Scene) -> None:
    """D-676: who gets something else, and when the customer would fall; nothing is written."""
    await policy(scene, held_days=(60, 60, 60, 60))
    await scene.rule(**BY_THE_POLICY)
    await tier(scene, Tier.b)

    async def asked(**terms: Any) -> list[Any]:
        draft = TierPolicyPreview(effective_from_day=TODAY + 5, **{"held_days": (60, 60, 60, 60), **terms})
        found = (await scene.database.write(act, scene.desk, draft, scene.team.world.now_ms)).items
        return [(one.name, one.tier, one.fell_day, one.falls_day) for one in found]

    assert await asked() == []
    assert await asked(discounts_bps=(300, 1_600, 800, 300)) == [], "of A alone"
    assert await asked(ticket_hours=(72, 4, 12, 72)) == [("Corner Shop", Tier.b, TODAY + 60, TODAY + 60)]
    assert await asked(held_days=(60, 60, 30, 60)) == [("Corner Shop", Tier.b, TODAY + 60, TODAY + 30)]
    count = sa.select(sa.func.count()).select_from(RECORD_TABLES["tier_policy"])
    assert await scene.database.read(lambda conn: conn.execute(count).scalar_one()) == 1
    draft = ReclaimPreview(effective_from_day=TODAY, pool_id=scene.pool.id, **BY_THE_POLICY)
    found = (await scene.database.write(act, scene.desk, draft, scene.team.world.now_ms)).items
    assert [one.due_day for one in found] == [TODAY + 60]
