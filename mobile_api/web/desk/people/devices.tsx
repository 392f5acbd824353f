/** The devices of all users: which are silent, which wait; approving, and revoking with what it means. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { tell } from "../../shell/entering.ts";
import type { Shown } from "../../shell/feature.ts";
import { ago, moment } from "../../shell/format.ts";
import { Sheet, Trouble } from "../../shell/parts.tsx";
import { told, type Told } from "../../shell/problems.ts";
import { give, pages } from "../../shell/rest.ts";
import { needsServer } from "../away.tsx";
import { FactList } from "../fact_list.tsx";
import { Heard, useLive } from "../heard.tsx";
import { Table, type Column } from "../table.tsx";
import { say } from "./texts.ts";
import type { User } from "./users.tsx";

const SILENT_MS = 7 * 86_400_000;

type State = "pending" | "active" | "revoked" | "closed";

export interface Line {
  readonly line_no: number;
  readonly user_id: string;
  readonly name: string;
  readonly state: State;
  readonly app: string;
  readonly seen_ms: number;
  readonly wiped_ms: number | null;
  readonly created_ms: number;
}
interface Device extends Line {
  readonly user: string;
}

export const isSilent = ({ state, seen_ms }: Line): boolean => state === "active" && Date.now() - seen_ms > SILENT_MS;

async function look(): Promise<Device[]> {
  const [lines, users] = await Promise.all([pages<Line>("/v1/desk/devices"), pages<User>("/v1/desk/users")]);
  const names = new Map(users.map(({ id, name }) => [id, name]));
  return lines.map((line) => ({ ...line, user: names.get(line.user_id) ?? "…" }));
}

const columns = (): Column<Device>[] => [
  { name: "user", word: say("user"), value: ({ user }) => user },
  { name: "name", word: say("device"), value: ({ name }) => name, wide: true },
  { name: "app", word: say("app"), value: ({ app }) => app, wide: true },
  { name: "state", word: say("state"), value: ({ state }) => say(state), show: Chip, width: 170 },
  { name: "seen", word: say("seen"), value: ({ seen_ms }) => seen_ms, text: seenText, kind: "moment", show: Seen, width: 240 },
];

const seenText = (device: Device): string => (isSilent(device) ? `${ago(device.seen_ms)} · ${say("silent")}` : ago(device.seen_ms));

function Chip({ state }: Device): JSX.Element {
  return <span class={`chip ${state}`}>{say(state)}</span>;
}

function Seen(device: Device): JSX.Element {
  return isSilent(device) ? <span class="chip silent">{seenText(device)}</span> : <span>{seenText(device)}</span>;
}

/** States by which the address may filter. */
const FILTERS: Readonly<Record<string, "pending" | "silent" | "revoked">> = { pending: "pending", silent: "silent", revoked: "revoked" };

export function Devices({ rest: [state = ""] }: Shown): JSX.Element {
  const wanted = FILTERS[state];
  const asked = useLive(look);
  const [open, setOpen] = useState<Device | null>(null);
  const done = (): void => {
    setOpen(null);
    asked.again();
  };
  return (
    <>
      <Heard of={asked}>
        {(devices) => (
          <Table
            name="devices"
            words={wanted === undefined ? "" : say(wanted)}
            title={say("devices")}
            columns={columns()}
            rows={devices}
            keyed={({ line_no }) => String(line_no)}
            order={{ name: "seen", down: true }}
            onOpen={setOpen}
            empty={say("no_devices")}
          />
        )}
      </Heard>
      {open !== null && <DeviceSheet device={open} onDone={done} onClose={() => setOpen(null)} />}
    </>
  );
}

interface SheetGiven {
  readonly device: Device;
  readonly onDone: () => void;
  readonly onClose: () => void;
}

function DeviceSheet({ device, onDone, onClose }: SheetGiven): JSX.Element {
  const [asking, setAsking] = useState(false);
  const [wrong, setWrong] = useState<Told | null>(null);
  const act = (verb: "approve" | "revoke"): void => {
    give(`/v1/desk/devices/${device.line_no}/${verb}`, {}).then(
      () => {
        tell({ text: say(verb === "approve" ? "approved" : "revoked_done") });
        onDone();
      },
      (error: unknown) => setWrong(told(error)),
    );
  };
  return (
    <Sheet title={`${device.user} · ${device.name}`} onClose={onClose}>
      <Facts device={device} />
      {wrong !== null && <Trouble told={wrong} />}
      {device.state === "pending" && (
        <>
          <p class="lead">{say("approve_lead", { name: device.user })}</p>
          <button class="primary wide" {...needsServer()} onClick={() => act("approve")}>
            {say("approve")}
          </button>
        </>
      )}
      {(device.state === "active" || device.state === "pending") &&
        (asking ? (
          <>
            <p class="trouble">{say("revoke_lead")}</p>
            <button class="wide danger" {...needsServer()} onClick={() => act("revoke")}>
              {say("revoke_sure")}
            </button>
          </>
        ) : (
          <button class="wide" onClick={() => setAsking(true)}>
            {say("revoke")}…
          </button>
        ))}
      <button class="wide" onClick={onClose}>
        {say("done")}
      </button>
    </Sheet>
  );
}

function Facts({ device }: { readonly device: Device }): JSX.Element {
  const wiped = device.wiped_ms === null ? say("not_wiped") : say("wiped", { when: moment(device.wiped_ms) });
  const facts = [
    [say("state"), device.state === "revoked" ? `${say("revoked")} · ${wiped}` : say(device.state)],
    [say("app"), device.app || "–"],
    [say("seen"), `${moment(device.seen_ms)} · ${seenText(device)}`],
    [say("since"), moment(device.created_ms)],
    [say("line"), String(device.line_no)],
  ] as const;
  return <FactList facts={facts} />;
}
