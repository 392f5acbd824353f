/** What the rep's app says about team notes. */

import { speaker, type Speaker } from "../../shell/language.ts";

const zh = {
  notes: "团队通知",
  empty: "还没有团队通知。",
  write: "写通知",
  to: "发给",
  text: "内容",
  send: "发出",
  sent: "通知已保存",
  unread: "新",
  acknowledge: "确认收到",
  finish: "已完成",
  acknowledged: "已确认",
  done: "已完成",
  amends: "更正了较早的通知",
  corrected: "已被更正",
  correct: "更正",
  who: "{n} 人的回执",
  waits: "待发送",
  said: "已记录",
} as const;

export type NoteText = keyof typeof zh;

const en: Record<NoteText, string> = {
  notes: "Team notes",
  empty: "There are no team notes yet.",
  write: "Write a note",
  to: "To",
  text: "Text",
  send: "Send",
  sent: "The note is saved",
  unread: "new",
  acknowledge: "Acknowledge",
  finish: "Done",
  acknowledged: "acknowledged",
  done: "done",
  amends: "corrects an earlier note",
  corrected: "was corrected",
  correct: "Correct",
  who: "Receipts: {n}",
  waits: "waiting",
  said: "Noted",
};

export const say: Speaker<NoteText> = speaker({ zh, en });
