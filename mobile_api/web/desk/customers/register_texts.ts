/** What the desk says about customers that only the server holds: to admins, assistants and finance. */

import { speaker } from "../../shell/language.ts";

const zh = {
  seek: "按名称、城市、电话或统一社会信用代码查找",
  none: "没有找到客户。",
  more: "显示更多",
  count: "{n} 位客户",
  count_more: "前 {n} 位客户",
  contacts: "联系人",
  no_contacts: "还没有联系人。",
  add_contact: "添加联系人",
  contact_saved: "联系人已保存",
} as const;

const en: Record<keyof typeof zh, string> = {
  seek: "Find by name, city, phone or registration number",
  none: "No customer found.",
  more: "Show more",
  count: "{n} {n:customer|customers}",
  count_more: "The first {n} customers",
  contacts: "Contacts",
  no_contacts: "No contact yet.",
  add_contact: "Add contact",
  contact_saved: "Contact saved",
};

export const say = speaker({ zh, en });
