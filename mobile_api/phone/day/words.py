"""The sentences of the day's report, in English and Chinese."""

from collections.abc import Mapping
from typing import Final

TEXTS: Final[Mapping[str, tuple[str, str]]] = {
    "title": ("Outrider · an offline day, played in {seconds} s", "Outrider · 离线的一天，用时 {seconds} 秒"),
    "where": (
        "{phones} phones, each a process; {customers} customers, {pooled} in two pools; {database}; HTTP",
        "{phones} 部手机各为独立进程，{customers} 个客户，两个公海另有 {pooled} 个，{database}，经本机 HTTP",
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
    "scene_decided": (
        "Parked: {one} took “use mine” at {shop}, {other} “keep theirs” at {second}",
        "遇到更新的内容，先搁置：{one} 在 {shop} 选“用我的”，{other} 在 {second} 选“保留对方”",
    ),
    "scene_open": (
        "{one} met {other}'s newer address of {shop}: decide it at the desk",
        "{one} 与 {other} 都改了 {shop} 的地址：尚未决定，请在工作台处理",
    ),
    "scene_rogue": (
        "{one}'s app set the tier of {shop}: refused — {words}",
        "{one} 的应用擅自改 {shop} 的等级：被拒绝——{words}",
    ),
    "scene_moved": (
        "While {one} stood in {shop} it went to {other}: visit taken as late, edit kept",
        "{one} 正在拜访时，{shop} 转给了 {other}：拜访按“迟到”收下，修改留存",
    ),
    "scene_repeated": (
        "{one}'s answer lost, {other}'s phone killed: {count} + {second} answers repeated, nothing twice",
        "{one} 没收到应答，{other} 的手机被强行关闭：重复应答 {count}＋{second} 条，没有任何事发生两次",
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
    "scene_instructed": (
        "{manager} instructed {one} and {other} (offline): saw each step, from sent to done by a visit",
        "{manager} 指示 {one} 和离线的 {other}：依次看到送达、已读、确认、以拜访完成",
    ),
    "scene_reminded_by_firebase": (
        "At 08:00 {one} was reminded of {shop}: a push through Firebase",
        "08:00 提醒 {one} 今天跟进 {shop}：推送经 Firebase 到达",
    ),
    "scene_reminded_by_browser": (
        "At 08:00 {one} was reminded of {shop}: a push through the browser's service",
        "08:00 提醒 {one} 今天跟进 {shop}：推送经浏览器服务到达",
    ),
    "scene_reminded_closed": (
        "{one} had done the step at {shop} before 08:00, offline: no push",
        "{one} 在 08:00 前已离线完成对 {shop} 的跟进：没有推送",
    ),
    "scene_raced": (
        "{one} and {other} claimed {shop} at once: one has it, the other knows who",
        "{one} 和 {other} 同时认领 {shop}：一人得到，另一人知道是谁",
    ),
    "scene_claimed_offline": (
        "Offline, {one} won {shop} and lost {second}: visit offered to {other}",
        "{one} 离线认领：得 {shop}，失 {second}，拜访转给 {other} 参考",
    ),
    "scene_around": (
        "{one} looks around, offline as online: {count} customers in 5 km; {second} nearest in {way} km (estimate)",
        "{one} 离线查看周边，与服务器一致：5 公里内 {count} 家；最近 {second} 家一圈约 {way} 公里（估算）",
    ),
    "scene_verified": (
        "{one}'s visit at {shop} is verified; one from 3 km away is not, and is taken",
        "{one} 在 {shop} 的拜访已核实；另一次在 3 公里外签到，超出范围，照样收下",
    ),
    "scene_placed": (
        "{one}'s visits on three days told where {shop} is; {manager} confirmed it",
        "{one} 三天的拜访得出 {shop} 的位置，{manager} 已确认",
    ),
    "scene_consent": (
        "{one} said no to positions: the visit at {shop} bears none, and counts",
        "{one} 不同意记录位置：在 {shop} 的拜访不含位置，照样有效",
    ),
    "scene_warned": (
        "{one} was warned 7, 3 and 1 days before losing {shop}, and kept it by a visit",
        "{one} 在失去 {shop} 之前 7、3、1 天得到提醒，以一次拜访保住",
    ),
    "scene_reclaimed": (
        "{one}, offline, lost {shop} a day after the warning had arrived; {other} claimed it",
        "{one} 离线：提醒送达满一天后才失去 {shop}；{other} 认领",
    ),
    "scene_contested": (
        "{one}'s earlier visit arrived late: {manager} gave {shop} back",
        "{one} 更早的拜访迟到：{manager} 归还 {shop}",
    ),
    "sums": (
        "{mutations} entries answered, {duplicates} repeated; {up} KB up, {down} KB down; {pushed} pushes: {lost} lost, {vain} in vain",
        "{mutations} 条录入得到应答，{duplicates} 条应答为重复；上行 {up} KB，下行 {down} KB；推送 {pushed} 条，丢失 {lost}，多余 {vain}",
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
    "apps": (
        "In a browser, the rep's app and the manager's desk (off this machine they need HTTPS):",
        "浏览器应用与经理工作台（从其他机器访问需要 HTTPS）：",
    ),
    "apps_once": (
        "In a browser: the rep's app and the manager's desk. Each link signs in once, within ten minutes:",
        "浏览器应用与经理工作台；每个链接一键登录，只能用一次，十分钟内有效：",
    ),
    "ended": (
        "This was ONCE: the server has ended. Next: make run, and the commands and addresses work.",
        "本次为 ONCE：服务已结束。下一步：make run，上面的命令和网址即可使用。",
    ),
    "stays": ("The server stays up until Ctrl-C.", "服务保持运行，按 Ctrl-C 结束。"),
    "server_gone": (
        "The server ended by itself; its last words are in {log}. Next: make run",
        "服务自行结束；最后的日志在 {log}。下一步：make run",
    ),
    "port": ("Port {wanted} is busy; using {port}.", "端口 {wanted} 被占用，改用 {port}。"),
    "lan_first": (
        "On the phone, in the same network: 1. open {url} and install the certificate (once per machine).",
        "在同一网络的手机上：1. 打开 {url} 并安装证书（每台电脑只需一次）。",
    ),
    "lan_android": (
        "   Android: Settings → search “CA certificate” → install the file from Downloads.",
        "   Android：设置 → 搜索“CA 证书” → 从“下载”中选择该文件安装。",
    ),
    "lan_ios": (
        "   iPhone: Settings → Profile downloaded → Install; then General → About → Certificate Trust Settings → switch it on.",
        "   iPhone：设置 → 已下载描述文件 → 安装；再到 通用 → 关于本机 → 证书信任设置 → 打开开关。",
    ),
    "lan_second": (
        "2. open {url} , sign in (organisation {organisation}, account {account}, the password above), and add it to the home screen.",
        "2. 打开 {url} ，登录（组织 {organisation}，账号 {account}，密码见上），并添加到主屏幕。",
    ),
    "lan_manager": (
        "The manager's desk: {url} (account {account}, password in the file above)",
        "经理工作台：{url} （账号 {account}，密码在上面的文件里）",
    ),
    "lan_after": (
        "Remove the certificate from the phone after the demo. It speaks for private addresses alone.",
        "演示结束后请从手机上删除该证书；它只对内网地址有效。",
    ),
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
