/** What the rep's app says about the fields that the organisation defined itself. */

import { speaker } from "../language.ts";

const zh = {
  fields: "自定义资料",
  edit: "修改{field}",
  not_told: "不填",
  wrong: "{field} 应为数字，最多三位小数。",
  wrong_means: "这一项没有保存。",
  wrong_next: "请改成数字，例如 12.5。",
} as const;

const en: Record<keyof typeof zh, string> = {
  fields: "More details",
  edit: "Edit {field}",
  not_told: "none",
  wrong: "{field} takes a number of at most three decimals.",
  wrong_means: "It is not saved.",
  wrong_next: "Write a number, such as 12.5.",
};

export const say = speaker({ zh, en });
