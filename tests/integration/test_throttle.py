"""Log-ins of one account at the same time: right ones never stand in each other's way, and guesses stay bounded."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from random import Random

import httpx
import pytest

from server.database import Database
from server.domain import throttle
from server.services import device_lines, login
from shared_schema.problem import Code, Problem
from shared_schema.rest import SignedIn
from tests.integration.loopback import NO_TLS
from tests.integration.site import code, found, site
from tests.integration.test_identity_races import NOW_MS, SIGNER

LIMIT = throttle.LIMITS["account"]
AT_ONCE = 24
ABREAST = 8
"""Fewer than a process has connections: who waits for one for five seconds, on a machine that has more to do, is turned away."""


async def attempt(database: Database, at: int, right: bool, now_ms: int = NOW_MS) -> Code | None:
    """One log-in as the route does it, from an address and a phone of its own; None: it got in."""
    try:
        credential = await database.write(login.admit, "alpha", "boss", f"10.0.{at // 250}.{at % 250}", now_ms)
        phone = device_lines.Phone(at.to_bytes(16), "phone", "test")
        told = await database.write(login.finish, SIGNER, credential, phone, right, now_ms)
    except Problem as problem:
        return problem.code
    if isinstance(told, Problem):
        return told.code
    assert isinstance(told, SignedIn)
    return None


async def together(database: Database, rights: Sequence[bool], first: int = 0) -> Counter[tuple[bool, Code | None]]:
    told = await asyncio.gather(*(attempt(database, first + at, right) for at, right in enumerate(rights)))
    return Counter(zip(rights, told, strict=True))


@pytest.mark.parametrize("seed", range(6))
async def test_at_the_same_time_guesses_are_bounded_and_right_ones_get_in(database: Database, seed: int) -> None:
    """P-017: N at once, k of them right, some failures before: no more than the limit are told that they are wrong."""
    random = Random(seed)
    await found(database)
    wrong_before = random.randrange(LIMIT + 1)
    for at in range(wrong_before):
        assert await attempt(database, 900 + at, False) is Code.login_wrong
    for wrong, right in ((random.randrange(LIMIT - wrong_before + 1), 20), (random.randrange(30), random.randrange(1, 12))):
        rights = [False] * wrong + [True] * right
        random.shuffle(rights)
        told = await together(database, rights)
        assert set(told) <= {(right, word) for right in (True, False) for word in (None, Code.login_wrong, Code.too_many_attempts)}
        assert not told[False, None] + told[True, Code.login_wrong]
        locked = told[False, Code.too_many_attempts] > 0
        assert told[False, Code.login_wrong] <= LIMIT
        if wrong_before + wrong < LIMIT:
            assert told[True, None] == right
        elif not locked:
            assert told[True, None] + told[True, Code.too_many_attempts] == right
        wrong_before = 0 if told[True, None] else wrong_before + told[False, Code.login_wrong]


async def test_with_wrong_ones_alone_the_bound_is_exact(database: Database) -> None:
    """P-017."""
    await found(database)
    told = await together(database, [False] * 40)
    assert told == {(False, Code.login_wrong): LIMIT, (False, Code.too_many_attempts): 40 - LIMIT}
    assert await attempt(database, 99, True) is Code.too_many_attempts
    assert await attempt(database, 99, True, NOW_MS + throttle.WINDOW_MS) is None


async def test_a_right_log_in_forgives_no_guess_that_came_while_it_was_checked(database: Database) -> None:
    """P-017: it forgives what had failed before it came; else guesses beside it would be free."""
    await found(database)
    for at in range(4):
        assert await attempt(database, at, False) is Code.login_wrong
    credential = await database.write(login.admit, "alpha", "boss", "10.9.9.9", NOW_MS)
    for at in range(4, 9):
        assert await attempt(database, at, False) is Code.login_wrong
    phones = [device_lines.Phone(bytes([at]) * 16, "phone", "test") for at in range(3)]
    for phone in phones:
        assert isinstance(await database.write(login.finish, SIGNER, credential, phone, True, NOW_MS), SignedIn)
    told = [await attempt(database, at, False) for at in range(20, 26)]
    assert told == [Code.login_wrong] * 5 + [Code.too_many_attempts]


async def test_many_right_ones_behind_one_address_are_not_counted(database: Database) -> None:
    """P-017: of one organisation and one address far more than their limits of failures."""
    await found(database)
    credentials = [await database.write(login.admit, "alpha", "boss", "10.0.0.1", NOW_MS) for _ in range(throttle.LIMITS["address"] + 5)]
    for first in range(0, len(credentials), ABREAST):
        told = await asyncio.gather(
            *(
                database.write(login.finish, SIGNER, one, device_lines.Phone(at.to_bytes(16), "phone", "test"), True, NOW_MS)
                for at, one in enumerate(credentials[first : first + ABREAST], first)
            )
        )
        assert {type(one) for one in told} == {SignedIn}


def test_a_whole_team_with_one_account_signs_in_at_once(migrated_url: str) -> None:
    """P-017, over HTTP with the real password check."""
    with site(migrated_url) as here:
        callers = [here.caller() for _ in range(AT_ONCE)]
        with httpx.Client(base_url=here.http.base_url, timeout=60, verify=NO_TLS, limits=httpx.Limits(max_connections=AT_ONCE)) as http:
            here.http = http
            with ThreadPoolExecutor(AT_ONCE) as threads:
                told = list(threads.map(lambda caller: code(caller.log_in()), callers))
        assert Counter(told) == {"200": AT_ONCE}
