/** What the desk says about consents. */

import { speaker } from "../../shell/language.ts";

const zh = {
  consents: "定位授权",
  lead: "拜访是否记录位置由本人在手机上决定，任何人都不能代答。没有位置的拜访记为“未核实”，不会对业务员不利。",
  user: "用户",
  answer: "答复",
  when: "记录时间",
  unknown: "尚未询问",
  yes: "同意",
  no: "不同意",
  nobody: "还没有用户。",
} as const;

export type ConsentText = keyof typeof zh;

const en: Record<ConsentText, string> = {
  consents: "Consent",
  lead: "Each person decides whether visits bear a position. A visit without one is unverified; that counts against nobody.",
  user: "User",
  answer: "Answer",
  when: "Recorded",
  unknown: "Not asked yet",
  yes: "Agreed",
  no: "Did not agree",
  nobody: "There are no users yet.",
};

export const say = speaker<ConsentText>({ zh, en });
