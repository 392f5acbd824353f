"""Pushes through the real SDK to a provider on loopback: what it says, what follows, and that nothing goes past the SDK."""

import asyncio
import gc
import socket
import ssl
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from firebase_admin import messaging

from mobile_api.phone.day.fake_fcm import ANSWERS, FakeFcm, fake_fcm
from notifications.channels.fcm import FcmChannel
from notifications.push import Collapse, Push, Target, TargetKind
from notifications.reaction import Guilt, Reaction, Said, Then, Word, asked, reaction

SILENT_S = 3
"""After so long a target that says nothing counts as unheard; a busy machine answers the others sooner."""
BREAKING = ("cut", "silent")
"""What ends its whole connection, and all that is under way on it: each is sent alone."""
WORDS = {
    "taken": Said(Word.taken),
    "unregistered": Said(Word.gone),
    "nothing there": Said(Word.not_found),
    "bad message": Said(Word.invalid),
    "bad target": Said(Word.invalid),
    "other sender": Said(Word.other_sender),
    "forbidden": Said(Word.forbidden),
    "unknown key": Said(Word.unauthenticated),
    "other platform": Said(Word.third_party),
    "too many": Said(Word.too_much, 90),
    "ill": Said(Word.ill),
    "busy": Said(Word.ill),
    "cut": Said(Word.unheard),
    "silent": Said(Word.unheard),
}
REACTIONS = {
    "taken": Reaction(Then.sent),
    "unregistered": Reaction(Then.dead, retires=True),
    "nothing there": Reaction(Then.again, guilt=Guilt.provider),
    "bad message": Reaction(Then.ask),
    "bad target": Reaction(Then.ask),
    "other sender": Reaction(Then.dead, guilt=Guilt.provider),
    "forbidden": Reaction(Then.again, guilt=Guilt.provider),
    "unknown key": Reaction(Then.again, guilt=Guilt.provider),
    "other platform": Reaction(Then.again, guilt=Guilt.platform),
    "too many": Reaction(Then.again, pause_s=90),
    "ill": Reaction(Then.again),
    "busy": Reaction(Then.again),
    "cut": Reaction(Then.again),
    "silent": Reaction(Then.again),
}


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FakeFcm]:
    """Serve every kind of answer; the SDK trusts the provider's certificate."""
    with fake_fcm(tmp_path_factory.mktemp("fcm")) as made, pytest.MonkeyPatch.context() as patched:
        patched.setenv("SSL_CERT_FILE", str(made.certificate))
        patched.setattr("notifications.channels.fcm.TIMEOUT_S", SILENT_S)
        made.answers.update(ANSWERS)
        yield made


def push(address: str, kind: TargetKind = TargetKind.fcm_fid) -> Push:
    """A push to a target of this address."""
    return Push(
        target=Target(kind, address), tag="instruction:1", title="主管有新指示", body="请查看", collapse=Collapse.instruction,
        data={"id": "0190"}, life_s=3_600,
    )  # fmt: skip


def sent(provider: FakeFcm, *pushes: Push, dry: bool = False) -> list[Said]:
    """What is said to these pushes, sent beside each other by one channel."""

    async def run() -> list[Said]:
        channel = FcmChannel(provider.account, provider.url)
        try:
            return await asyncio.gather(*(channel.send(one, dry=dry) for one in pushes))
        finally:
            await channel.close()

    return asyncio.run(run())


def test_every_answer_has_its_word_and_its_reaction_and_a_slow_target_holds_up_no_other(provider: FakeFcm) -> None:
    assert ANSWERS.keys() == WORDS.keys() == REACTIONS.keys()
    began_s, before = time.monotonic(), len(provider.asked)
    calm = [name for name in ANSWERS if name not in BREAKING]
    said = sent(provider, *map(push, calm), *(push(f"quick {number}") for number in range(40)))
    quick = [one.at_s - began_s for one in provider.asked[before:] if one.target.startswith("quick")]
    assert len(quick) == 40
    assert max(quick) < SILENT_S, "a batch of the SDK takes seven seconds for one target that is ill"
    words = dict(zip(calm, said, strict=False)) | {name: sent(provider, push(name))[0] for name in BREAKING}
    assert words == WORDS
    assert {name: reaction(one) for name, one in words.items()} == REACTIONS


