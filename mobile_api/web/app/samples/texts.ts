/** What the rep's app says about samples. */

import { speaker } from "../../shell/language.ts";

const zh = {
  samples: "样品",
  log: "添加样品",
  choose: "选择产品",
  given: "登记{product}",
  quantity: "数量",
  quantity_hint: "收回的样品填负数，例如 -1",
  note: "备注",
  saved: "样品已登记",
  wrong: "数量应为不等于零的整数。",
  wrong_means: "样品没有登记。",
  wrong_next: "请填写整数，例如 2。",
  line: "{quantity} × {product}",
} as const;

const en: Record<keyof typeof zh, string> = {
  samples: "Samples",
  log: "Add a sample",
  choose: "Choose the product",
  given: "Log {product}",
  quantity: "Quantity",
  quantity_hint: "Negative when samples come back, such as -1",
  note: "Note",
  saved: "The sample is logged",
  wrong: "The quantity is a whole number other than zero.",
  wrong_means: "The sample is not logged.",
  wrong_next: "Write a whole number, such as 2.",
  line: "{quantity} × {product}",
};

export const say = speaker({ zh, en });
