/** A failure as a person reads it: what happened, what it means, what to do next. */

import { TITLES_EN, TITLES_ZH } from "../client/src/generated/words.ts";
import { Problem, UnreachableError, type Remedy } from "../client/src/index.ts";
import { MisfitError } from "../client/src/sync/entered.ts";
import { clock } from "./format.ts";
import { language, speaker, texts } from "./language.ts";
import { word } from "./words.ts";

const zh = {
  unreachable: "联系不上服务器。",
  unreachable_means: "你录入的内容都在这部设备上，什么都没有丢失。",
  unreachable_next: "继续工作即可，连上网络后会自动发送。",
  unreachable_sign_in: "登录需要一次网络连接。请检查网络后重试。",
  approval_means: "在管理员批准之前，这部设备收不到数据。",
  approval_next: "请联系管理员，在“人员与设备”中批准后再登录。",
  unexpected: "出现了意外错误。",
  unexpected_means: "这一步没有完成；之前保存的内容不受影响。",
  unexpected_next: "请再试一次；如仍失败，请重新加载页面。",
  misfit_means: "还没有保存；你填写的内容仍在表单中。",
  text_control: "“{field}”中有不能保存的字符（{letter}）。",
  text_control_next: "请删除该字符后再保存。",
  text_lines: "“{field}”只能是一行。",
  text_lines_next: "请去掉换行，或写到备注里。",
  text_long: "“{field}”有 {letters} 个字，最多 {limit} 个。",
  text_long_next: "请缩短后再保存。",
  text_short: "“{field}”至少需要 {limit} 个字。",
  text_short_next: "请补充后再保存。",
  text_empty: "“{field}”不能为空。",
  text_empty_next: "请填写后再保存。",
  until: "请在 {when} 之后再试。",
  drop_means: "服务器不接受这一步，重复也没有用。",
  drop_next: "如有疑问，请联系管理员。",
  retry_means: "服务器暂时无法处理，什么都没有丢失。",
  retry_next: "请稍后再试。",
  resync_means: "服务器上的内容已有变化。",
  resync_next: "请同步后再决定。",
  refresh_means: "登录需要更新，数据和待发送的内容都还在。",
  refresh_next: "请重新登录。",
  sign_in_means: "没有登录成功；这部设备上的数据和待发送的内容不受影响。",
  sign_in_next: "请检查后重新登录。",
  upgrade_means: "应用与服务器的版本不匹配。",
  upgrade_next: "请更新应用。",
  fix_means: "服务器没有接受填写的内容，什么都没有改变。",
  fix_next: "请检查填写的内容后再试。",
} as const;

type ProblemText = keyof typeof zh;

const en: Record<ProblemText, string> = {
  unreachable: "The server cannot be reached.",
  unreachable_means: "All that you entered is on this device; nothing is lost.",
  unreachable_next: "Go on working: it is sent as soon as the network is back.",
  unreachable_sign_in: "Signing in needs the network once. Check it and try again.",
  approval_means: "It receives nothing before an admin has approved it.",
  approval_next: "Ask your admin to approve it under “People”, then sign in again.",
  unexpected: "Something unexpected went wrong.",
  unexpected_means: "This step was not done; what was saved before is safe.",
  unexpected_next: "Try again; if it fails again, load the page anew.",
  misfit_means: "It is not saved yet; what you wrote is still in the form.",
  text_control: "“{field}” holds a character that cannot be kept ({letter}).",
  text_control_next: "Remove it and save again.",
  text_lines: "“{field}” is one line.",
  text_lines_next: "Take the line breaks out, or use the note.",
  text_long: "“{field}” has {letters} letters, at most {limit} fit.",
  text_long_next: "Shorten it and save again.",
  text_short: "“{field}” needs at least {limit} letters.",
  text_short_next: "Write more and save again.",
  text_empty: "“{field}” must not be empty.",
  text_empty_next: "Fill it in and save again.",
  until: "Try again after {when}.",
  drop_means: "The server does not accept this, and repeating it will not help.",
  drop_next: "Ask your admin if this is not what you expect.",
  retry_means: "The server cannot do it just now; nothing is lost.",
  retry_next: "Try again in a moment.",
  resync_means: "The data on the server have changed.",
  resync_next: "Sync, then decide again.",
  refresh_means: "The sign-in must be renewed; data and entries that wait are safe.",
  refresh_next: "Sign in again.",
  sign_in_means: "You are not signed in; the data and entries on this device are safe.",
  sign_in_next: "Check what you entered and sign in again.",
  upgrade_means: "The app and the server do not fit together.",
  upgrade_next: "Update the app.",
  fix_means: "The server did not take what was entered; nothing has changed.",
  fix_next: "Check what you entered and try again.",
};

const say = speaker({ zh, en });

export interface Told {
  readonly happened: string;
  readonly means: string;
  readonly next: string;
}

/** Whether what came is the reason why something was not done. */
export const isTold = (one: object): one is Told => "happened" in one && "next" in one;

/** `signingIn`: the person was about to sign in, so that "go on working" would not help. */
export function told(error: unknown, signingIn = false): Told {
  if (error instanceof UnreachableError) {
    const next = say(signingIn ? "unreachable_sign_in" : "unreachable_next");
    return { happened: say("unreachable"), means: signingIn ? "" : say("unreachable_means"), next };
  }
  if (error instanceof MisfitError) return misfit(error);
  if (!(error instanceof Problem)) return { happened: say("unexpected"), means: say("unexpected_means"), next: say("unexpected_next") };
  if (error.code === "device_pending") return { happened: titleOf(error), means: say("approval_means"), next: say("approval_next") };
  const remedy: Remedy = signingIn && error.remedy !== "retry" && error.remedy !== "upgrade" ? "sign_in" : error.remedy;
  const next = error.retryAtMs === null ? say(`${remedy}_next`) : say("until", { when: clock(error.retryAtMs) });
  return { happened: titleOf(error), means: say(`${remedy}_means`), next };
}

/** A text that this app does not enter (P-623). */
function misfit({ name, slot, facts }: MisfitError): Told {
  const sentence = name as "text_control" | "text_lines" | "text_long" | "text_short" | "text_empty";
  return {
    happened: say(sentence, { field: word(slot.replace(/_id$/, "")), ...facts }),
    means: say("misfit_means"),
    next: say(`${sentence}_next`),
  };
}

/** What a code of the protocol means, as a title; undefined for a code that is newer than this app. */
export const title = texts({ zh: TITLES_ZH, en: TITLES_EN });

function titleOf(problem: Problem): string {
  const told = title(problem.code) ?? problem.message;
  return /[.。]$/.test(told) ? told : told + (language.value === "zh" ? "。" : ".");
}
