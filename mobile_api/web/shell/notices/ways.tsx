/** Which groups of notices come by which channel: a box for each pair; a group without any stands in the list alone. */

import type { JSX } from "preact";
import { NOTICE_GROUPS } from "../../client/src/generated/notices.ts";
import type { UserSettings } from "../../client/src/index.ts";
import { groupWord } from "./look.ts";
import { say } from "./texts.ts";

const WAYS = ["webpush", "fcm", "robot"] as const;
const GROUPS: readonly string[] = NOTICE_GROUPS;
const pairs = (group: string): readonly string[] => WAYS.map((way) => `${way}:${group}`);
const KNOWN = GROUPS.flatMap(pairs);

type Unwanted = Pick<UserSettings, "listed" | "muted">;

/** What is not wanted, by the pairs that are ticked; what a newer app chose stays. */
export function unwanted(ticked: readonly string[], known: Unwanted): Unwanted {
  const wanted = new Set(ticked);
  const none = GROUPS.filter((group) => pairs(group).every((pair) => !wanted.has(pair)));
  const muted = GROUPS.filter((group) => !none.includes(group)).flatMap(pairs);
  return {
    listed: [...none, ...known.listed.filter((group) => !GROUPS.includes(group))],
    muted: [...muted.filter((pair) => !wanted.has(pair)), ...known.muted.filter((pair) => !KNOWN.includes(pair))],
  };
}

export function Ways({ known }: { readonly known: Unwanted }): JSX.Element {
  return (
    <fieldset class="field ways">
      <legend>{say("kinds")}</legend>
      <table>
        <thead>
          <tr>
            <td />
            {WAYS.map((way) => (
              <th key={way} scope="col">
                {say(`way_${way}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {GROUPS.map((group) => (
            <tr key={group}>
              <th scope="row">{groupWord(group)}</th>
              {WAYS.map((way) => (
                <td key={way}>
                  <label>
                    <input
                      type="checkbox"
                      name="ways"
                      value={`${way}:${group}`}
                      aria-label={`${groupWord(group)}: ${say(`way_${way}`)}`}
                      defaultChecked={!known.listed.includes(group) && !known.muted.includes(`${way}:${group}`)}
                    />
                  </label>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      <small>{say("kinds_hint")}</small>
    </fieldset>
  );
}
