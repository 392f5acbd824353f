"""Pure parts of identity: tokens, codes, passwords, throttle, device states, the department tree, definitions."""

import base64
import json

import jwt
import msgspec
import pytest

from server.domain import custom_fields, departments, devices, passwords, throttle, tokens, tree
from server.domain.throttle import Failures
from server.domain.tokens import Claims, RefreshToken, Signer
from shared_schema.problem import Code, Problem
from shared_schema.records.reference import FieldDefinition, FieldKind
from sync.state import State

SIGNER = Signer(bytes(range(32)))
CLAIMS = Claims(7, b"u" * 16, 3, b"e" * 16)
NOW_MS = 1_780_000_000_000


def _code(run: object, *arguments: object) -> Code:
    assert callable(run)
    with pytest.raises(Problem) as caught:
        run(*arguments)
    return caught.value.code


def test_an_access_token_says_who_for_15_minutes() -> None:
    token, expires_ms = tokens.sign(SIGNER, CLAIMS, b"j" * 16, NOW_MS)
    assert expires_ms == NOW_MS + 15 * 60_000
    assert tokens.read(SIGNER, token, expires_ms - 1) == CLAIMS
    assert _code(tokens.read, SIGNER, token, expires_ms) is Code.token_expired


def test_the_body_has_audience_and_its_own_id_and_one_algorithm() -> None:
    token, _ = tokens.sign(SIGNER, CLAIMS, b"j" * 16, NOW_MS)
    head, body = (json.loads(base64.urlsafe_b64decode(part + "==")) for part in token.split(".")[:2])
    assert head["alg"] == "HS256"
    assert (body["aud"], body["jti"]) == ("outrider", (b"j" * 16).hex())


@pytest.mark.parametrize(
    "change",
    [{"aud": "other"}, {"aud": None}, {"jti": None}, {"exp": None}, {"line": "x"}, {"sub": "zz"}, {"org": None}, {"ses": "z"}],
)
def test_a_token_with_another_body_is_refused(change: dict[str, object]) -> None:
    body: dict[str, object] = {
        "aud": "outrider",
        "jti": "00",
        "org": 7,
        "sub": CLAIMS.user_id.hex(),
        "line": 3,
        "ses": "65" * 16,
        "exp": NOW_MS // 1000 + 60,
    }
    assert tokens.read(SIGNER, jwt.encode(body, SIGNER.secret), NOW_MS) == CLAIMS
    forged = {key: value for key, value in (body | change).items() if value is not None}
    assert _code(tokens.read, SIGNER, jwt.encode(forged, SIGNER.secret), NOW_MS) is Code.signed_out


def test_another_secret_another_algorithm_and_none_are_refused() -> None:
    body = {"aud": "outrider", "jti": "00", "org": 7, "sub": CLAIMS.user_id.hex(), "line": 3, "ses": "65" * 16, "exp": NOW_MS // 1000 + 60}
    long_secret = bytes(64)
    for forged in (jwt.encode(body, b"y" * 32), jwt.encode(body, "", algorithm="none"), "a.b.c", "x", "é.é.é"):
        assert _code(tokens.read, SIGNER, forged, NOW_MS) is Code.signed_out
    assert _code(tokens.read, Signer(long_secret), jwt.encode(body, long_secret, algorithm="HS512"), NOW_MS) is Code.signed_out


def test_a_proof_is_remembered_for_its_own_letters_and_key_alone() -> None:
    token, expires_ms = tokens.sign(SIGNER, CLAIMS, b"k" * 16, NOW_MS)
    assert tokens.read(SIGNER, token, NOW_MS) == tokens.read(SIGNER, token, NOW_MS) == CLAIMS
    head, body, mac = token.split(".")
    other = tokens.sign(SIGNER, msgspec.structs.replace(CLAIMS, line_no=4), b"k" * 16, NOW_MS)[0].split(".")[1]
    assert _code(tokens.read, SIGNER, f"{head}.{other}.{mac}", NOW_MS) is Code.signed_out
    assert _code(tokens.read, SIGNER, f"{head}.{body}.{'A' + mac[1:] if mac[0] != 'A' else 'B' + mac[1:]}", NOW_MS) is Code.signed_out
    assert _code(tokens.read, Signer(bytes(32)), token, NOW_MS) is Code.signed_out
    assert _code(tokens.read, SIGNER, token, expires_ms) is Code.token_expired


def test_a_refresh_token_is_read_back_and_shows_nothing_when_printed() -> None:
    """Also one of an older version, whose moment nobody vouches for."""
    token = tokens.new_refresh_token(SIGNER, 7, b"f" * 16, b"s" * 32, NOW_MS)
    assert tokens.refresh_token(token.text) == token
    assert (token.made_ms(SIGNER), token.made_ms(Signer(bytes(32)))) == (NOW_MS, None)
    older = RefreshToken(7, b"f" * 16, b"s" * 32)
    assert (tokens.refresh_token(older.text), older.made_ms(SIGNER)) == (older, None)
    assert token.hash != RefreshToken(8, b"f" * 16, token.tail).hash
    assert RefreshToken(8, b"f" * 16, token.tail).made_ms(SIGNER) is None
    assert token.text not in repr(token)
    assert "00" not in repr(SIGNER)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "=" * 10,
        "é",
        "A" * 74,
        "A" * 76,
        "/" * 75,
        "A" * 106,
        "A" * 108,
        "/" * 107,
        base64.urlsafe_b64encode(b"\xff" * 56).decode(),
    ],
)
def test_other_texts_are_no_refresh_tokens(text: str) -> None:
    assert _code(tokens.refresh_token, text) is Code.signed_out


