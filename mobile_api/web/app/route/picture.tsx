/** The route on a map of our own, at true scale; an operator's map lies beneath it where the server names one. */

import type { JSX } from "preact";
import type { Position } from "../../client/src/index.ts";
import { fix } from "../../shell/position.ts";
import { placed, type Sight, type Size } from "../map/geometry.ts";
import { Pictures, source } from "../map/source.tsx";
import type { Placed } from "./look.ts";
import { say } from "./texts.ts";

const SIZE: Size = { width: 360, height: 220 };
const EDGE_PX = 28;
const METRES_LEAST = 2;
const DEGREE_M = 111_320;

/** All of it in sight. */
function sightOf(points: readonly Position[]): Sight {
  const [latitudes, longitudes] = [
    points.map(({ latitude_e6 }) => latitude_e6 / 1e6),
    points.map(({ longitude_e6 }) => longitude_e6 / 1e6),
  ];
  const [south, north, west, east] = [Math.min(...latitudes), Math.max(...latitudes), Math.min(...longitudes), Math.max(...longitudes)];
  const latitude = (south + north) / 2;
  const high = ((north - south) * DEGREE_M) / (SIZE.height - 2 * EDGE_PX);
  const wide = ((east - west) * DEGREE_M * Math.cos((latitude * Math.PI) / 180)) / (SIZE.width - 2 * EDGE_PX);
  return { latitude, longitude: (west + east) / 2, metres: Math.max(high, wide, METRES_LEAST) };
}

export function Picture({ stops }: { readonly stops: readonly Placed[] }): JSX.Element {
  const here = fix.value;
  const points: Position[] = [...(here === null ? [] : [here]), ...stops.map(({ at }) => at)];
  const seen = sightOf(points);
  const drawn = points.map((at) => placed(seen, SIZE, at.latitude_e6 / 1e6, at.longitude_e6 / 1e6));
  const marks = drawn.slice(points.length - stops.length);
  return (
    <figure class="card route-map">
      <svg viewBox={`0 0 ${SIZE.width} ${SIZE.height}`} role="img" aria-label={say("picture", { n: stops.length })}>
        <Pictures seen={seen} size={SIZE} />
        <polyline points={drawn.map((at) => at.join()).join(" ")} />
        {here !== null && <circle class="here" cx={drawn[0]![0]} cy={drawn[0]![1]} r={8} />}
        {[...marks].reverse().map(([x, y], at) => (
          <g key={marks.length - at} class="nth">
            <circle cx={x} cy={y} r={11} />
            <text x={x} y={y + 4}>
              {marks.length - at}
            </text>
          </g>
        ))}
      </svg>
      {source !== null && <small class="credit">{source.credit}</small>}
    </figure>
  );
}
