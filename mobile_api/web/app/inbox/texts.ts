/** What the inbox says. */

import { speaker, type Speaker } from "../../shell/language.ts";

const zh = {
  inbox: "收件箱",
  lead: "这些需要你决定。没有网络也可以决定，什么都不会丢失。",
  empty: "没有需要你决定的内容。有冲突或未被接受的录入会出现在这里。",
  decided: "已决定",
} as const;

export type InboxText = keyof typeof zh;

const en: Record<InboxText, string> = {
  inbox: "Inbox",
  lead: "These wait for your decision. You can decide without a network; nothing is lost.",
  empty: "Nothing waits for your decision. Conflicts and entries that were not taken appear here.",
  decided: "Decided",
};

export const say: Speaker<InboxText> = speaker({ zh, en });
