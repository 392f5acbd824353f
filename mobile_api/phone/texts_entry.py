"""The terminal's texts about texts that cannot be entered, and the names of fields that only it asks for; English and Chinese."""

from collections.abc import Mapping
from typing import Final

TEXTS_ENTRY: Final[Mapping[str, tuple[str, str]]] = {  # English, Chinese
    "checked_out": ("The check-out", "签退"),
    "foretold": (
        "The server will probably find: {verdict} (counts within {metres:,} m)",
        "服务器的判定可能是：{verdict}（{metres:,} 米内有效）",
    ),
    "stayed": ("stayed {minutes} min", "停留 {minutes} 分钟"),
    "left_away": ("left {metres} m from the check-in", "离开时距签到处 {metres} 米"),
    "told_late": ("received {hours} h later", "{hours} 小时后收到"),
    "text_control": (
        "“{field}” holds a character that cannot be shown ({letter}); nothing was entered. Next: the same again without it",
        "“{field}”含有无法显示的字符（{letter}），未录入任何内容。下一步：去掉后重新录入",
    ),
    "text_lines": (
        "“{field}” is one line, and this has several; nothing was entered. Next: the same again on one line",
        "“{field}”只能是一行，此处有多行，未录入任何内容。下一步：改成一行后重新录入",
    ),
    "text_long": (
        "“{field}” has room for {limit:,} characters, and this has {letters:,}; nothing was entered. Next: the same again, shorter",
        "“{field}”最多 {limit:,} 个字符，此处有 {letters:,} 个，未录入任何内容。下一步：缩短后重新录入",
    ),
    "text_short": (
        "“{field}” needs at least {limit} characters; nothing was entered. Next: the same again with all of them",
        "“{field}”至少需要 {limit} 个字符，未录入任何内容。下一步：补全后重新录入",
    ),
    "text_empty": (
        "“{field}” is empty; nothing was entered. Next: say what it is (at least {limit} character)",
        "“{field}”为空，未录入任何内容。下一步：填写后重新录入（至少 {limit} 个字符）",
    ),
    "text_letters": (
        "“{field}” cannot be written like that; nothing was entered. Next: see how with --help",
        "“{field}”的写法不对，未录入任何内容。下一步：用 --help 查看写法",
    ),
    "entry_misfit": (
        "“{field}” does not fit; nothing was entered. Next: see with --help what it can be",
        "“{field}”的内容不合适，未录入任何内容。下一步：用 --help 查看可填内容",
    ),
    "text": ("text", "内容"),
    "quantity": ("quantity", "数量"),
    "reason": ("reason", "原因"),
    "organisation": ("organisation", "组织"),
    "account": ("account", "账号"),
    "login": ("login", "登录名"),
    "admin_name": ("admin's name", "管理员姓名"),
    "time_zone": ("time zone", "时区"),
    "language": ("language", "语言"),
    "device_name": ("device name", "设备名称"),
    "entry": ("entry", "录入内容"),
}
