/** Why a stop belongs to the day, in words. */

import { Priority, ReasonKind, type Reason } from "../../client/src/index.ts";
import { one } from "../../shell/phone.ts";
import { say } from "./texts.ts";

const TEXT_MAX = 60;

const with_ = (word: string, more: string | undefined): string => (more ? say("about", { word, more: more.slice(0, TEXT_MAX) }) : word);

export function reasonWords({ kind, record_id, days }: Reason): string {
  if (kind === ReasonKind.cadence) return say("idle", { n: days });
  if (kind === ReasonKind.fall) return days === 0 ? say("falls_now") : say("falls", { n: days });
  if (kind === ReasonKind.follow_up)
    return with_(days === 0 ? say("due") : say("overdue", { n: days }), one("follow_up", record_id)?.purpose);
  const instruction = one("instruction", record_id);
  return with_(say(instruction?.priority === Priority.urgent ? "urgent" : "instruction"), instruction?.text);
}
