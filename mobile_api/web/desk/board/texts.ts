/** What the board says. */

import { speaker, type Speaker } from "../../shell/language.ts";

const zh = {
  board: "概览",
  visits_today: "今日拜访",
  verified: "{n} 次已核实",
  quotes: "待批报价",
  cards: "待你决定",
  overdue: "逾期跟进",
  customers: "客户",
  team: "团队",
  rep: "业务员",
  visits: "今日",
  week: "近 7 天",
  late: "逾期",
  open_cards: "待决定",
  heard: "最近在线",
  never: "从未",
  places: "今日拜访位置",
  no_places: "今天还没有带定位的拜访。",
  happens: "动态",
  live: "实时",
  nothing: "近两天没有动态。",
  no_team: "你的部门下还没有业务员。管理员在“用户”中把业务员加入部门后会出现在这里。",
  week_label: "{name}：近 7 天拜访 {list}",
  day_label: "{day} {n} 次",
  spot: "{rep} · {customer} · {when} · {verdict}",
  hollow: "空心：未核实",
} as const;

export type BoardText = keyof typeof zh;

const en: Record<BoardText, string> = {
  board: "Board",
  visits_today: "Visits today",
  verified: "{n} verified",
  quotes: "Quotes to decide",
  cards: "Yours to decide",
  overdue: "Follow-ups overdue",
  customers: "Customers",
  team: "Team",
  rep: "Rep",
  visits: "Today",
  week: "Last 7 days",
  late: "Overdue",
  open_cards: "To decide",
  heard: "Last heard",
  never: "never",
  places: "Where today's visits were",
  no_places: "No visit with a position yet today.",
  happens: "What happens",
  live: "live",
  nothing: "Nothing in the last two days.",
  no_team: "Nobody works in your department yet. Reps whom an admin puts into it appear here.",
  week_label: "{name}, visits of the last 7 days: {list}",
  day_label: "{day} {n}",
  spot: "{rep} · {customer} · {when} · {verdict}",
  hollow: "hollow: not verified",
};

export const say: Speaker<BoardText> = speaker({ zh, en });
