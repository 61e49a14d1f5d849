// An entry of the audit trail and its hash. The commit computes the hash in SQL, for only there the entry before is known
// for certain; whoever verifies computes it here, from the row.
import { createHash } from "node:crypto";
import { canonical } from "#kit/pure/canonical.js";

/** What an entry says, its place in the chain aside. */
export type Said = {
  readonly rpc: string;
  readonly principal: string;
  readonly via: string;
  readonly onBehalfOf: string;
  readonly reason: string;
  /** "DONE", or the reason for which it was refused. */
  readonly outcome: string;
  /** SHA-256 over the rpc and the request's bytes. */
  readonly requestDigest: Buffer;
  readonly businessTime: Date;
  readonly realTime: Date;
  readonly traceId: string;
};

/** An entry as it stands in the trail of its resource. */
export type AuditEntry = Said & {
  readonly resourceId: string;
  /** From 1. */
  readonly sequence: number;
  readonly previousHash: Buffer;
  readonly hash: Buffer;
};

/** What stands before the first entry. */
export const noHash = Buffer.alloc(32);

/** First word of every entry's hash: a change of the format is a new word, beside the old one. */
const entryFormat = "backhaul-audit-1";

export function contentHash(said: Said): Buffer {
  const { rpc, principal, via, onBehalfOf, reason, outcome, requestDigest, businessTime, realTime, traceId } = said;
  return sha256(
    canonical([
      rpc,
      principal,
      via,
      onBehalfOf,
      reason,
      outcome,
      requestDigest.toString("hex"),
      businessTime.toISOString(),
      realTime.toISOString(),
      traceId,
    ]),
  );
}

/** As `hashInSql` has it. */
export function entryHash(entry: Omit<AuditEntry, "hash">): Buffer {
  const id = Buffer.from(entry.resourceId);
  const place = Buffer.alloc(8);
  place.writeInt32BE(id.length, 0);
  place.writeInt32BE(entry.sequence, 4);
  return sha256(
    Buffer.concat([
      Buffer.from(entryFormat),
      entry.previousHash,
      place.subarray(0, 4),
      id,
      place.subarray(4),
      contentHash(entry),
    ]),
  );
}

/** The same in SQL, of expressions that give the hash before, the resource's id, the sequence number and the content's hash. */
export function hashInSql(previous: string, id: string, sequence: string, content: string): string {
  return `sha256(convert_to('${entryFormat}', 'UTF8') || ${previous} || int4send(octet_length(${id}))
    || convert_to(${id}, 'UTF8') || int4send(${sequence}) || ${content})`;
}

function sha256(bytes: Uint8Array): Buffer {
  return createHash("sha256").update(bytes).digest();
}
