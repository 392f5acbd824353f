/** What the rep's app says about visits. */

import { distance } from "../../shell/format.ts";
import { speaker, type Speaker } from "../../shell/language.ts";
import { isAccuracy } from "./guess.ts";

const zh = {
  visit: "拜访",
  check_in: "签到",
  save: "在此签到",
  saved: "已保存拜访",
  saved_planned: "已保存拜访和下次跟进",
  purpose: "目的",
  note: "这次谈了什么？",
  result: "结果",
  searching: "正在定位…",
  searching_lead: "可以边写边等，位置会越来越准。",
  refused: "没有位置：浏览器不允许定位",
  refused_lead: "照样可以保存，拜访会记为“未核实”。可在手机设置里允许此应用使用位置。",
  failed: "没有位置：暂时定不了位",
  failed_lead: "照样可以保存，拜访会记为“未核实”。",
  no_place: "客户还没有位置",
  accuracy: "精度 ± {distance}",
  no_accuracy: "精度未知",
  place_deleted: "位置已在 {days} 天后删除",
  place_erased: "位置已按要求删除",
  away: "距客户 {distance}",
  here: "在客户处",
  guess_verified: "看来就在客户处",
  guess_probable: "很可能在客户处",
  guess_out_of_range: "看来不在客户处",
  guess_unverified: "无法核实",
  fence: "{distance}内有效",
  check_out: "签退",
  is_checked_out: "已签退",
  stay: "停留",
  stayed: "{minutes} 分钟",
  moved: "离开时距签到处 {distance}",
  late: "上报",
  told_late: "{hours} 小时后收到",
  why: "说明",
  place: "位置",
  verdict: "判定",
  judged_later: "发送后由服务器判断",
} as const;

type VisitText = keyof typeof zh;

const en: Record<VisitText, string> = {
  visit: "Visit",
  check_in: "Check in",
  save: "Save the visit",
  saved: "The visit is saved",
  saved_planned: "The visit and the next contact are saved",
  purpose: "Purpose",
  note: "What was it about?",
  result: "Result",
  searching: "Looking for your position…",
  searching_lead: "Write meanwhile: the position gets better by itself.",
  refused: "No position: the browser does not allow it",
  refused_lead: "Save all the same: the visit counts as unverified. The settings of this phone can allow it to this app.",
  failed: "No position for now",
  failed_lead: "Save all the same: the visit counts as unverified.",
  no_place: "The customer has no position yet",
  accuracy: "Accurate to ± {distance}",
  no_accuracy: "Accuracy unknown",
  place_deleted: "position deleted after {days} days",
  place_erased: "position deleted on request",
  away: "{distance} from the customer",
  here: "At the customer's",
  guess_verified: "It seems that you are there",
  guess_probable: "You are probably there",
  guess_out_of_range: "It seems that you are not there",
  guess_unverified: "Nobody can tell",
  fence: "counts within {distance}",
  check_out: "Check out",
  is_checked_out: "You are checked out",
  stay: "Stay",
  stayed: "{minutes} min",
  moved: "left {distance} from the check-in",
  late: "Received",
  told_late: "{hours} h later",
  why: "Remarks",
  place: "Position",
  verdict: "Verdict",
  judged_later: "The server judges it when it is sent",
};

export const say: Speaker<VisitText> = speaker({ zh, en });

export const accuracyWords = (mm: number | null): string =>
  isAccuracy(mm) ? say("accuracy", { distance: distance(mm) }) : say("no_accuracy");
