// New ids: time-ordered, so that they also index well. Ids made by one process in one millisecond keep their order.
import { randomBytes } from "node:crypto";
import { type Id, idOf, ulid } from "#kit/pure/ids.js";

/** Where ids take their time and their chance from. */
export type IdSource = { readonly nowMs: () => number; readonly randomBytes: (size: number) => Uint8Array };

const ownDraw = ulidsFrom({ nowMs: () => Date.now(), randomBytes });
let draw = ownDraw;

/** A new id of this kind, e.g. newId("rfd") → rfd_01K…. Its time is real time. */
export function newId<K extends string>(kind: K): Id<K> {
  return idOf(kind, draw());
}

/** From now on ids are of this source where `applies`, so that a simulation can be told again; without one they are real. */
export function drawIdsFrom(source?: IdSource, applies: () => boolean = () => true): void {
  const drawn = source ? ulidsFrom(source) : ownDraw;
  draw = () => (applies() ? drawn() : ownDraw());
}

function ulidsFrom(source: IdSource): () => string {
  let lastMs = Number.NEGATIVE_INFINITY;
  let lastBytes: Uint8Array = new Uint8Array(10);
  /** Randomness drawn in bulk: asking for it is dearer than making it. */
  let pool: Uint8Array = new Uint8Array(0);
  let drawn = 0;

  function next(): Uint8Array {
    if (drawn === pool.length) {
      pool = source.randomBytes(4000);
      drawn = 0;
    }
    drawn += 10;
    return pool.subarray(drawn - 10, drawn);
  }

  return () => {
    const nowMs = source.nowMs();
    if (nowMs > lastMs) {
      lastMs = nowMs;
      lastBytes = next();
      lastBytes[0] = (lastBytes[0] as number) & 0x7f; // room to count up
    } else {
      increment(lastBytes);
    }
    return ulid(lastMs, lastBytes);
  };
}

/** Counts up by one, as the ULID specification has it within a millisecond. */
function increment(bytes: Uint8Array): void {
  for (let i = bytes.length - 1; i >= 0; i--) {
    bytes[i] = ((bytes[i] as number) + 1) & 0xff;
    if (bytes[i] !== 0) return;
  }
}
