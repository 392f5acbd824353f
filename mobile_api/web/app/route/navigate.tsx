/** Handing over to a map app: nothing is asked of its host before the rep touches the link (D-458). */

import type { JSX } from "preact";
import { Datum, fromWgs84, type Position } from "../../client/src/index.ts";
import { Sheet } from "../../shell/parts.tsx";
import { all } from "../../shell/phone.ts";
import { say } from "./texts.ts";

/** Latitude and longitude as such an app takes them. */
function pair(at: Position, datum: Datum): readonly [latitude: number, longitude: number] {
  const { latitude_e6, longitude_e6 } = fromWgs84(datum, at.latitude_e6, at.longitude_e6);
  return [latitude_e6 / 1e6, longitude_e6 / 1e6];
}

/** Word of the app → its address. The name stays on the phone: no foreign host gets it. */
function links(name: string, at: Position): readonly (readonly [word: Parameters<typeof say>[0], href: string])[] {
  const wgs = pair(at, Datum.wgs84).join();
  const [latitude, longitude] = pair(at, Datum.gcj02);
  const apple = all("organisation")[0]?.phone_region === "CN" ? `${latitude},${longitude}` : wgs;
  const baidu = pair(at, Datum.bd09).join();
  const word = encodeURIComponent(say("destination"));
  const words = `title=${word}&content=${word}`;
  return [
    ["by_phone", `geo:${wgs}?q=${wgs}(${encodeURIComponent(name)})`],
    ["by_amap", `https://uri.amap.com/navigation?to=${longitude},${latitude},${word}&mode=car&coordinate=gaode&callnative=1`],
    ["by_baidu", `https://api.map.baidu.com/marker?location=${baidu}&${words}&output=html&coord_type=bd09ll&src=outrider`],
    ["by_apple", `https://maps.apple.com/?daddr=${apple}`],
    ["by_google", `https://www.google.com/maps/dir/?api=1&destination=${wgs}`],
  ];
}

interface Given {
  readonly name: string;
  readonly at: Position;
  readonly onClose: () => void;
}

export function Navigate({ name, at, onClose }: Given): JSX.Element {
  return (
    <Sheet title={say("navigate_to", { name })} onClose={onClose}>
      <p class="lead">{say("navigate_lead")}</p>
      <div class="list">
        {links(name, at).map(([word, href]) => (
          <a class="row" key={word} href={href} {...(href.startsWith("geo") ? {} : { target: "_blank", rel: "noopener noreferrer" })}>
            {say(word)}
          </a>
        ))}
      </div>
      <button class="wide" onClick={onClose}>
        {say("close")}
      </button>
    </Sheet>
  );
}
