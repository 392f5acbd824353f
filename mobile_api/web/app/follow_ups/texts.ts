/** What the rep's app says about planned contacts. */

import { speaker, type Speaker } from "../../shell/language.ts";

const zh = {
  next_steps: "下一步",
  plan: "安排下次跟进",
  plan_short: "安排",
  when: "下次跟进",
  none: "不安排",
  tomorrow: "明天",
  week: "一周后",
  month: "一个月后",
  other: "选日期",
  day: "日期",
  purpose: "要做什么",
  nothing: "还没有安排下一步。",
  overdue: "已过期",
  done: "完成：{what}",
  change: "改期：{what}",
  moving: "改期",
  contact: "联系客户",
  completes: "保存后自动完成：{what}",
  planned: "已安排：{when}",
  is_done: "已完成",
  is_moved: "已改到{when}",
  is_gone: "已删除这项安排",
  open_again: "撤销",
  remove: "删除",
  no_day: "还没有选日期。",
  no_day_means: "没有日期就无法提醒你。",
  no_day_next: "请选择一个日期。",
} as const;

type PlanText = keyof typeof zh;

const en: Record<PlanText, string> = {
  next_steps: "Next steps",
  plan: "Plan the next contact",
  plan_short: "Plan",
  when: "Next contact",
  none: "None",
  tomorrow: "Tomorrow",
  week: "In a week",
  month: "In a month",
  other: "On a day",
  day: "Day",
  purpose: "To do what",
  nothing: "No next step is planned.",
  overdue: "overdue",
  done: "Done: {what}",
  change: "Move: {what}",
  moving: "Move the next contact",
  contact: "Contact the customer",
  completes: "Completed by this: {what}",
  planned: "Planned: {when}",
  is_done: "Done",
  is_moved: "Moved: {when}",
  is_gone: "The plan is deleted",
  open_again: "Undo",
  remove: "Delete",
  no_day: "No day is chosen.",
  no_day_means: "Without a day nobody can remind you.",
  no_day_next: "Choose a day.",
};

export const say: Speaker<PlanText> = speaker({ zh, en });
