"""Sessions over HTTP: log-in, throttle, refresh with lost answers and reuse, log-out, enrolment, fork."""

from collections.abc import Iterator

import pytest

from server import chance
from server.services import enrol, organisations, users
from shared_schema.problem import Problem
from shared_schema.records.reference import Role
from shared_schema.rest import CodeRequest
from tests.integration.site import PASSWORD, Caller, Site, code, site


@pytest.fixture
def here(migrated_url: str) -> Iterator[Site]:
    with site(migrated_url) as served_site:
        yield served_site


def test_a_log_in_opens_a_line_and_the_next_one_continues_it(here: Site) -> None:
    boss = here.caller()
    assert boss.log_in().status_code == 200
    first = boss.session
    assert (first["line_no"], first["last_n"], first["role"], first["org_id"]) == (1, 0, 5, here.founded["alpha"].org_id)
    boss.log_in()
    assert boss.session["line_no"] == 1
    other = here.caller()
    other.log_in()
    assert other.session["line_no"] == 2
    assert boss.get("/v1/desk/users").status_code == 200


def test_wrong_organisation_account_and_password_answer_alike(here: Site) -> None:
    answers = [
        here.caller("alpha", "boss").log_in("wrong"),
        here.caller("alpha", "nobody").log_in(),
        here.caller("nowhere", "boss").log_in(),
    ]
    bodies = [answer.json() for answer in answers]
    assert bodies[0] == bodies[1] == bodies[2]
    assert (answers[0].status_code, bodies[0]["code"], bodies[0]["remedy"]) == (401, "login_wrong", "sign_in")


def test_case_and_a_foreign_password_do_not_matter(here: Site) -> None:
    assert here.caller("ALPHA", "Boss").log_in().status_code == 200
    answer = here.caller("beta", "boss").log_in("wrong")
    assert code(answer) == "login_wrong"


def test_the_throttle_holds_an_account_and_no_other(here: Site) -> None:
    here.user(here.admin(), "ann")
    ann = here.caller("alpha", "ann")
    told = [code(ann.log_in("wrong")) for _ in range(11)]
    assert told == ["login_wrong"] * 10 + ["too_many_attempts"]
    held = ann.log_in()
    assert (held.status_code, held.json()["remedy"]) == (429, "retry")
    assert 0 < int(held.headers["retry-after"]) <= 900
    assert here.caller().log_in().status_code == 200


def test_a_success_forgives_and_many_people_behind_one_address_are_let_in(here: Site) -> None:
    for _ in range(3):
        assert code(here.caller().log_in("wrong")) == "login_wrong"
        assert here.caller().log_in().status_code == 200
    for _ in range(60):
        assert here.caller().log_in().status_code == 200
    assert [code(here.caller().log_in("wrong")) for _ in range(10)] == ["login_wrong"] * 10


def test_a_lost_answer_of_a_refresh_never_signs_out(here: Site) -> None:
    boss = here.admin()
    old = boss.session["refresh_token"]
    lost = [boss.refresh(old) for _ in range(20)]
    assert {answer.status_code for answer in lost} == {200}
    kept = boss.refresh(old)
    assert kept.status_code == 200
    assert boss.refresh(kept.json()["refresh_token"]).status_code == 200
    boss.session = kept.json()
    assert boss.get("/v1/desk/users").status_code == 200


def test_any_of_the_answers_may_be_the_one_that_arrives(here: Site) -> None:
    """P-015: or all of them, one after the other."""
    boss = here.admin()
    answers = [boss.refresh().json()["refresh_token"] for _ in range(3)]
    newer = [boss.refresh(token).json()["refresh_token"] for token in answers]
    assert boss.refresh(newer[0]).status_code == 200


def test_true_reuse_ends_the_family(here: Site) -> None:
    boss = here.admin()
    stolen = boss.session["refresh_token"]
    second = boss.refresh(stolen).json()["refresh_token"]
    third = boss.refresh(second).json()["refresh_token"]
    assert code(boss.refresh(stolen)) == "refresh_reused"
    assert [code(boss.refresh(token)) for token in (third, second, stolen)] == ["signed_out"] * 3
    assert boss.log_in().status_code == 200
    assert boss.refresh().status_code == 200


def test_reuse_ends_no_other_device(here: Site) -> None:
    phone, tablet = here.admin(), here.admin()
    old = phone.session["refresh_token"]
    phone.refresh(phone.refresh(old).json()["refresh_token"])
    assert code(phone.refresh(old)) == "refresh_reused"
    assert tablet.refresh().status_code == 200


