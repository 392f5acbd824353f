/** A one-time code for a user, in letters and as a QR code that opens the app with the code filled in. */

import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import { clock } from "../../shell/format.ts";
import { Sheet } from "../../shell/parts.tsx";
import { qr } from "../../shell/qr.ts";
import { give, useAsked } from "../../shell/rest.ts";
import { SERVER } from "../../shell/router.ts";
import { Heard } from "../heard.tsx";
import { say } from "./texts.ts";
import type { User } from "./users.tsx";

const QUIET_CELLS = 4;

interface Code {
  readonly code: string;
  readonly organisation: string;
  readonly expires_ms: number;
}

/** The code stands behind `#`, which no browser sends to a server. */
function addressOf({ code, organisation }: Code): string {
  return `${SERVER}app/#${new URLSearchParams({ organisation, code }).toString()}`;
}

export function CodeSheet({ user, onClose }: { readonly user: User; readonly onClose: () => void }): JSX.Element {
  const asked = useAsked(() => give<Code>("/v1/desk/codes", { user_id: user.id }));
  return (
    <Sheet title={say("code_title", { name: user.name })} onClose={onClose}>
      <Heard of={asked}>
        {(told) => (
          <>
            <Drawn text={addressOf(told)} />
            <dl class="facts">
              <div>
                <dt>{say("organisation")}</dt>
                <dd>{told.organisation}</dd>
              </div>
              <div>
                <dt>{say("code")}</dt>
                <dd class="code">{told.code}</dd>
              </div>
            </dl>
            <p class="lead">{say("code_lead", { name: user.name, when: clock(told.expires_ms) })}</p>
          </>
        )}
      </Heard>
      <button class="primary wide" onClick={onClose}>
        {say("done")}
      </button>
    </Sheet>
  );
}

function Drawn({ text }: { readonly text: string }): JSX.Element {
  const [size, path] = useMemo(() => {
    const code = qr(text);
    const cells = code.flatMap((row, y) => row.flatMap((dark, x) => (dark ? [`M${x} ${y}h1v1h-1z`] : [])));
    return [code.length, cells.join("")] as const;
  }, [text]);
  const whole = size + 2 * QUIET_CELLS;
  return (
    <svg
      class="qr"
      role="img"
      aria-label={say("qr_word")}
      data-address={text}
      viewBox={`${-QUIET_CELLS} ${-QUIET_CELLS} ${whole} ${whole}`}
      shape-rendering="crispEdges"
    >
      <path d={path} />
    </svg>
  );
}
