"""The help of the phone's terminal in Chinese, by the English sentence that stands at each command and option."""

from collections.abc import Mapping
from typing import Final

HELP: Final[Mapping[str, str]] = {
    "Be a phone: sign in, visit, quote, edit, go offline, sync, decide. Customers go by part of their name, or by #id.": (
        "扮演一部手机：登录、拜访、报价、修改、离线、同步、决定。客户可用名称的一部分或 #编号 指定。"
    ),
    "The phone's memory.": "手机的数据文件。",
    "Show this message and exit.": "显示本帮助并退出。",
    # session and sync
    "Sign in. The entries on this phone go on waiting.": "登录。本机待发送的内容继续等待。",
    "The server; the last one, or http://127.0.0.1:8080.": "服务器；默认为上一次的，或 http://127.0.0.1:8080。",
    "Your account; not needed with --code.": "你的账号；使用 --code 时不需要。",
    "Read the password from a file, or from - (stdin), instead of asking.": "从文件或 -（标准输入）读取密码，而不询问。",
    "A one-time code from your admin instead of a password.": "用管理员给的一次性代码代替密码。",
    "The name of this device for the admin.": "管理员看到的设备名称。",
    "Sign out. Data and waiting entries stay.": "退出登录。数据和待发送内容均保留。",
    "Switch the network off.": "关闭网络。",
    "Switch the network on.": "打开网络。",
    "Send the waiting entries, receive the new records.": "发送待发内容，接收新内容。",
    "Show the user of this phone, the waiting entries, and how far the sync came.": "显示本机身份、待发送内容和同步进度。",
    "Stay, and sync whenever something is new, until Ctrl-C.": "保持运行，有新内容即同步，直到 Ctrl-C。",
    # looking
    "List customers whose name, city, address or phone contains TEXT.": "列出名称、城市、地址或电话含 TEXT 的客户。",
    "Every customer, however many.": "全部客户，无论多少。",
    "Show one CUSTOMER and what is known about it.": "显示一位客户（CUSTOMER）及其全部信息。",
    "List products whose code or name contains TEXT, with today's list price.": "列出编码或名称含 TEXT 的产品和今日目录价。",
    # entering
    "Enter a new customer called NAME.": "录入名为 NAME 的新客户。",
    "Decides how near a visit must be.": "决定拜访须有多近。",
    "Where the shop is, in degrees (WGS-84).": "店铺位置，单位为度（WGS-84）。",
    "Check in at a CUSTOMER.": "在客户（CUSTOMER）处签到。",
    "Check out of your newest visit to a CUSTOMER.": "结束你对客户（CUSTOMER）最近的拜访（签退）。",
    "The result of the visit.": "拜访结果。",
    "Your own position, in degrees.": "你的位置，单位为度。",
    "The coordinate system of your map.": "你的地图所用坐标系。",
    "The accuracy of the position.": "位置的精度。",
    "A custom field of visits.": "拜访的自定义字段。",
    "Note a contact with a CUSTOMER by phone, mail or message.": "记录与客户的电话、邮件或消息联系。",
    "Plan the next contact with a CUSTOMER.": "计划与客户的下一次联系。",
    "2026-01-31, today, tomorrow or +7.": "2026-01-31、today、tomorrow 或 +7。",
    "Mark the earliest planned contact with a CUSTOMER as done.": "将客户最早的计划联系标为完成。",
    "Change fields of a CUSTOMER.": "修改客户的字段。",
    "A field, position=LAT,LON, or extra.KEY.": "字段、position=LAT,LON 或 extra.KEY。",
    "Add and remove tags of a CUSTOMER; tags that others add meanwhile stay.": "增减客户标签；他人同时添加的标签会保留。",
    "A tag to add.": "要添加的标签。",
    "A tag to take away.": "要去掉的标签。",
    "Correct your newest visit or contact with a CUSTOMER; the first entry stays readable.": (
        "更正你对客户最近的拜访或联系；原记录仍可查看。"
    ),
    "The right text.": "正确的内容。",
    "It did not happen: take it back.": "并未发生：撤回。",
    "Leave QUANTITY samples of a PRODUCT with a CUSTOMER; a negative one is taken back.": "给客户留下产品样品；数量为负表示收回。",
    "List your own recent changes on a CUSTOMER, or take back the one at PLACE. Needs the network.": (
        "列出你对客户的近期修改，或撤销第 PLACE 项。需要网络。"
    ),
    "Take back your newest entry, as long as it was never sent; again takes back the one before.": (
        "撤回你最近的录入（须从未发送）；再次执行则撤回其前一条。"
    ),
    # quotes
    "Draft a quote for a CUSTOMER; it is taken with all its lines or not at all.": "为客户起草报价；服务器将报价与明细一并接受或一并拒绝。",
    "Without a price: the list price.": "不写价格则用目录价。",
    "Submit a draft or returned QUOTE, as it stands on this screen.": "按屏幕所示提交草稿或退回的报价（QUOTE）。",
    "Make a new draft of an approved QUOTE; it comes with the next sync.": "为已批准的报价建立新草稿；下次同步时到达。",
    # inbox
    "Show the items that wait for your decision; keep, dismiss or send one, or all at once.": "显示待你决定的事项；可逐项或一次全部处理。",
    "Keep the server's value of inbox ITEM, or of all conflicts and entries that wait.": "保留事项（ITEM）或全部冲突中的现有值。",
    "Put away inbox ITEM, or all refusals.": "收起事项（ITEM）或全部拒绝通知。",
    "Let your manager decide inbox ITEM, or all that wait.": "将事项（ITEM）或全部待决事项交给经理决定。",
    "Put your own value of inbox ITEM in place after all.": "仍以你的值处理事项（ITEM）。",
    "Keep the server's value of inbox ITEM.": "保留事项（ITEM）中的现有值。",
    "Put away inbox ITEM, a refusal that you have read.": "收起已读的拒绝通知（ITEM）。",
}
