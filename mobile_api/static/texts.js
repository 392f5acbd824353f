// Every word of the page, English and Chinese.
import { ENUMS, TITLES, WORDS } from "/static/words.js";

export const TEXTS = {
  sign_in: ["Sign in", "登录"], sign_out: ["Sign out", "退出"], organisation: ["Organisation", "组织"], account: ["Account", "账号"], password: ["Password", "密码"],
  inbox: ["Inbox", "收件箱"],
  inbox_lead: ["An entry that met a newer change waits here until its author decides. Nothing is dropped.", "与较新修改冲突的录入在此等候录入者决定，绝不丢弃。"],
  inbox_empty: ["Nothing waits.", "没有待处理的内容。"], earlier: ["Decided earlier ({count})", "先前已处理（{count}）"],
  timeline: ["The last day", "最近一天"],
  timeline_lead: ["Everything that phones and desks did on your customers, newest first.", "手机与后台对您的客户所做的一切，最新在前。"],
  timeline_none: ["Only managers and reps see customers' days here.", "此处仅经理和业务员可见客户动态。"],
  history: ["One customer, field by field", "单个客户，逐字段"],
  history_lead: ["Every accepted change of a field group: the value before, the value after, and the user.", "每组字段的每次修改：原值、新值、修改人。"],
  history_none: ["Choose a customer.", "请选择客户。"], history_empty: ["No change yet.", "尚无修改。"],
  customer: ["Customer", "客户"], field: ["Field", "字段"], before: ["You saw", "您当时看到"], mine: ["Yours", "您的"], mine_of: ["{who}'s", "{who} 的"], theirs: ["Stands now", "现为"],
  stood: ["Stood then", "当时为"], stood_of: ["Stood then, by {who}", "当时为（{who}）"],
  theirs_of: ["Stands, by {who}", "现为（{who}）"], use_mine: ["Use mine", "用我的"], keep_theirs: ["Keep theirs", "保留对方"], dismiss: ["I have read it", "我已知悉"], send_to_manager: ["Let my manager decide", "交由经理决定"],
  undo: ["Undo", "撤销"], undo_decision: ["Undo: back to theirs", "撤销：恢复对方的值"], after_all: ["Use mine after all", "还是用我的"],
  not_yours: ["Only {who} can decide this.", "只有 {who} 能决定。"], on_phone: ["Decide this one on the phone.", "请在手机上决定此项。"],
  sent: ["Done: {result}.", "完成：{result}。"], failed: ["That did not work: {why}", "未成功：{why}"], empty: ["(empty)", "（空）"], somehow: ["something that this page does not know", "此页面尚不认识的内容"], somebody: ["somebody", "某人"], server: ["the server", "服务器"],
  state_unknown: ["unknown", "未知"], state_open: ["open", "待决定"], state_used_mine: ["used mine", "已用我的"], state_kept_theirs: ["kept theirs", "已保留对方"], state_met: ["met by itself", "已自行一致"], state_dismissed: ["read", "已阅"], state_sent: ["with the manager", "已交由经理"], state_judged_anew: ["carried out later by itself", "随后已自动处理"],
  state_taken_back: ["decided, then taken back", "已决定，后撤销"],
  why_conflict: ["Somebody changed the same field after its author last saw it.", "在录入者上次看到之后，别人改了同一字段。"],
  why_own: ["The same field had been changed by its author on another device.", "录入者本人已在另一台设备上改过同一字段。"], rest_taken: ["Everything else that was entered with it was taken.", "同一录入的其余内容已生效。"], own_elsewhere: ["you, on another device", "您（另一台设备）"],
  why_moved: ["The customer had moved to somebody else; the edit is kept here.", "客户已转给他人；该修改保存在此。"],
  why_server_owned: ["Only the server writes this field.", "该字段只能由服务器写入。"],
  why_field_wrong: ["Refused: a value does not fit its field.", "被拒绝：字段的值不合要求。"],
  why_text_unclean: ["Refused: the text holds control characters.", "被拒绝：文本含有控制字符。"],
  why_forbidden: ["Refused: not allowed.", "被拒绝：没有权限。"],
  why_gone: ["The record had been deleted; the entry is kept here.", "记录已被删除；录入保存在此。"],
  why_state_wrong: ["The record no longer allows this; the entry is kept here.", "记录的状态已不允许此操作；录入保存在此。"],
  why_content_changed: ["The quote had changed since it was read; decide again.", "报价在阅读后已被修改；请重新决定。"],
  why_rule_broken: ["A rule stands against it; the entry is kept here.", "不符合规则；录入保存在此。"],
  why_other: ["Not taken: {why}.", "未被接受：{why}。"], unreachable: ["No answer from the server. Whether it was done shows once it answers again.", "服务器没有应答。是否完成，恢复后即可看到。"], yes: ["yes", "是"], no: ["no", "否"],
  result_unknown: ["unknown", "未知"], result_applied: ["applied", "已生效"], result_merged: ["merged", "已合并"], result_parked: ["met a newer change; it waits in the inbox", "与较新修改冲突，已放入收件箱"],
  result_rejected: ["refused", "被拒绝"], result_duplicate: ["known already", "已存在"], result_forked: ["sign in again", "请重新登录"],
  did_visit: ["{who} visited {shop}", "{who} 拜访了 {shop}"], did_contact_log: ["{who} called {shop}", "{who} 联系了 {shop}"],
  did_created: ["{who} entered a {entity} for {shop}", "{who} 为 {shop} 新建{entity}"], did_applied: ["{who} changed {field} of {shop}", "{who} 修改了 {shop} 的{field}"],
  did_merged: ["{who} changed {field} of {shop} (merged)", "{who} 修改了 {shop} 的{field}（合并）"], did_undone: ["{who} took back {field} of {shop}", "{who} 撤销了 {shop} 的{field}"],
  did_deleted: ["{who} deleted a {entity} of {shop}", "{who} 删除了 {shop} 的{entity}"], did_submit: ["{who} submitted a quote for {shop}", "{who} 提交了 {shop} 的报价"],
  did_transferred: ["{who} gave {shop} to {owner}", "{who} 把 {shop} 转给 {owner}"], did_collaborator: ["{who} let {owner} follow up {shop} too", "{who} 让 {owner} 共同跟进 {shop}"],
  did_collaborator_ended: ["{who} ended {owner}'s part in {shop}", "{who} 结束了 {owner} 对 {shop} 的协作"], did_other: ["{who} did something at {shop}", "{who} 处理了 {shop}"],
  did_claimed: ["{who} claimed {shop} from a pool", "{who} 从公海领取了 {shop}"], did_released: ["{who} released {shop} into a pool", "{who} 将 {shop} 释放到公海"],
  did_imported: ["{who} changed {field} of {shop} by an import", "{who} 通过导入修改了 {shop} 的{field}"],
  did_restored: ["{who} brought back a {entity} of {shop}", "{who} 恢复了 {shop} 的{entity}"], did_sample_entry: ["{who} left samples at {shop}, or took some back", "{who} 登记了 {shop} 的样品"],
  did_approve: ["{who} approved a quote for {shop}", "{who} 批准了 {shop} 的报价"], did_reject: ["{who} rejected a quote for {shop}", "{who} 拒绝了 {shop} 的报价"],
  did_return_quote: ["{who} gave back a quote for {shop}", "{who} 退回了 {shop} 的报价"], did_revise: ["{who} revised a quote for {shop}", "{who} 修订了 {shop} 的报价"],
  did_superseded: ["A quote for {shop} was superseded", "{shop} 的一份报价已被取代"], did_settle: ["{who} decided about a late entry on {shop}", "{who} 处理了 {shop} 的迟到录入"],
  late: ["late", "迟到"], away: ["{metres} m from the door", "距门口 {metres} 米"],
  decision_created: ["entered", "新建"], decision_applied: ["changed", "修改"], decision_merged: ["merged", "合并"], decision_undone: ["taken back", "撤销"], decision_deleted: ["deleted", "删除"], decision_restored: ["brought back", "恢复"], decision_imported: ["changed by an import", "导入修改"],
};

