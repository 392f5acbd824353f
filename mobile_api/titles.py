"""What each problem code is called, in Chinese and English; shown by phones, pages and terminals."""

from typing import Final

from shared_schema.problem import Code

TITLES: Final[dict[Code, tuple[str, str]]] = {  # English, Chinese
    Code.not_found: ("There is nothing at this address", "此地址没有内容"),
    Code.method_not_allowed: ("This address does not answer that method", "此地址不支持该方法"),
    Code.not_acceptable: ("No answer in an accepted format", "没有可接受的返回格式"),
    Code.request_timeout: ("The request took too long to arrive", "请求传输超时"),
    Code.body_too_large: ("The body is too large", "请求体过大"),
    Code.content_type_unknown: ("The content type is not understood", "不支持的内容类型"),
    Code.content_encoding_unknown: ("The content encoding is not understood", "不支持的内容编码"),
    Code.body_missing: ("The body is missing", "缺少请求体"),
    Code.body_truncated: ("The body is cut short", "请求体不完整"),
    Code.compression_broken: ("The compressed body is damaged", "压缩数据已损坏"),
    Code.compression_ratio: ("The compressed body inflates too far", "压缩比过高"),
    Code.body_malformed: ("The body cannot be read", "请求体无法解析"),
    Code.body_trailing: ("Bytes follow the message", "消息之后有多余字节"),
    Code.body_too_deep: ("The body is nested too deeply", "嵌套层级过深"),
    Code.body_too_many_items: ("The body holds too many values", "数据项过多"),
    Code.extension_type: ("Extension types are not allowed", "不允许扩展类型"),
    Code.duplicate_key: ("A key occurs twice", "键重复"),
    Code.field_wrong: ("A field is wrong", "字段有误"),
    Code.text_unclean: ("A text holds characters that are not allowed", "文本含有不允许的字符"),
    Code.parameter_wrong: ("A parameter is wrong", "参数有误"),
    Code.signed_out: ("Please sign in", "请登录"),
    Code.token_expired: ("The sign-in has expired", "登录已过期"),
    Code.login_wrong: ("Organisation, account or password is wrong", "组织、账号或密码错误"),
    Code.refresh_reused: ("The sign-in was used elsewhere; please sign in again", "登录凭证被重复使用，请重新登录"),
    Code.code_wrong: ("The one-time code is wrong or expired", "一次性验证码错误或已过期"),
    Code.device_pending: ("This device waits for approval", "设备等待批准"),
    Code.device_wipe: ("This device was revoked: its data must be erased", "设备已吊销，请清除数据"),
    Code.device_revoked: ("This device was revoked", "设备已吊销"),
    Code.forbidden: ("Not allowed", "没有权限"),
    Code.too_many_attempts: ("Too many attempts; please wait", "尝试次数过多，请稍候"),
    Code.account_taken: ("This account name is taken", "账号已被占用"),
    Code.cursor_foreign: ("The position belongs to another device or server", "同步位置不属于本设备"),
    Code.protocol_unknown: ("The app is too old or too new for this server", "应用与服务器协议不兼容"),
    Code.schema_unknown: ("The app knows another record schema", "应用与服务器数据结构不兼容"),
    Code.forked: ("This phone was restored; its queue continues on a new line", "手机曾被恢复，队列将以新线路继续"),
    Code.entity_unknown: ("This kind of record is unknown", "未知的记录类型"),
    Code.kind_unknown: ("This kind of entry is unknown", "未知的操作类型"),
    Code.command_unknown: ("This command is unknown", "未知的命令"),
    Code.field_unknown: ("This field is unknown to the server", "服务器不认识此字段"),
    Code.server_owned: ("Only the server writes this field", "该字段只能由服务器写入"),
    Code.fixed_field: ("This field cannot be changed once it is set", "该字段创建后不可修改"),
    Code.immutable: ("This record can no longer be changed", "该记录已不可修改"),
    Code.base_missing: ("The entry does not say what it was based on", "缺少修改所依据的版本"),
    Code.out_of_scope: ("Not yours to change", "不在您的范围内"),
    Code.gone: ("This was deleted", "已被删除"),
    Code.id_taken: ("This id already names something else", "编号已被占用"),
    Code.state_wrong: ("The state has changed meanwhile", "状态已变化"),
    Code.content_changed: ("The content has changed since it was on screen", "内容与屏幕所见不同"),
    Code.group_incomplete: ("The group is incomplete", "操作组不完整"),
    Code.custom_field_unknown: ("This custom field does not exist", "自定义字段不存在"),
    Code.custom_field_type: ("This custom field holds another type", "自定义字段类型不符"),
    Code.rule_broken: ("A rule would be broken", "违反业务规则"),
    Code.undo_expired: ("It is too late to take this back", "已超过可撤销的期限"),
    Code.moved: ("The customer has moved to somebody else", "客户已转给他人"),
    Code.conflict: ("Somebody changed this before you", "他人已先行修改"),
    Code.server_error: ("The server failed; nothing was changed", "服务器出错，未作任何更改"),
    Code.busy: ("The server is busy; please try again", "服务器繁忙，请重试"),
    Code.claimed_by_other: ("Somebody else was first", "已被他人领取"),
    Code.not_in_pool: ("The customer is no longer in this pool", "该客户已不在此公海"),
    Code.stale_epoch: ("The customer has changed hands meanwhile", "客户归属已变化"),
}


def title(code: Code, language: str) -> str:
    """Title of `code`; Chinese for any `zh…` tag, English otherwise."""
    english, chinese = TITLES[code]
    return chinese if language.lower().startswith("zh") else english
