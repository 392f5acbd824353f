/** What the list of what is around says. */

import { speaker } from "../../shell/language.ts";

const zh = {
  title: "我的周围",
  week: "一周内待跟进",
  due: "跟进：{day}",
  within: "位置精度 ±{far}",
  offline: "离线：仅显示本机已有的客户",
  nobody: "本机没有周围 50 公里内的此类客户。",
  further: "向服务器查询更多",
  beyond: "不在本机的客户",
  no_further: "服务器上也没有更多此类客户。",
  fetch: "获取",
  fetching: "正在获取该处的公海客户",
  in_miles: "英里",
} as const;

const en: Record<keyof typeof zh, string> = {
  title: "Around me",
  week: "Due in a week",
  due: "Follow-up: {day}",
  within: "position within {far}",
  offline: "offline: only what this phone holds",
  nobody: "No such customer within 50 km is on this phone.",
  further: "Look further: ask the server",
  beyond: "Not on this phone",
  no_further: "The server knows no further such customer.",
  fetch: "Fetch",
  fetching: "Fetching the pooled customers there",
  in_miles: "In miles",
};

export const say = speaker({ zh, en });
