"""The one error type: every refusal has a code, an HTTP status and a remedy that the phone can act on."""

from enum import Enum
from typing import Final


class Remedy(Enum):
    """The phone's reaction to a refusal."""

    drop = "drop"
    """Nothing to repeat: show it to the user."""
    retry = "retry"
    """Send the same again later."""
    resync = "resync"
    """Pull, then decide again."""
    refresh = "refresh"
    """Refresh the session, then send the same again; if the refresh fails: sign in."""
    sign_in = "sign_in"
    """Ask the user to sign in; local data and queue stay."""
    upgrade = "upgrade"
    """The app is too old for this; pushing still works."""
    fix = "fix"
    """The request itself is wrong: correct it."""


class Code(Enum):
    """Problem codes: (name on the wire, HTTP status, remedy)."""

    # the door
    not_found = ("not_found", 404, Remedy.fix)
    method_not_allowed = ("method_not_allowed", 405, Remedy.fix)
    not_acceptable = ("not_acceptable", 406, Remedy.fix)
    request_timeout = ("request_timeout", 408, Remedy.retry)
    request_malformed = ("request_malformed", 400, Remedy.fix)
    headers_too_large = ("headers_too_large", 431, Remedy.fix)
    body_too_large = ("body_too_large", 413, Remedy.fix)
    content_type_unknown = ("content_type_unknown", 415, Remedy.fix)
    content_encoding_unknown = ("content_encoding_unknown", 415, Remedy.fix)
    body_missing = ("body_missing", 400, Remedy.fix)
    body_truncated = ("body_truncated", 400, Remedy.retry)
    compression_broken = ("compression_broken", 400, Remedy.retry)
    compression_ratio = ("compression_ratio", 413, Remedy.fix)
    body_malformed = ("body_malformed", 400, Remedy.fix)
    body_trailing = ("body_trailing", 400, Remedy.fix)
    body_too_deep = ("body_too_deep", 400, Remedy.fix)
    body_too_many_items = ("body_too_many_items", 413, Remedy.fix)
    extension_type = ("extension_type", 400, Remedy.fix)
    duplicate_key = ("duplicate_key", 400, Remedy.fix)
    field_wrong = ("field_wrong", 422, Remedy.fix)
    text_unclean = ("text_unclean", 422, Remedy.fix)
    parameter_wrong = ("parameter_wrong", 400, Remedy.fix)
    # identity
    signed_out = ("signed_out", 401, Remedy.sign_in)
    token_expired = ("token_expired", 401, Remedy.refresh)
    login_wrong = ("login_wrong", 401, Remedy.sign_in)
    refresh_reused = ("refresh_reused", 401, Remedy.sign_in)
    code_wrong = ("code_wrong", 401, Remedy.sign_in)
    device_pending = ("device_pending", 403, Remedy.retry)
    device_wipe = ("device_wipe", 403, Remedy.drop)
    device_revoked = ("device_revoked", 403, Remedy.sign_in)
    forbidden = ("forbidden", 403, Remedy.drop)
    too_many_attempts = ("too_many_attempts", 429, Remedy.retry)
    account_taken = ("account_taken", 409, Remedy.fix)
    # sync
    cursor_foreign = ("cursor_foreign", 409, Remedy.resync)
    protocol_unknown = ("protocol_unknown", 426, Remedy.upgrade)
    schema_unknown = ("schema_unknown", 426, Remedy.upgrade)
    forked = ("forked", 409, Remedy.resync)
    # one mutation
    entity_unknown = ("entity_unknown", 422, Remedy.upgrade)
    kind_unknown = ("kind_unknown", 422, Remedy.upgrade)
    command_unknown = ("command_unknown", 422, Remedy.upgrade)
    field_unknown = ("field_unknown", 422, Remedy.upgrade)
    server_owned = ("server_owned", 422, Remedy.drop)
    fixed_field = ("fixed_field", 422, Remedy.drop)
    immutable = ("immutable", 409, Remedy.drop)
    base_missing = ("base_missing", 422, Remedy.fix)
    out_of_scope = ("out_of_scope", 403, Remedy.drop)
    erased = ("erased", 410, Remedy.drop)
    gone = ("gone", 410, Remedy.drop)
    id_taken = ("id_taken", 409, Remedy.drop)
    state_wrong = ("state_wrong", 409, Remedy.resync)
    content_changed = ("content_changed", 409, Remedy.resync)
    group_incomplete = ("group_incomplete", 422, Remedy.fix)
    custom_field_unknown = ("custom_field_unknown", 422, Remedy.drop)
    custom_field_type = ("custom_field_type", 422, Remedy.fix)
    rule_broken = ("rule_broken", 422, Remedy.fix)
    undo_expired = ("undo_expired", 409, Remedy.drop)
    moved = ("moved", 409, Remedy.drop)
    conflict = ("conflict", 409, Remedy.resync)
    record_waits = ("record_waits", 409, Remedy.resync)
    server_error = ("server_error", 500, Remedy.retry)
    busy = ("busy", 503, Remedy.retry)
    # push
    target_kind_unknown = ("target_kind_unknown", 422, Remedy.upgrade)
    target_refused = ("target_refused", 422, Remedy.fix)
    # pools
    claimed_by_other = ("claimed_by_other", 409, Remedy.drop)
    not_in_pool = ("not_in_pool", 409, Remedy.drop)
    not_member = ("not_member", 403, Remedy.drop)
    held = ("held", 409, Remedy.drop)
    holds_full = ("holds_full", 409, Remedy.drop)
    cool_off = ("cool_off", 409, Remedy.drop)
    newcomer_hold = ("newcomer_hold", 409, Remedy.drop)
    do_not_disturb = ("do_not_disturb", 409, Remedy.drop)
    position_missing = ("position_missing", 409, Remedy.drop)
    too_far = ("too_far", 409, Remedy.drop)
    capacity_full = ("capacity_full", 409, Remedy.drop)
    quota_exhausted = ("quota_exhausted", 409, Remedy.drop)
    # places
    position_malformed = ("position_malformed", 400, Remedy.fix)
    position_off_globe = ("position_off_globe", 422, Remedy.fix)
    position_nowhere = ("position_nowhere", 422, Remedy.fix)
    datum_unknown = ("datum_unknown", 422, Remedy.fix)
    radius_wrong = ("radius_wrong", 422, Remedy.fix)
    cursor_wrong = ("cursor_wrong", 400, Remedy.fix)
    # desk
    stale_epoch = ("stale_epoch", 409, Remedy.resync)

    def __init__(self, word: str, status: int, remedy: Remedy) -> None:
        self.word = word
        self.status = status
        self.remedy = remedy


CODES: Final = {code.word: code for code in Code}


class Problem(Exception):  # noqa: N818 - the glossary's word
    """A refusal. `detail` is for people and never carries database text; `field` names the wrong field.

    `first_id`: the user who was first. `distance_mm`: how far away the author was. Both stand on the author's card and in no answer.
    """

    def __init__(
        self, code: Code, detail: str = "", field: str | None = None, retry_at_ms: int | None = None, first_id: bytes | None = None
    ) -> None:
        super().__init__(f"{code.word}: {detail}" if detail else code.word)
        self.code = code
        self.detail = detail
        self.field = field
        self.retry_at_ms = retry_at_ms
        self.first_id = first_id
        self.distance_mm: int | None = None
