"""Planted bugs of tokens, codes and throttle, of the numbers after a restore, and of places on the map."""

from typing import Final

from tests.prove.planting import Plant

IDENTITY: Final = (
    Plant(
        "any_audience",
        "A token that was signed for another program signs in here.",
        "server.domain.tokens:read",
        "_CHECKS, audience=AUDIENCE)",
        '{**_CHECKS, "verify_aud": False})',
        ("unit/test_identity_parts.py::test_a_token_with_another_body_is_refused[change0]",),
    ),
    Plant(
        "token_a_moment_longer",
        "A token opens the door at the very moment at which it has expired.",
        "server.domain.tokens:read",
        "if now_ms >= body.exp * 1000 or",
        "if now_ms > body.exp * 1000 or",
        ("unit/test_identity_parts.py::test_an_access_token_says_who_for_15_minutes",),
    ),
    Plant(
        "any_algorithm",
        "A token with another algorithm than ours is believed.",
        "server.domain.tokens:read",
        "signer.secret, [ALGORITHM], _CHECKS",
        'signer.secret, [ALGORITHM, "HS512"], _CHECKS',
        ("unit/test_identity_parts.py::test_another_secret_another_algorithm_and_none_are_refused",),
    ),
    Plant(
        "ended_session_reads",
        "The access token of a session that has ended goes on opening the door.",
        "server.services.actors:arrived",
        "if found.session_id != claims.session_id:",
        "if claims.session_id is None:",
        ("integration/test_sessions_end.py::test_no_access_token_of_an_ended_session_opens_anything",),
    ),
    Plant(
        "password_changed_meanwhile",
        "A log-in whose password changes between the check and the session succeeds.",
        "server.services.login:finish",
        "if account is None or account.password_hash != credential.password_hash:",
        "if account is None:",
        ("integration/test_sessions_end.py::test_a_password_that_changes_between_check_and_session_is_a_wrong_one",),
    ),
    Plant(
        "code_of_the_very_letters",
        "A one-time code that is typed in small letters is wrong.",
        "server.domain.tokens:code_hash",
        "for letter in text.upper()",
        "for letter in text",
        ("unit/test_identity_parts.py::test_a_code_is_read_however_it_is_typed",),
    ),
    Plant(
        "throttled_across_organisations",
        "Failures at an account keep the account of that name out in every organisation.",
        "server.domain.throttle:keys",
        'f"account:{organisation}/{account}"',
        'f"account:{account}"',
        ("unit/test_identity_parts.py::test_accounts_of_one_name_in_two_organisations_share_only_their_address",),
    ),
    Plant(
        "an_address_of_many",
        "Whoever has an IPv6 line has as many attempts as addresses.",
        "server.domain.throttle:counted_address",
        "int(address) >> 64 << 64, 64",
        "int(address), 128",
        ("unit/test_identity_parts.py::test_an_address_counts_as_what_one_line_owns[2001:db8:1:2:3:4:5:6-2001:db8:1:2::/64]",),
    ),
    Plant(
        "revoked_comes_back",
        "A revoked device opens a new line with the password alone.",
        "server.domain.devices:first_state",
        "approved or not (approval_asked or was_revoked)",
        "approved or not approval_asked",
        ("unit/test_identity_parts.py::test_a_new_line_waits_when_asked_or_after_a_revocation[False-False-True-pending]",),
    ),
    Plant(
        "empty_password",
        "An account without a password signs in with an empty one.",
        "server.domain.passwords:matches",
        "    return known\n",
        "    return True\n",
        ("unit/test_identity_parts.py::test_an_empty_or_broken_hash_matches_nothing[]",),
    ),
    Plant(
        "uncounted_numbers_reused",
        "After a restore a counter that nobody had used at the backup begins at one.",
        "server.domain.branch:branched",
        'keys = {"line", "scope", *_printed(now_ms), *(',
        "keys = {*(",
        (
            "unit/domain/test_domain_branch.py::test_what_had_not_been_counted_when_the_backup_was_made_may_have_been_since[1780000000000-years0]",
        ),
    ),
)
PLACES: Final = (
    Plant(
        "accuracy_forgiven",
        "A check-in is verified wherever its circle touches the fence.",
        "geo.verify:_verdict",
        "if distance + accuracy <= fence:",
        "if distance <= fence:",
        ("unit/geo/test_geo_verify.py::test_each_border_to_the_millimetre",),
    ),
    Plant(
        "border_outside",
        "A check-in on the very border of the fence is not probable.",
        "geo.verify:_verdict",
        "distance - accuracy <= fence else",
        "distance - accuracy < fence else",
        ("unit/geo/test_geo_verify.py::test_each_border_to_the_millimetre",),
    ),
    Plant(
        "no_accuracy_is_the_best",
        "A phone that says accuracy 0, which means none, is exactly there.",
        "geo.verify:_verdict",
        "not 0 < accuracy <= WEAK_ACCURACY_MM",
        "not 0 <= accuracy <= WEAK_ACCURACY_MM",
        ("unit/geo/test_geo_verify.py::test_weak_accuracy_is_unverified_and_the_distance_is_still_told[0]",),
    ),
    Plant(
        "wrong_clock_accuses",
        "A phone with a wrong clock is accused of an old fix.",
        "geo.verify:_fix_age_ms",
        "min(abs(fix_ms - evidence.device_ms)",
        "max(abs(fix_ms - evidence.device_ms)",
        ("unit/geo/test_geo_verify.py::test_a_clock_a_year_ahead_accuses_nobody[1760000000000]",),
    ),
)
PLANTS: Final = (*IDENTITY, *PLACES)