def test_a_target_is_at_fault_only_if_an_empty_message_is_refused_as_well(provider: FakeFcm) -> None:
    good, bad, gone, ill = sent(provider, *map(push, ("bad message", "bad target", "unregistered", "forbidden")), dry=True)
    assert asked(good) == Reaction(Then.dead)
    assert asked(bad) == Reaction(Then.again, doubts=True, guilt=Guilt.provider)
    assert asked(gone) == Reaction(Then.dead, retires=True)
    assert asked(ill) == Reaction(Then.again)


def test_one_word_retires_a_target_and_two_are_doubts() -> None:
    retiring = {word for word in Word if reaction(Said(word)).retires}
    assert retiring == {Word.gone}
    assert {word for word in Word if asked(Said(word)).retires} == {Word.gone}
    assert {word for word in Word if reaction(Said(word)).doubts} == {Word.ended}
    assert {word for word in Word if asked(Said(word)).doubts} == {Word.invalid}


def test_the_message_says_what_it_is_to_each_platform(provider: FakeFcm) -> None:
    sent(provider, push("one"), push("two", TargetKind.fcm_token))
    told = {one.target: one.message for one in provider.asked}
    assert (told["one"]["fid"], told["two"]["token"]) == ("one", "two")
    message = told["one"]
    assert message["notification"] == {"title": "主管有新指示", "body": "请查看"}
    assert message["data"] == {"id": "0190"}
    assert (message["android"]["ttl"], message["android"]["collapse_key"]) == ("3600s", "instruction")
    assert message["android"]["notification"]["tag"] == message["apns"]["headers"]["apns-collapse-id"] == "instruction:1"
    assert abs(int(message["apns"]["headers"]["apns-expiration"]) - time.time() - 3_600) < 60


def test_the_token_is_exchanged_once_and_never_on_the_way(provider: FakeFcm) -> None:
    before = provider.seen["exchange"]
    sent(provider, *(push(f"token {number}") for number in range(30)))
    assert provider.seen["exchange"] == before + 1
    bearers = {one.bearer for one in provider.asked if one.target.startswith("token ")}
    assert bearers == {f"token {provider.seen['exchange']}"}


def test_what_does_not_go_through_the_sdk_does_not_arrive(provider: FakeFcm, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test here stands on the SDK: without its call nothing reaches the provider."""

    async def bypass(*_what: object, **_more: object) -> messaging.BatchResponse:
        return messaging.BatchResponse([messaging.SendResponse({"name": "made up"}, None)])

    monkeypatch.setattr(messaging, "send_each_async", bypass)
    before = len(provider.asked)
    assert sent(provider, push("past the SDK")) == [Said(Word.taken)]
    assert len(provider.asked) == before


def test_a_provider_that_is_not_there_is_unheard(provider: FakeFcm) -> None:
    nowhere = FakeFcm("https://127.0.0.1:9", Path(provider.certificate), provider.account)
    assert sent(nowhere, push("anybody")) == [Said(Word.unheard)]


def test_a_token_exchange_that_fails_is_unheard(provider: FakeFcm) -> None:
    cut_off = FakeFcm(provider.url, provider.certificate, {**provider.account, "token_uri": "http://127.0.0.1:9/token"})
    assert sent(cut_off, push("anybody")) == [Said(Word.unheard)]


@pytest.mark.parametrize("closed", [False, True])
def test_the_provider_ends_with_its_connections(tmp_path: Path, closed: bool) -> None:
    """Else the garbage of one test fails another one (it did, in a whole run)."""
    with fake_fcm(tmp_path) as provider:
        place, trusting = urlsplit(provider.url), ssl.create_default_context(cafile=str(provider.certificate))
        trusting.set_alpn_protocols(["h2"])
        client = trusting.wrap_socket(socket.create_connection((place.hostname, place.port)), server_hostname=place.hostname)
        client.recv(1)
        if closed:
            client.close()
    gc.collect()
    client.close()
