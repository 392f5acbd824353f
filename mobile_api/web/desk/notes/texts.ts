/** What the desk says about team notes. */

import { speaker } from "../../shell/language.ts";

const zh = {
  notes: "团队通知",
  write: "写通知",
  no_notes: "还没有通知。写一条，部门里的每个人都会在手机上收到。",
  to: "发给部门",
  text: "内容",
  written: "通知已保存；没有网络时，连上后自动发送",
  waits: "待发送",
  corrects: "更正",
  amend: "更正这条通知",
  amend_lead: "原通知会保留；更正作为新通知发给同一部门。",
  of: "{name}，共 {n} 人",
  none_yet: "{n} 人尚未收到",
  level_none: "尚未收到",
  who: "谁看到了",
  no_department: "你不属于任何部门，因此没有可以发通知的对象。请管理员为你设置部门。",
} as const;

const en: Record<keyof typeof zh, string> = {
  notes: "Team notes",
  write: "Write a note",
  no_notes: "There are no notes yet. Write one, and everybody in the department has it on the phone.",
  to: "To department",
  text: "Text",
  written: "The note is saved; without a network it is sent as soon as there is one",
  waits: "waiting",
  corrects: "correction",
  amend: "Correct this note",
  amend_lead: "The note stays as it is; the correction goes to the same department as a further note.",
  of: "{name}, {n} {n:person|people}",
  none_yet: "not received: {n}",
  level_none: "not received",
  who: "Who has seen it",
  no_department: "You belong to no department, so there is nobody to write to. Ask an admin to put you into one.",
};

export const say = speaker({ zh, en });
