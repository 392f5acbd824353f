/** What the rep's app says about customers that may fall into a pool. */

import { speaker } from "../../shell/language.ts";

const zh = {
  falling: "即将退回公海",
  all_falling: "查看全部 {n} 位",
  days_left: "还剩 {n} 天",
  falls_on: "{day}退回公海",
  any_hour: "随时可能退回公海",
  short: "剩 {n} 天",
  short_now: "将退回",
  by_contact: "联系或拜访一次，可保留到{day}。",
  by_visit: "经核实的拜访可保留到{day}。",
  by_nothing: "联系和拜访不会推迟这一天。",
  judged_later: "你的拜访由服务器核实后生效。",
  locked: "已锁定，至 {when}。",
  extended: "已延期，至 {when}。",
  quote: "报价等待审批期间不会退回。",
} as const;

const en: Record<keyof typeof zh, string> = {
  falling: "About to fall into the pool",
  all_falling: "Show all {n}",
  days_left: "{n} {n:day|days} left",
  falls_on: "into the pool on {day}",
  any_hour: "May fall into the pool at any hour",
  short: "{n} d left",
  short_now: "may fall",
  by_contact: "A contact or a visit keeps it until {day}.",
  by_visit: "A visit that the server finds at the customer keeps it until {day}.",
  by_nothing: "No contact and no visit moves this day.",
  judged_later: "Your visit counts after the server has judged it.",
  locked: "Locked until {when}.",
  extended: "Extended until {when}.",
  quote: "It stays while a quote awaits its decision.",
};

export const say = speaker({ zh, en });
