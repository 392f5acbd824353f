"""Whose word counts for an address: P-711."""

import pytest

from mobile_api.proxies import Proxies

OURS = Proxies(["127.0.0.1", "10.0.0.0/8", "2001:db8::/64"])


@pytest.mark.parametrize(
    ("host", "believed"),
    [
        ("127.0.0.1", True),
        ("::ffff:127.0.0.1", True),
        ("10.200.3.4", True),
        ("2001:db8::9", True),
        ("127.0.0.2", False),
        ("2001:db8:0:1::9", False),
        ("", False),
        ("localhost", False),
    ],
)
def test_who_is_believed(host: str, believed: bool) -> None:
    assert OURS.believed(host) is believed
    assert not Proxies([]).believed(host)


@pytest.mark.parametrize(
    ("told", "client"),
    [
        ([], "127.0.0.1"),
        ([b""], "127.0.0.1"),
        ([b"192.0.2.1"], "192.0.2.1"),
        ([b"6.6.6.6, 192.0.2.1"], "192.0.2.1"),
        ([b"6.6.6.6", b"192.0.2.1"], "192.0.2.1"),
        ([b"192.0.2.1, 10.9.9.9,10.1.1.1"], "192.0.2.1"),
        ([b"10.9.9.9"], "10.9.9.9"),
        ([b"192.0.2.1:4711"], "192.0.2.1"),
        ([b"[2001:db8:0:1::9]:4711"], "2001:db8:0:1::9"),
        ([b"::ffff:192.0.2.1"], "192.0.2.1"),
        ([b"192.0.2.1, unknown"], "127.0.0.1"),
        ([b"192.0.2.1, \xff, 10.1.1.1"], "10.1.1.1"),
        ([b"192.0.2.1,"], "127.0.0.1"),
    ],
)
def test_the_client_is_the_nearest_that_is_no_proxy(told: list[bytes], client: str) -> None:
    assert OURS.client("127.0.0.1", [(b"host", b"x"), *((b"x-forwarded-for", value) for value in told)]) == client
