// The custody chain: each entry carries the hash of the one before it, and the inspection the hash of the last, so that
// whatever is changed, taken out, put in, moved or cut off shows.
import { canonical } from "#kit/pure/canonical.js";
import { check } from "#kit/pure/check.js";
import type { Evidence, Sighting } from "./evidence.js";
import type { Outcome } from "./outcome.js";
import type { Inspection } from "./types.js";

export type CustodyFault = "CONTENT" | "LINK" | "GAP" | "HEAD" | "MEDIA_REPLACED" | "MEDIA_GONE";

/** SHA-256 in small hexadecimal digits. Handed in: a core computes nothing that Node must lend it. */
export type Digest = (bytes: Uint8Array) => string;

/** What a chain should end with. */
export type Anchor = { readonly inspectionId: string; readonly custodyCount: number; readonly custodyHead: string };

/** One thing wrong with a chain. */
export type Fault = { readonly sequence: number; readonly fault: CustodyFault; readonly description: string };

/** Nobody has that much to show; a chain is read whole. */
const entriesMax = 500;

/** Adds an entry at the end. @throws DomainError CUSTODY_FULL */
export function append(inspection: Inspection, sighting: Sighting, digest: Digest): Outcome {
  const { inspectionId, resolutionId, custodyCount, custodyHead } = inspection;
  check(custodyCount < entriesMax, "CUSTODY_FULL", `a chain has at most ${entriesMax} entries`, {
    inspection_id: inspectionId,
    limit: String(entriesMax),
  });
  const sequence = custodyCount + 1;
  const linked = { ...sighting, inspectionId, sequence, previousHash: custodyHead };
  const entry: Evidence = { ...linked, hash: digest(hashed(linked)) };
  const { hash, time: addTime } = entry;
  return {
    next: { ...inspection, custodyCount: sequence, custodyHead: hash, version: inspection.version + 1 },
    facts: [{ name: "EvidenceAdded", body: { inspectionId, resolutionId, sequence, hash, addTime } }],
    evidence: [entry],
  };
}

/**
 * What is hashed: every field. This is the chain's format: a change of it is a new first word, beside the old one.
 */
function hashed(entry: Omit<Evidence, "hash">): Uint8Array {
  const { inspectionId, sequence, stage, actor, time, photo, note, previousHash } = entry;
  return canonical([
    "backhaul-custody-1",
    inspectionId,
    String(sequence),
    stage,
    actor,
    time.toISOString(),
    photo.mediaId,
    photo.sha256,
    note,
    previousHash,
  ]);
}

/**
 * What is wrong with a chain, by place; none when it is whole. `kept` is what the media system has now: the hash of the
 * bytes under each id, undefined where there are none.
 */
export function verify(
  anchor: Anchor,
  entries: readonly Evidence[],
  kept: ReadonlyMap<string, string | undefined>,
  digest: Digest,
): Fault[] {
  const faults: Fault[] = [];
  const found = (sequence: number, fault: CustodyFault, description: string) =>
    faults.push({ sequence, fault, description });
  let previous = "";
  let at = 0;
  for (const entry of entries) {
    const { sequence, photo, hash, previousHash } = entry;
    for (at++; at < sequence; at++) found(at, "GAP", `entry ${at} is not there`);
    if (sequence < at) found(sequence, "LINK", `entry ${sequence} stands where entry ${at} should`);
    at = sequence;
    const changed = entry.erased !== true && digest(hashed(entry)) !== hash;
    if (changed || entry.inspectionId !== anchor.inspectionId)
      found(sequence, "CONTENT", "what it says is not what was hashed");
    if (previousHash !== previous) found(sequence, "LINK", "it does not follow the entry before it");
    const bytes = kept.get(photo.mediaId);
    if (bytes === undefined) found(sequence, "MEDIA_GONE", `photo ${photo.mediaId} is gone`);
    else if (bytes !== photo.sha256) found(sequence, "MEDIA_REPLACED", `photo ${photo.mediaId} has other bytes`);
    previous = hash;
  }
  const { custodyCount, custodyHead } = anchor;
  const end = entries.at(-1)?.sequence ?? 0;
  if (end !== custodyCount || previous !== custodyHead) {
    found(
      Math.min(end, custodyCount) + (end === custodyCount ? 0 : 1),
      "HEAD",
      `it ends at ${end}, not as anchored at ${custodyCount}`,
    );
  }
  return faults;
}