def test_a_code_is_read_however_it_is_typed() -> None:
    text = tokens.code_text(bytes(range(10)))
    assert len(text.replace("-", "")) == 16
    assert tokens.code_hash(text) == tokens.code_hash(text.lower().replace("-", " "))
    assert tokens.code_hash(text) != tokens.code_hash(text[:-1])


@pytest.mark.usefixtures("true_passwords")
def test_passwords_are_argon2id_of_the_stated_cost() -> None:
    made = passwords.hashed("correct horse", b"s" * 16)
    assert made.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert passwords.matches(made, "correct horse")
    assert not passwords.matches(made, "correct horsf")


@pytest.mark.parametrize("kept", ["", passwords.NOBODY[:-3], "$argon2id$broken", "plain"])
def test_an_empty_or_broken_hash_matches_nothing(kept: str) -> None:
    assert not passwords.matches(kept, "")
    assert not passwords.matches(kept, kept)


def test_the_throttle_counts_account_address_and_organisation() -> None:
    keys = throttle.keys("acme", "ann", "10.0.0.1")
    assert sorted(keys) == list(keys)
    assert {key.partition(":")[0] for key in keys} == set(throttle.LIMITS)
    assert len(throttle.keys("acme", None, "10.0.0.1")) == 2
    throttle.admit(Failures("account:acme/ann", 14, NOW_MS, 5))
    with pytest.raises(Problem) as caught:
        throttle.admit(Failures("account:acme/ann", 15, NOW_MS, 5))
    assert (caught.value.code, caught.value.retry_at_ms) == (Code.too_many_attempts, NOW_MS + throttle.WINDOW_MS)


@pytest.mark.parametrize(
    ("host", "counted"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("", "unknown"),
        ("testclient", "unknown"),
    ],
)
def test_an_address_counts_as_what_one_line_owns(host: str, counted: str) -> None:
    assert throttle.counted_address(host) == counted


def test_device_states_answer_one_refusal_each() -> None:
    assert devices.refusal("active", None) is None
    told = [devices.refusal(state, wiped) for state, wiped in (("pending", None), ("revoked", None), ("revoked", 1), ("closed", None))]
    assert [one and one.code for one in told] == [Code.device_pending, Code.device_wipe, Code.device_revoked, Code.signed_out]


@pytest.mark.parametrize(
    ("approved", "approval_asked", "was_revoked", "state"),
    [(False, False, False, "active"), (False, True, False, "pending"), (True, True, True, "active"), (False, False, True, "pending")],
)
def test_a_new_line_waits_when_asked_or_after_a_revocation(approved: bool, approval_asked: bool, was_revoked: bool, state: str) -> None:
    assert devices.first_state(approved, approval_asked, was_revoked) == state


def test_a_subtree_is_everything_below_even_with_a_circle() -> None:
    parents = {b"a": None, b"b": b"a", b"c": b"b", b"d": None, b"x": b"y", b"y": b"x"}
    assert tree.subtree(parents, b"a") == {b"a", b"b", b"c"}
    assert tree.subtree(parents, b"x") == {b"x", b"y"}


def test_a_department_stands_below_a_known_one_and_never_below_itself() -> None:
    parents = {b"a": None, b"b": b"a"}
    departments.place(parents, b"c", b"b")
    departments.place(parents, b"a", None)
    for parent_id in (b"a", b"b", b"z"):
        assert _code(departments.place, parents, b"a", parent_id) is Code.rule_broken


DEFINITION = FieldDefinition(b"d" * 16, 0, 1, "size", FieldKind.choice, "大小", "Size", ("big", "small"))


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"entity": 3}, None),
        ({"entity": 5}, "entity"),
        ({"entity": 99}, "entity"),
        ({"kind": FieldKind.unknown, "choices": ()}, "kind"),
        ({"kind": FieldKind.text}, "choices"),
        ({"choices": ()}, "choices"),
        ({"choices": ("big", "big")}, "choices"),
        ({"choices": ("Big", "ｂｉｇ ")}, "choices"),
        ({"choices": ("big", " ")}, "choices"),
        ({"choices": ("现金", "月结")}, None),
    ],
)
def test_a_definition_fits_its_entity_and_its_kind(change: dict[str, object], field: str | None) -> None:
    definition = msgspec.structs.replace(DEFINITION, **change)
    if field is None:
        assert custom_fields.define(State(), definition) == (definition,)
        return
    with pytest.raises(Problem) as caught:
        custom_fields.define(State(), definition)
    assert (caught.value.code, caught.value.field) == (Code.rule_broken, field)


def test_a_definition_keeps_its_key_to_itself_and_its_type_for_ever() -> None:
    state = State()
    state.keep(DEFINITION)
    custom_fields.define(state, msgspec.structs.replace(DEFINITION, label_en="Bulk"))
    other = msgspec.structs.replace(DEFINITION, id=b"e" * 16)
    assert _code(custom_fields.define, state, other) is Code.rule_broken
    text = msgspec.structs.replace(DEFINITION, kind=FieldKind.text, choices=())
    assert _code(custom_fields.define, state, text) is Code.fixed_field


def test_accounts_of_one_name_in_two_organisations_share_only_their_address() -> None:
    mine, theirs = throttle.keys("acme", "ann", "10.0.0.1"), throttle.keys("other", "ann", "10.0.0.1")
    assert set(mine) & set(theirs) == {"address:10.0.0.1"}


def test_a_success_forgives_its_account_and_nobody_else() -> None:
    seen = [Failures(key, 3, NOW_MS, 0) for key in throttle.keys("acme", "ann", "10.0.0.1")]
    assert [one.key for one in throttle.forgiven_by_success(seen)] == ["account:acme/ann"]
