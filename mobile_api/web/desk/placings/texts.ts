/** What the desk says about places that visits propose. */

import { speaker } from "../../shell/language.ts";

const zh = {
  placings: "位置待确认",
  title: "位置待确认",
  lead: "多次可信的拜访表明客户所在的位置。请确认，或保持不变。",
  none: "没有待确认的位置。",
  learned: "客户还没有位置",
  other_datum: "客户位置的坐标系可能有误",
  now: "现在的位置",
  by_visits: "拜访所在处",
  evidence: "依据",
  evidence_words: "{days} 天内 {visits} 次拜访，相距不超过 {spread}",
  apart: "相距",
  reading: "建议",
  reading_words: "坐标不变，按 {datum} 读取",
  place_words: "把拜访所在处作为客户位置",
  picture: "“{customer}”的位置",
  confirm: "确认",
  decline: "保持不变",
  confirmed: "“{customer}”的位置已更新",
  declined: "“{customer}”的位置保持不变",
  conflict: "其间有人更改了这个位置。",
  conflict_next: "页面已更新，请重新判断。",
  more: "另有 {n} 条，处理后显示。",
} as const;

const en: Record<keyof typeof zh, string> = {
  placings: "Positions to confirm",
  title: "Positions to confirm",
  lead: "Good visits of several days tell where a customer is. Confirm the position, or leave it as it is.",
  none: "No position waits for you.",
  learned: "This customer has no position yet",
  other_datum: "The position may have been read in the wrong datum",
  now: "Position now",
  by_visits: "Where the visits were",
  evidence: "Evidence",
  evidence_words: "{visits} {visits:visit|visits} on {days} {days:day|days}, within {spread}",
  apart: "Apart",
  reading: "Proposal",
  reading_words: "the same numbers, read as {datum}",
  place_words: "the place of the visits becomes the customer's",
  picture: "Where {customer} is",
  confirm: "Confirm",
  decline: "Leave it",
  confirmed: "{customer} has its new position",
  declined: "The position of {customer} stays",
  conflict: "Somebody changed this position meanwhile.",
  conflict_next: "The page shows it now. Please decide again.",
  more: "{n} more wait, and show once these are decided.",
};

export const say = speaker({ zh, en });
