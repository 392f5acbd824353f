/** What the map says. */

import { speaker, type Speaker } from "../../shell/language.ts";

const zh = {
  map: "地图",
  picture: "客户地图。方向键移动，加号和减号缩放。",
  nearer: "放大",
  farther: "缩小",
  me: "回到我的位置",
  route: "今日路线",
  around: "我的周围",
  you: "你在这里",
  together: "{n} 位客户在一起，点按放大",
  customer: "{name}，客户",
  pooled: "{name}，公海",
  seen: "显示 {n} 位客户",
  seen_pool: "显示 {n} 位客户，{pooled} 位公海客户",
  nobody: "还没有带位置的客户。签到或修改客户时可以保存位置。",
  no_fix: "正在查找你的位置…",
  refused: "没有允许使用位置。可在浏览器设置中允许；地图仍可使用。",
  own: "我的客户",
  pool: "公海",
  open: "打开",
  close: "关闭",
  more: "还有 {n} 位",
} as const;

export type MapText = keyof typeof zh;

const en: Record<MapText, string> = {
  map: "Map",
  picture: "Map of customers. Arrow keys move it, plus and minus zoom.",
  nearer: "Nearer",
  farther: "Farther",
  me: "To where I am",
  route: "Today's route",
  around: "Around me",
  you: "You are here",
  together: "{n} {n:customer|customers} together, tap to zoom in",
  customer: "{name}, customer",
  pooled: "{name}, pooled",
  seen: "In sight: {n} {n:customer|customers}",
  seen_pool: "In sight: {n} {n:customer|customers}, {pooled} in the pool",
  nobody: "No customer has a position yet. A check-in or an edit of the customer can give it one.",
  no_fix: "Looking for your position…",
  refused: "The position is not allowed. The browser's settings can allow it; the map works without.",
  own: "my customers",
  pool: "pool",
  open: "Open",
  close: "Close",
  more: "{n} more",
};

export const say: Speaker<MapText> = speaker({ zh, en });
