/** What the rep's app says about contacts by phone, mail and message. */

import { speaker, type Speaker } from "../../shell/language.ts";

const zh = {
  contact: "联系记录",
  log: "记联系",
  log_title: "记一次联系",
  saved: "已保存联系记录",
  saved_planned: "已保存联系记录和下次跟进",
  channel: "方式",
  person: "对方",
  nobody: "未指定",
  note: "说了什么？",
  note_short: "内容",
} as const;

type LogText = keyof typeof zh;

const en: Record<LogText, string> = {
  contact: "Contact",
  log: "Log contact",
  log_title: "Log a contact",
  saved: "The contact is saved",
  saved_planned: "The contact and the next one are saved",
  channel: "How",
  person: "With",
  nobody: "nobody named",
  note: "What was said?",
  note_short: "Note",
};

export const say: Speaker<LogText> = speaker({ zh, en });
