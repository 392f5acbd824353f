/** What the desk says about the records that it keeps, whatever their kind. */

import { speaker } from "../../shell/language.ts";

const zh = {
  yes: "是",
  no: "否",
  comma: "、",
  always: "一直有效",
  never_changes: "创建后不可更改",
  active_only: "仅启用",
  all_states: "全部",
  states: "状态",
  saved: "已保存",
  no_number: "“{field}”不是有效的数字。",
  number_next: "请填写数字，例如 1234.50；小数位数不能超过币种或单位允许的位数。",
  nothing_saved: "什么都没有保存。",
  at_field: "{title}（字段：{field}）",
} as const;

const en: Record<keyof typeof zh, string> = {
  yes: "Yes",
  no: "No",
  comma: ", ",
  always: "always",
  never_changes: "never changes",
  active_only: "Active only",
  all_states: "All",
  states: "State",
  saved: "Saved",
  no_number: "“{field}” holds no such number.",
  number_next: "Write a number such as 1234.50, with no more decimals than its currency or unit has.",
  nothing_saved: "Nothing was saved.",
  at_field: "{title} (field: {field})",
};

export const say = speaker({ zh, en });
