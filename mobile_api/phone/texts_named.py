"""Words for the codes of the protocol: fields, kinds of records, values of enums, commands; English and Chinese side by side."""

from collections.abc import Mapping
from typing import Final

DO: Final = "do_"
"""Before the name of a command: the wish of the user who gave it."""
TEXTS_NAMED: Final[Mapping[str, tuple[str, str]]] = {  # English, Chinese
    # kinds of records
    "standing": ("standing", "归属"),
    "collaborator": ("collaborator", "协作人"),
    "inbox_item": ("inbox card", "收件箱卡片"),
    "sample_entry": ("sample", "样品"),
    "sample_count": ("samples in all", "样品合计"),
    # fields
    "command": ("wanted", "操作"),
    "reason": ("reason", "原因"),
    "extra": ("custom fields", "自定义字段"),
    "price_book": ("price book", "价目表"),
    "quantity": ("quantity", "数量"),
    "department": ("department", "部门"),
    "text": ("text", "正文"),
    "accuracy_mm": ("accuracy", "精度"),
    "fix_ms": ("time of the position", "定位时间"),
    "mock": ("mocked position", "模拟定位"),
    "user": ("user", "用户"),
    # values of enums
    "wgs84": ("WGS-84", "WGS-84"),
    "gcj02": ("GCJ-02", "GCJ-02"),
    "bd09": ("BD-09", "BD-09"),
    "a": ("A", "A"),
    "b": ("B", "B"),
    "c": ("C", "C"),
    "open": ("open", "待决定"),
    "used_mine": ("used mine", "已用我的"),
    "kept_theirs": ("kept theirs", "已保留对方"),
    "met": ("met by itself", "已自行一致"),
    "sent": ("sent", "已发出"),
    "dismissed": ("read", "已阅"),
    "judged_anew": ("carried out when the customer came back", "客户转回后已重新处理"),
    "fix_age": ("position older or newer than the check-in", "定位时间与签到不符"),
    "future": ("dated in the future", "时间在未来"),
    "past": ("dated before 2015", "时间早于 2015 年"),
    # commands
    "do_submit": ("submit the quote", "提交报价"),
    "do_approve": ("approve the quote", "批准报价"),
    "do_reject": ("reject the quote", "拒绝报价"),
    "do_return_quote": ("give the quote back", "退回报价"),
    "do_revise": ("revise the quote", "修订报价"),
    "do_keep_theirs": ("keep theirs", "保留对方"),
    "do_dismiss": ("put the card away", "收起卡片"),
    "do_send_to_manager": ("let the manager decide", "交由经理决定"),
}
