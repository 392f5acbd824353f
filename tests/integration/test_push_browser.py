"""Pushes to a browser by the real library: what arrives is for the browser alone, and each answer of the service has its word."""

import asyncio
import ssl
import time
from collections.abc import Iterator
from email.utils import formatdate

import aiohttp
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from mobile_api.phone.day.fake_browser import FakeBrowser, fake_browser
from notifications.channels.webpush import WebPushChannel, read_keys
from notifications.push import Collapse, Push, Target, TargetKind
from notifications.reaction import Said, Then, Word, asked, reaction
from notifications.subscription import SERVICES, is_known
from notifications.vapid import made_keys, public_key

SUBJECT = "mailto:it@example.com"
WORDS = {
    "taken": ((201, ""), Said(Word.taken)),
    "also taken": ((202, ""), Said(Word.taken)),
    "bad": ((400, ""), Said(Word.invalid)),
    "unknown key": ((401, ""), Said(Word.unauthenticated)),
    "forbidden": ((403, ""), Said(Word.forbidden)),
    "ended": ((404, ""), Said(Word.ended)),
    "gone": ((410, ""), Said(Word.gone)),
    "too large": ((413, ""), Said(Word.too_large)),
    "too many": ((429, "75"), Said(Word.too_much, 75)),
    "a date that is over": ((429, "Wed, 21 Oct 2020 07:28:00 GMT"), Said(Word.too_much)),
    "ill": ((500, ""), Said(Word.ill)),
    "busy": ((503, "5"), Said(Word.ill, 5)),
    "odd": ((418, ""), Said(Word.unheard)),
}
PEM = made_keys()
KEYS = read_keys(PEM)


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FakeBrowser]:
    """Serve every kind of answer."""
    with fake_browser(tmp_path_factory.mktemp("browser")) as made:
        made.answers.update({name: answer for name, (answer, _) in WORDS.items()})
        yield made


def push(address: str) -> Push:
    """A push to a subscription."""
    return Push(
        target=Target(TargetKind.webpush, address), tag="t", title="", body="", collapse=Collapse.instruction,
        data={"kind": "instructed", "tag": "t", "to": "instructions"}, life_s=600, urgent=True,
    )  # fmt: skip


def sent(browser: FakeBrowser, *addresses: str) -> list[Said]:
    """What is said to pushes to these subscriptions."""

    async def run() -> list[Said]:
        trusting = ssl.create_default_context(cafile=str(browser.certificate))
        channel = WebPushChannel(KEYS, SUBJECT, aiohttp.TCPConnector(ssl=trusting))
        try:
            return await asyncio.gather(*(channel.send(push(one)) for one in addresses))
        finally:
            await channel.close()

    return asyncio.run(run())


def test_every_answer_has_its_word(browser: FakeBrowser) -> None:
    said = sent(browser, *map(browser.subscription, WORDS))
    assert dict(zip(WORDS, said, strict=True)) == {name: word for name, (_, word) in WORDS.items()}


def test_a_date_is_a_wait_by_the_clock_of_the_service(browser: FakeBrowser) -> None:
    """D-944: two minutes from its answer, told in whole seconds."""
    browser.answers["later"] = (503, formatdate(time.time() + 120, usegmt=True))
    [said] = sent(browser, browser.subscription("later"))
    assert said.word is Word.ill
    assert said.retry_after_s in (118, 119, 120)


def test_the_browser_reads_what_was_sent_and_knows_the_sender(browser: FakeBrowser) -> None:
    assert sent(browser, browser.subscription("mine")) == [Said(Word.taken)]
    (arrived,) = [one for one in browser.arrived if one.name == "mine"]
    assert arrived.words == {"kind": "instructed", "tag": "t", "to": "instructions"}
    assert (arrived.headers["ttl"], arrived.headers["urgency"], arrived.headers["content-encoding"]) == ("600", "high", "aes128gcm")
    token, key = (part.strip().partition("=")[2] for part in arrived.headers["authorization"].removeprefix("vapid ").split(","))
    assert key == public_key(PEM)
    claims = jwt.decode(token, KEYS.public_key, algorithms=["ES256"], audience=browser.url)
    assert claims["sub"] == SUBJECT


def test_a_subscription_that_none_is_reaches_nobody(browser: FakeBrowser) -> None:
    before = len(browser.arrived)
    broken = browser.subscription("broken").replace('"p256dh":"', '"p256dh":"AAAA')
    assert sent(browser, "{}", "no json", '{"endpoint":"x","keys":{"p256dh":"","auth":""}}', broken) == [Said(Word.gone)] * 4
    assert len(browser.arrived) == before


def test_a_service_that_is_not_there_is_unheard(browser: FakeBrowser) -> None:
    nowhere = browser.subscription("any").replace(browser.url, "https://127.0.0.1:9")
    assert sent(browser, nowhere) == [Said(Word.unheard)]


def test_a_service_that_cannot_be_asked_speaks_for_no_target() -> None:
    assert reaction(Said(Word.invalid)).then is Then.ask
    assert asked(Said(Word.unheard)).retires is False


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://fcm.googleapis.com/x",
        "https://127.0.0.1/x",
        "https://fcm.googleapis.com:8443/x",
        "https://fcm.googleapis.com@evil.example/x",
        "https://user:word@fcm.googleapis.com/x",
        "https://evil-push.apple.com.example/x",
        "https://push.apple.com.example/x",
        "https://[::1]/x",
        "https://[bad/x",
        "",
    ],
)
def test_the_server_calls_no_host_that_a_stranger_names(endpoint: str) -> None:
    assert not is_known(endpoint)


def test_the_operator_may_add_a_service() -> None:
    assert is_known("https://push.example.com:8443/x", ("push.example.com:8443",))
    assert not is_known("https://push.example.com/x", ("push.example.com:8443",))
    assert not is_known("http://push.example.com:8443/x", ("push.example.com:8443",))


@pytest.mark.parametrize("service", SERVICES)
def test_the_services_of_the_browsers_makers_are_known(service: str) -> None:
    assert is_known(f"https://{service.replace('*', 'one')}/wpush/v2/abc")
    assert is_known(f"https://{service.replace('*', 'one')}:443/wpush/v2/abc")


def test_keys_are_read_again_and_others_are_refused() -> None:
    pem = made_keys()
    assert public_key(pem) != public_key(PEM)
    assert len(public_key(PEM)) == 87
    assert isinstance(read_keys(pem).private_key, ec.EllipticCurvePrivateKey)
    for reads in (read_keys, public_key):
        with pytest.raises(ValueError, match="VAPID"):
            reads(b"-----BEGIN NOTHING-----")
