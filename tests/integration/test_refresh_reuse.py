"""A refresh token shown twice: two answers that both arrived, or a thief. On real databases, by the clock of the server."""

import pytest

from server.database import Database
from server.domain.exchange import LATE_MS
from server.services import sessions
from shared_schema.problem import Code, Problem
from shared_schema.rest import SignedIn
from tests.integration.test_identity_races import NOW_MS, SIGNER, signed_in


async def renewed(database: Database, token: str, now_ms: int) -> SignedIn:
    told = await database.write(sessions.renew, SIGNER, token, now_ms)
    assert isinstance(told, SignedIn), told
    return told


async def refused(database: Database, token: str, now_ms: int) -> Code:
    try:
        told = await database.write(sessions.renew, SIGNER, token, now_ms)
    except Problem as problem:
        return problem.code
    assert isinstance(told, Problem), told
    return told.code


@pytest.mark.parametrize("last", [0, 1])
async def test_the_second_answer_may_be_used_after_the_first_within_sixty_seconds(database: Database, last: int) -> None:
    """P-015: and the session goes on with whichever token the app holds in the end."""
    begun = await signed_in(database)
    first, second = [await renewed(database, begun.refresh_token, NOW_MS + at) for at in (0, 1_000)]
    after_first = await renewed(database, first.refresh_token, NOW_MS + 2_000)
    after_second = await renewed(database, second.refresh_token, NOW_MS + 1_000 + LATE_MS - 1)
    held = (after_first, after_second)[last].refresh_token
    for minutes in (15, 30, 45):
        held = (await renewed(database, held, NOW_MS + minutes * 60_000)).refresh_token


async def test_the_second_answer_used_later_is_theft(database: Database) -> None:
    """P-016: the whole session ends, with its newest tokens too."""
    begun = await signed_in(database)
    first, second = [await renewed(database, begun.refresh_token, NOW_MS + at) for at in (0, 1_000)]
    newest = await renewed(database, first.refresh_token, NOW_MS + 2_000)
    assert await refused(database, second.refresh_token, NOW_MS + 1_000 + LATE_MS) is Code.refresh_reused
    for token in (newest, second, first, begun):
        assert await refused(database, token.refresh_token, NOW_MS + 1_000 + LATE_MS) is Code.signed_out


@pytest.mark.parametrize("after_ms", [0, LATE_MS, 10 * 24 * 3_600_000])
async def test_a_much_older_token_is_theft_at_any_time(database: Database, after_ms: int) -> None:
    """P-016: one that was in use itself is nobody's late answer, not even within the sixty seconds."""
    begun = await signed_in(database)
    held = begun
    for at in range(4):
        held = await renewed(database, held.refresh_token, NOW_MS + at)
    assert await refused(database, begun.refresh_token, NOW_MS + 3 + after_ms) is Code.refresh_reused
    assert await refused(database, held.refresh_token, NOW_MS + 3 + after_ms) is Code.signed_out
