/** What the rep's app says about the position of visits. */

import { speaker } from "../../shell/language.ts";

const zh = {
  title: "拜访定位",
  question: "拜访时可以记录你的位置吗？",
  purpose: "位置用来证明你到过客户处。只在签到和签退时获取，其余时间绝不获取。",
  readers: "你的上级和跟进该客户的同事可以看到。",
  rounded: "你的组织只要大致位置：发送前先取整到约 200 米。",
  kept: "服务器在 {days} 天后删除你到过哪里；拜访本身和核实结论保留。",
  kept_at_most: "服务器会在组织设定的天数（最多 {days} 天）后删除你到过哪里；拜访本身和核实结论保留。",
  free: "不同意也可以照常签到：拜访记为“未核实”，不会对你不利。可随时在“我的”里更改。",
  yes: "同意",
  no: "不同意",
  saved: "已记录你的答复",
  unknown_now: "你还没有答复。",
  yes_now: "你已同意：拜访会记录你的位置。",
  no_now: "你没有同意：拜访不记录位置。",
  since: "记录于 {when}",
  waits: "尚未发送",
  others: "“附近”和地图上的位置只用来查找，不会记录下来。",
  declined: "不记录位置：你没有同意",
  declined_lead: "照样可以保存，拜访会记为“未核实”。可在“我的”里更改。",
} as const;

type WhereaboutsText = keyof typeof zh;

const en: Record<WhereaboutsText, string> = {
  title: "Position at visits",
  question: "May your visits bear your position?",
  purpose: "It shows that you were at the customer's. It is taken at check-in and check-out alone, never between them.",
  readers: "Your managers and those who follow up the customer see it.",
  rounded: "Your organisation wants no more than a rough place: it is rounded to about 200 m before it is sent.",
  kept: "After {days} days the server deletes where you were; the visit and its verdict stay.",
  kept_at_most:
    "After the days that your organisation sets, {days} at most, the server deletes where you were; the visit and its verdict stay.",
  free: "You can check in without it: the visit is unverified, which counts against nobody. Change your answer under “Me”.",
  yes: "I agree",
  no: "I do not agree",
  saved: "Your answer is saved",
  unknown_now: "You have not answered yet.",
  yes_now: "You agreed: your visits bear your position.",
  no_now: "You did not agree: your visits bear no position.",
  since: "Recorded {when}",
  waits: "Not sent yet",
  others: "Where you are on the map and under “nearby” serves the search alone, and is not recorded.",
  declined: "No position: you did not agree",
  declined_lead: "Save all the same: the visit counts as unverified. You can change this under “Me”.",
};

export const say = speaker<WhereaboutsText>({ zh, en });
