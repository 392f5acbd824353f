"""The sentences of the day's report, in English and Chinese."""

from collections.abc import Mapping
from typing import Final

TEXTS: Final[Mapping[str, tuple[str, str]]] = {
    "title": ("Outrider · an offline day, played in {seconds} s", "Outrider · 离线的一天，用时 {seconds} 秒"),
    "where": (
        "{phones} phones, each a process of its own; {customers} customers; {database}; HTTP on loopback",
        "{phones} 部手机各为独立进程，一家 {customers} 个客户的公司，{database}，经本机 HTTP",
    ),
    "sqlite": ("one server process on SQLite", "SQLite 上的 1 个服务进程"),
    "postgresql": ("{workers} server process(es) on PostgreSQL", "PostgreSQL 上的 {workers} 个服务进程"),
    "phone": ("phone", "手机"),
    "entered": ("sent", "发送"),
    "applied": ("applied", "已生效"),
    "merged": ("merged", "已合并"),
    "parked": ("parked", "待决定"),
    "rejected": ("refused", "被拒绝"),
    "forked": ("forked", "分叉"),
    "repeated": ("repeats", "重发"),
    "all": ("all", "合计"),
    "scene_merged": (
        "{one} and {other} changed different fields of {shop}: both stand",
        "{one} 和 {other} 改了 {shop} 的不同字段：两处都保留",
    ),
    "scene_use_mine": (
        "{one} met {other}'s newer value at {shop}: parked, then “use mine”",
        "{one} 在 {shop} 遇到 {other} 更新的内容：先搁置，再选“用我的”",
    ),
    "scene_keep_theirs": (
        "{one} met {other}'s newer value at {shop}: parked, then “keep theirs”",
        "{one} 在 {shop} 遇到 {other} 更新的内容：先搁置，再选“保留对方”",
    ),
    "scene_open": (
        "{one} met {other}'s newer address of {shop}: decide it on the page",
        "{one} 与 {other} 都改了 {shop} 的地址：尚未决定，请在网页上处理",
    ),
    "scene_rogue": (
        "{one}'s app set the tier of {shop}: refused — {words}",
        "{one} 的应用擅自改 {shop} 的等级：被拒绝——{words}",
    ),
    "scene_moved": (
        "While {one} stood in {shop} it went to {other}: visit taken as late, edit kept",
        "{one} 正在拜访时，{shop} 转给了 {other}：拜访按“迟到”收下，修改留存",
    ),
    "scene_lost_answer": (
        "{one}'s answer got lost: sent again, {count} answers repeated, nothing happened twice",
        "{one} 没收到应答：重发后重复应答 {count} 条，没有任何事发生两次",
    ),
    "scene_killed": (
        "{one}'s phone was killed while syncing: {count} answers repeated, nothing happened twice",
        "{one} 的手机同步时被强行关闭：重复应答 {count} 条，没有任何事发生两次",
    ),
    "scene_restored": (
        "{one}'s phone went back to the morning's backup: {count} forked, sent again under a new line",
        "{one} 的手机恢复到早上的备份：{count} 条分叉，换新线路重发",
    ),
    "scene_clock": (
        "{one}'s clock is a year ahead: {other}'s later note on {shop} stands all the same",
        "{one} 的时钟快一年；{other} 看过后又改了 {shop} 的备注：后改的保留",
    ),
    "scene_undone": ("{one} took back an edit of {shop}", "{one} 撤销了对 {shop} 的一处修改"),
    "sums": (
        "{mutations} entries answered, {duplicates} answers repeated; {up} KB up, {down} KB down",
        "{mutations} 条录入得到应答，{duplicates} 条应答为重复；上行 {up} KB，下行 {down} KB",
    ),
    "oracle_well": (
        "The oracle: of {values} values entered on {phones} phones, none is lost; each phone shows what a new one would.",
        "裁判：{phones} 部手机录入的 {values} 个值，无一丢失；每部手机都与全新手机所见一致。",
    ),
    "oracle_lost": (
        "The oracle: of {values} values entered on {phones} phones, {lost} are LOST; {apart} rows differ from a new phone's.",
        "裁判：{phones} 部手机录入的 {values} 个值中，丢失 {lost} 个；有 {apart} 行与全新手机不一致。",
    ),
    "lost_value": ("lost: {who}, {entity} {group}: {values}", "丢失：{who}，{entity} {group}：{values}"),
    "comparison": (
        "Last write wins would have lost {arrival} of them unseen by order of arrival, {clock} by the devices' clocks.",
        "若按“最后写入为准”：按到达顺序会无声丢失 {arrival} 个，按设备时钟会丢失 {clock} 个。",
    ),
    "next": (
        "Be {who}'s phone (password {password}, all in {path}):",
        "亲自当一回 {who} 的手机（密码 {password}，全部密码在 {path}）：",
    ),
    "page": ("The day as a page, with the open decision:", "网页查看这一天，并处理尚未决定的一项："),
    "ended": (
        "This was ONCE: the server has ended. Next: make run, and the commands and the page work.",
        "本次为 ONCE：服务已结束。下一步：make run，上面的命令和网页即可使用。",
    ),
    "stays": ("The server stays up until Ctrl-C.", "服务保持运行，按 Ctrl-C 结束。"),
    "server_gone": (
        "The server ended by itself; its last words are in {log}. Next: make run",
        "服务自行结束；最后的日志在 {log}。下一步：make run",
    ),
    "port": ("Port {wanted} is busy; using {port}.", "端口 {wanted} 被占用，改用 {port}。"),
    "seeding": ("Preparing the demo organisation …", "正在准备演示公司……"),
    "playing": ("Playing the day …", "正在演练这一天……"),
    "failed": ("The day could not be played: {why}", "无法演练这一天：{why}"),
}


class Words:
    """The words of one language: Chinese for any `zh…`, English otherwise."""

    def __init__(self, language: str) -> None:
        self.language = "zh" if language.lower().startswith("zh") else "en"

    def __call__(self, name: str, **facts: object) -> str:
        return TEXTS[name][self.language == "zh"].format(**facts)
