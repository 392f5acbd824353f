/** What the desk says about requests for more time. */

import { speaker } from "../../shell/language.ts";

const zh = {
  more_time: "延期申请",
  asked_by: "{name} 申请于 {when}",
  time_until: "申请延期至",
  time_reason: "原因",
  falls_on: "当前回收日",
  falls_never: "不会回收",
  grant: "批准",
  refuse: "拒绝",
  grant_title: "批准延期：{name}",
  refuse_title: "拒绝延期：{name}",
  in_vain: "现行回收规则不考虑延期：批准后客户仍会在原定日期回收。",
  grant_until: "保留至",
  time_granted: "已批准延期：{name}",
  time_refused: "已拒绝延期：{name}",
  word: "给申请人的话",
  needs_word: "请写明原因，申请人会看到。",
  lead: "批准前，回收日期不变。",
  none: "没有等待决定的延期申请。",
  led_by: "由 {name} 决定；管理员也可以决定。",
} as const;

const en: Record<keyof typeof zh, string> = {
  more_time: "Requests for more time",
  asked_by: "asked by {name} {when}",
  time_until: "Until",
  time_reason: "Reason",
  falls_on: "Falls on",
  falls_never: "no rule takes it",
  grant: "Grant",
  refuse: "Refuse",
  grant_title: "More time: {name}",
  refuse_title: "No more time: {name}",
  in_vain: "The reclaim rule in force counts no extension: the customer falls on its day all the same.",
  grant_until: "Until",
  time_granted: "More time granted: {name}",
  time_refused: "More time refused: {name}",
  word: "A word to the rep",
  needs_word: "Write the reason: the rep reads it.",
  lead: "Until a request is decided, the customer still falls on its day.",
  none: "No request for more time waits.",
  led_by: "{name} is to decide; so may an admin.",
};

export const say = speaker({ zh, en });
