// A request whose goods travel in several parcels: each is heard of on its own, and only the last moves the track. What one
// of them took with it is paid for as lost; the rest is looked at like any other.
import { noted, raised, type Scene } from "./advance.js";
import type { Line, Outcome, Resolution } from "./types.js";

/** What the collection tells of a lost parcel. */
export type LostParcel = {
  /** Others are neither delivered nor lost. */
  readonly moreParcels: boolean;
  readonly othersDelivered: boolean;
  /** Units that are lost in all so far; 0 where it was not told. */
  readonly lostUnits: number;
};

/** What a fact from before several parcels says: with it everything is lost. */
export const theOnlyOne: LostParcel = { moreParcels: false, othersDelivered: false, lostUnits: 0 };

/** One of several is here. */
export function parcelDelivered(r: Resolution, units: number, scene: Scene): Outcome {
  const text = `A parcel with ${units} unit${units === 1 ? "" : "s"} is here; more are on their way.`;
  return noted(r, scene, { name: "ParcelDelivered", text }, r.state === "OPEN");
}

/** One of several is lost: which units it held shows when the others are looked at. */
export function partLost(r: Resolution, { lostUnits }: LostParcel, scene: Scene): Outcome {
  const text = `The carrier lost a parcel; ${lostUnits} units are lost so far.`;
  const { lines } = r;
  if (r.state === "OPEN" && !lines.some(isJudged))
    return noted(r, scene, { name: "ParcelLost", text }, true, { lines: spread(lines, lostUnits, (l) => l.quantity) });
  const outcome = noted(r, scene, { name: "ParcelLost", text }, false);
  if (!lines.some(({ missing }) => missing > 0)) return outcome;
  return raised(r, scene, "parcel", `units were counted as missing that the carrier lost: ${text} See to their refund`);
}

/** Of the units that were not found, those that were lost on the way. */
export function withoutLost(found: readonly Line[], before: readonly Line[]): Line[] {
  const lostUnits = before.reduce((sum, { lost = 0 }) => sum + lost, 0);
  if (lostUnits === 0) return [...found];
  return spread(found, lostUnits, (line) => line.missing).map((line) => ({
    ...line,
    missing: line.missing - (line.lost ?? 0),
  }));
}

/** Lost units, put to lines in their order, as far as each has room. */
function spread(lines: readonly Line[], lostUnits: number, room: (line: Line) => number): Line[] {
  let left = lostUnits;
  return lines.map((line) => {
    const lost = Math.min(left, room(line));
    left -= lost;
    return { ...line, lost };
  });
}

function isJudged({ accepted, rejected, missing }: Line): boolean {
  return accepted + rejected + missing > 0;
}
