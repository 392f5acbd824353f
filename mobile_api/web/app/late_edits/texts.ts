/** What the rep's app says about late edits. */

import { speaker, type Speaker } from "../../shell/language.ts";

const zh = {
  late: "迟到的修改",
  lead: "同事为你的客户录入的内容：客户转出后才送到的，或领取没有成功时的拜访和联系。采用后成为你的录入。",
  hint: "同事为你的客户录入的内容",
  empty: "没有需要处理的内容。以前的负责人迟到的录入，或没有领取到客户的同事的拜访，会出现在这里。",
  over: "已处理",
  take: "采用",
  decline: "不采用",
  taken: "已采用",
  declined: "未采用",
  returned: "已归还原作者",
  settled: "已记录",
  waits: "待发送",
  now: "现在：{value}",
  deleted: "要求删除",
  nothing: "（空）",
} as const;

export type LateText = keyof typeof zh;

const en: Record<LateText, string> = {
  late: "Late edits",
  lead: "What colleagues entered for your customers, too late or beneath a claim that lost. Taken over, it is your own entry.",
  hint: "What colleagues entered for your customers",
  empty: "Nothing waits for you. What a former holder sent too late appears here, and the visits of a rep whose claim was second.",
  over: "Settled",
  take: "Take over",
  decline: "Decline",
  taken: "taken over",
  declined: "declined",
  returned: "came back to its author",
  settled: "Settled",
  waits: "waiting",
  now: "now: {value}",
  deleted: "wants it deleted",
  nothing: "(empty)",
};

export const say: Speaker<LateText> = speaker({ zh, en });
