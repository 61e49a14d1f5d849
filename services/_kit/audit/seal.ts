// A seal covers entries of a service's trail and follows the seal before it; its MAC is by a key that the database does
// not hold. What the chains alone do not show, a tail cut off or a chain written anew, shows against it.
import { createHash, createHmac } from "node:crypto";
import { canonical } from "#kit/pure/canonical.js";
import { noHash } from "./entry.js";

/** An entry as a seal covers it. */
export type Leaf = { readonly resourceId: string; readonly sequence: number; readonly hash: Buffer };

export type Seal = {
  /** From 1. */
  readonly number: number;
  /** How many entries it covers. */
  readonly entries: number;
  /** Over its leaves, by resource and sequence. */
  readonly digest: Buffer;
  readonly previousHash: Buffer;
  /** Entries of before are covered, but for such as were still being committed. */
  readonly untilTime: Date;
  readonly hash: Buffer;
  readonly mac: Buffer;
};

/** How long before a seal's time an entry may have begun that it does not cover: far longer than any commit takes. */
export const horizonMs = 120_000;

/** Digests leaves as they come. */
export function openDigest(): { add(leaf: Leaf): void; end(): Buffer } {
  const digest = createHash("sha256");
  return {
    add: ({ resourceId, sequence, hash }) => {
      digest.update(canonical([resourceId, String(sequence)])).update(hash);
    },
    end: () => digest.digest(),
  };
}

/** Leaves in the order in which they are digested: as Postgres sorts bytes. */
export function inOrder(a: Omit<Leaf, "hash">, b: Omit<Leaf, "hash">): number {
  if (a.resourceId !== b.resourceId) return a.resourceId < b.resourceId ? -1 : 1;
  return a.sequence - b.sequence;
}

export function sealHash(service: string, seal: Omit<Seal, "hash" | "mac">): Buffer {
  const { number, entries, digest, previousHash, untilTime } = seal;
  const texts = [String(number), String(entries), digest.toString("hex"), previousHash.toString("hex")];
  return createHash("sha256")
    .update(canonical(["backhaul-audit-seal-1", service, ...texts, untilTime.toISOString()]))
    .digest();
}

export function sealMac(hash: Buffer, key: string): Buffer {
  return createHmac("sha256", key).update(hash).digest();
}

/** Seals leaves, after the seal before. */
export function seal(
  service: string,
  previous: Seal | undefined,
  leaves: readonly Leaf[],
  untilTime: Date,
  key: string,
): Seal {
  const digest = openDigest();
  for (const leaf of [...leaves].sort(inOrder)) digest.add(leaf);
  const unsigned = {
    number: (previous?.number ?? 0) + 1,
    entries: leaves.length,
    digest: digest.end(),
    previousHash: previous?.hash ?? noHash,
    untilTime,
  };
  const hash = sealHash(service, unsigned);
  return { ...unsigned, hash, mac: sealMac(hash, key) };
}
