/** What a benefit sheet says: words that a customer may read. */

import { speaker } from "../language.ts";

const zh = {
  benefits: "客户权益",
  tier: "{tier} 级",
  now: "现在",
  contact_by: "最晚 {day} 联系",
  up_to: "最高 {n}",
  days: "{n} 天",
  at_once: "款到发货",
  rank: "第 {n} 优先",
  every: "每 {n} 天",
  within: "{n} 小时内",
} as const;

const en: Record<keyof typeof zh, string> = {
  benefits: "Benefits",
  tier: "Tier {tier}",
  now: "Now",
  contact_by: "contact by {day}",
  up_to: "up to {n}",
  days: "within {n} {n:day|days}",
  at_once: "in advance",
  rank: "priority {n}",
  every: "every {n} {n:day|days}",
  within: "within {n} {n:hour|hours}",
};

export const say = speaker({ zh, en });