const NAMES = {
  name: ["name", "名称"], address: ["address", "地址"], city: ["city", "城市"], position: ["position", "位置"], latitude_e6: ["latitude", "纬度"], longitude_e6: ["longitude", "经度"],
  datum: ["datum", "坐标系"], kind: ["kind", "类型"], industry: ["industry", "行业"], phone: ["phone", "电话"], registration: ["registration", "注册号"], note: ["note", "备注"], title: ["title", "标题"],
  person: ["person", "联系人"], email: ["e-mail", "邮箱"], plan: ["plan", "计划"], due_day: ["next contact", "下次联系"], purpose: ["purpose", "目的"], state: ["state", "状态"], line: ["line", "明细"],
  validity: ["validity", "有效期"], tier: ["tier", "等级"], customer: ["customer", "客户"], contact: ["contact", "联系人"], quote: ["quote", "报价"], quote_line: ["quote line", "报价明细"],
  registration_number: ["registration", "注册号"], quantity_thousandths: ["quantity", "数量"], price_minor: ["price", "单价"], list_price_minor: ["list price", "标价"],
  discount_bps: ["discount", "折扣"], tax_bps: ["tax", "税率"], unit: ["unit", "单位"], product_id: ["product", "产品"], valid_until_day: ["valid until", "有效期至"], channel: ["channel", "方式"],
  record: ["record", "记录"], follow_up: ["next date", "回访计划"], visit: ["visit", "拜访"], contact_log: ["contact", "联系记录"], team_note: ["note", "团队通知"], receipt: ["receipt", "回执"], preference: ["preference", "偏好"],
};

export function words(language) {
  const column = language === "zh" ? 1 : 0;
  const fill = (text, facts) => text.replace(/\{(\w+)\}/g, (_, name) => facts[name] ?? "");
  const say = (name, facts = {}) => fill((TEXTS[name] || [name, name])[column], facts);
  say.has = (name) => name in TEXTS;
  say.value = (slot, value) => ENUMS[slot]?.[value]?.[column];
  say.title = (code) => TITLES[code]?.[column] ?? say("somehow");
  say.wanted = (command) => WORDS[`do_${command}`]?.[column] ?? say("somehow");
  // The name of an amount's slot ends with its unit; the currency knows its own decimals.
  say.amount = (slot, value, currency) => {
    const [locale, unit] = [column ? "zh-CN" : "en-GB", slot.split("_").pop()];
    if (unit === "thousandths") return (value / 1000).toLocaleString(locale);
    if (unit === "bps") return `${(value / 100).toLocaleString(locale)}%`;
    if (unit === "day") return new Date(value * 24 * 3600 * 1000).toISOString().slice(0, 10);
    if (unit === "e6") return (value / 1e6).toFixed(6);
    if (unit !== "minor" || !currency) return undefined;
    const format = new Intl.NumberFormat(locale, { style: "currency", currency, currencyDisplay: "code" });
    return format.format(value / 10 ** format.resolvedOptions().maximumFractionDigits);
  };
  say.named = (name) => (NAMES[name] ?? WORDS[name] ?? WORDS[name.replace(/_id$/, "")] ?? [name, name])[column];
  return say;
}