def test_log_out_ends_the_line_and_may_be_repeated(here: Site) -> None:
    boss = here.admin()
    token = boss.session["refresh_token"]
    for _ in range(2):
        assert here.http.post("/v1/logout", json={"refresh_token": token}).status_code == 200
    assert code(boss.refresh(token)) == "signed_out"


def test_without_a_token_or_with_a_broken_one_nothing_is_told(here: Site) -> None:
    boss = here.admin()
    nobody = here.caller()
    assert code(nobody.get("/v1/desk/users")) == "signed_out"
    nobody.session = {"access_token": boss.session["access_token"][:-2]}
    answer = nobody.get("/v1/desk/users")
    assert (code(answer), answer.headers["www-authenticate"]) == ("signed_out", "Bearer")


def test_a_code_signs_in_once_and_sets_a_password(here: Site) -> None:
    founded = here.founded["alpha"]
    boss = here.caller()
    assert boss.enrol(founded.code.code.lower().replace("-", " "), "another good one").status_code == 200
    assert code(here.caller().enrol(founded.code.code)) == "code_wrong"
    assert code(here.caller().log_in()) == "login_wrong"
    assert here.caller().log_in("another good one").status_code == 200


def test_a_code_of_another_organisation_an_old_one_and_a_replaced_one_are_wrong(here: Site) -> None:
    founded = here.founded["alpha"]
    assert code(here.caller("beta").enrol(founded.code.code)) == "code_wrong"
    boss = here.admin()
    ann = here.user(boss, "ann")
    first, second = (boss.post("/v1/desk/codes", {"user_id": ann}).json()["code"] for _ in range(2))
    assert code(here.caller().enrol(first)) == "code_wrong"
    assert here.caller().enrol(second).json()["user_id"] == ann
    eleven_minutes_ago = chance.now_ms() - 11 * 60_000
    late = here.write(enrol.issue, boss.claims, CodeRequest(user_id=founded.user_id), eleven_minutes_ago)
    assert code(here.caller().enrol(late.code)) == "code_wrong"


def test_codes_cannot_be_guessed_without_end(here: Site) -> None:
    told = [code(here.caller().enrol("AAAA-AAAA-AAAA-AAAA")) for _ in range(61)]
    assert told == ["code_wrong"] * 60 + ["too_many_attempts"]


def test_a_fork_closes_the_line_and_a_lost_answer_of_it_opens_no_third(here: Site) -> None:
    boss = here.admin()
    old = boss.session
    forked = boss.post("/v1/device/fork")
    assert (forked.status_code, forked.json()["line_no"], forked.json()["last_n"]) == (200, 2, 0)
    assert code(boss.get("/v1/desk/users")) == "signed_out"
    assert code(boss.refresh(old["refresh_token"])) == "signed_out"
    again = boss.post("/v1/device/fork")
    assert (again.status_code, again.json()["line_no"]) == (200, 2)
    boss.session = again.json()
    assert boss.get("/v1/desk/users").status_code == 200
    boss.log_in()
    assert boss.session["line_no"] == 2


def test_a_reset_password_ends_every_session(here: Site) -> None:
    boss = here.admin()
    here.write(users.reset_password, "alpha", "boss", "")
    assert code(boss.refresh()) == "signed_out"
    assert code(here.caller().log_in("")) == "login_wrong"
    assert here.admin("beta").refresh().status_code == 200


def test_a_session_is_kept_by_hash_and_msgpack_speaks_too(here: Site) -> None:
    boss = here.admin()
    answer = here.http.post(
        "/v1/refresh", json={"refresh_token": boss.session["refresh_token"]}, headers={"accept": "application/vnd.msgpack"}
    )
    assert answer.headers["content-type"] == "application/vnd.msgpack"
    assert answer.headers["cache-control"] == "no-store"


def test_an_organisation_name_is_taken_once(here: Site) -> None:
    asked = organisations.NewOrganisation(login="alpha", name="x", account="boss")
    with pytest.raises(Problem) as caught:
        here.write(organisations.create, asked, None, chance.now_ms())
    assert caught.value.code.word == "account_taken"


def test_a_user_who_left_is_out_at_once(here: Site) -> None:
    boss = here.admin()
    ann_id = here.user(boss, "ann", role=Role.manager)
    ann = Caller(here, "alpha", "ann")
    assert ann.log_in().status_code == 200
    assert ann.get("/v1/desk/devices").status_code == 200
    here.user(boss, "ann", role=Role.manager, id=ann_id, active=False)
    assert code(ann.get("/v1/desk/devices")) == "signed_out"
    assert code(ann.refresh()) == "signed_out"
    assert code(ann.log_in(PASSWORD)) == "login_wrong"
    assert code(ann.post("/v1/device/fork")) == "signed_out"
