// New ids: time-ordered, so that they also index well. Ids made by one process in one millisecond keep their order.
import { randomBytes } from "node:crypto";
import { type Id, idOf, ulid } from "#kit/pure/ids.js";

let lastMs = 0;
let lastBytes: Uint8Array = randomBytes(10);

/** A new id of this kind, e.g. newId("rfd") → rfd_01K…. Its time is real time. */
export function newId<K extends string>(kind: K): Id<K> {
  const nowMs = Date.now();
  if (nowMs > lastMs) {
    lastMs = nowMs;
    lastBytes = randomBytes(10);
    lastBytes[0] = (lastBytes[0] as number) & 0x7f; // room to count up
  } else {
    increment(lastBytes);
  }
  return idOf(kind, ulid(lastMs, lastBytes));
}

/** Counts up by one, as the ULID specification has it within a millisecond. */
function increment(bytes: Uint8Array): void {
  for (let i = bytes.length - 1; i >= 0; i--) {
    bytes[i] = ((bytes[i] as number) + 1) & 0xff;
    if (bytes[i] !== 0) return;
  }
}
