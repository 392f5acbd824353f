/** What the rep's app says about facts and their corrections. */

import { speaker, type Speaker } from "../../shell/language.ts";

const zh = {
  correct: "更正",
  withdraw: "撤回",
  withdraw_sure: "撤回这条记录？",
  withdraw_means: "记录不会消失，但会标为已撤回。经理能看到曾经记过什么。",
  withdrawn: "已撤回",
  corrected: "已更正",
  checked_out: "已签退",
  is_corrected: "已保存更正",
  is_withdrawn: "已撤回",
  earlier: "之前的版本",
  as_first: "最初记录",
  waits: "待发送",
  by: "记录人",
  when: "时间",
  customer: "客户",
  gone: "这条记录已不在这部设备上。",
} as const;

type FactText = keyof typeof zh;

const en: Record<FactText, string> = {
  correct: "Correct",
  withdraw: "Withdraw",
  withdraw_sure: "Withdraw this entry?",
  withdraw_means: "The entry does not vanish: it is marked as withdrawn, and your manager sees that it was there.",
  withdrawn: "withdrawn",
  corrected: "corrected",
  checked_out: "checked out",
  is_corrected: "The correction is saved",
  is_withdrawn: "Withdrawn",
  earlier: "Earlier versions",
  as_first: "As first entered",
  waits: "waiting",
  by: "By",
  when: "When",
  customer: "Customer",
  gone: "This entry is no longer on this device.",
};

export const say: Speaker<FactText> = speaker({ zh, en });
