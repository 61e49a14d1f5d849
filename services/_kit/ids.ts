// New ids: time-ordered, so that they also index well. Ids made by one process in one millisecond keep their order.
import { randomBytes } from "node:crypto";
import { type Id, idOf, ulid } from "#kit/pure/ids.js";

let lastMs = 0;
let lastBytes: Uint8Array = randomBytes(10);
/** Randomness drawn in bulk: asking for it is dearer than making it. */
let pool = randomBytes(4000);
let drawn = 0;

/** A new id of this kind, e.g. newId("rfd") → rfd_01K…. Its time is real time. */
export function newId<K extends string>(kind: K): Id<K> {
  const nowMs = Date.now();
  if (nowMs > lastMs) {
    lastMs = nowMs;
    lastBytes = draw();
    lastBytes[0] = (lastBytes[0] as number) & 0x7f; // room to count up
  } else {
    increment(lastBytes);
  }
  return idOf(kind, ulid(lastMs, lastBytes));
}

function draw(): Uint8Array {
  if (drawn === pool.length) {
    pool = randomBytes(pool.length);
    drawn = 0;
  }
  drawn += 10;
  return pool.subarray(drawn - 10, drawn);
}

/** Counts up by one, as the ULID specification has it within a millisecond. */
function increment(bytes: Uint8Array): void {
  for (let i = bytes.length - 1; i >= 0; i--) {
    bytes[i] = ((bytes[i] as number) + 1) & 0xff;
    if (bytes[i] !== 0) return;
  }
}
