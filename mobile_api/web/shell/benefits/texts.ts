/** What a benefit sheet says: words that a customer may read. */

import { speaker } from "../language.ts";

const zh = {
  benefits: "客户权益",
  tier: "{tier} 级",
  now: "现在",
  contact_by: "最晚 {day} 联系",
  discount: "折扣",
  up_to: "最高 {n}",
  payment: "账期",
  days: "{n} 天",
  at_once: "款到发货",
  credit: "信用额度",
  delivery: "交货",
  call: "来电",
  rank: "第 {n} 优先",
  contact: "联系",
  every: "每 {n} 天",
  ticket: "售后",
  within: "{n} 小时内",
  highest: "这是最高等级。",
} as const;

const en: Record<keyof typeof zh, string> = {
  benefits: "Benefits",
  tier: "Tier {tier}",
  now: "Now",
  contact_by: "contact by {day}",
  discount: "Discount",
  up_to: "up to {n}",
  payment: "Payment",
  days: "within {n} {n:day|days}",
  at_once: "in advance",
  credit: "Credit limit",
  delivery: "Delivery",
  call: "Your calls",
  rank: "priority {n}",
  contact: "We are in touch",
  every: "every {n} {n:day|days}",
  ticket: "Service",
  within: "within {n} {n:hour|hours}",
  highest: "This is the highest tier.",
};

export const say = speaker({ zh, en });
