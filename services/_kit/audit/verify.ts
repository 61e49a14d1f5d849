// Whether an audit trail is what was written: every hash computed anew from the rows, held against the seals, and those
// against what was published of them. Reads everything once, in order, and keeps nothing.
import { type AuditEntry, entryHash, noHash } from "./entry.js";
import { horizonMs, inOrder, type Leaf, openDigest, type Seal, sealHash, sealMac } from "./seal.js";

/** How a trail is wrong. */
export type TrailFault =
  /** What the entry says is not what was hashed. */
  | "CONTENT"
  /** It does not follow the entry before it. */
  | "LINK"
  /** An entry between two others is not there. */
  | "GAP"
  /** The trail of a resource ends before an entry that was sealed. */
  | "CUT_OFF"
  /** Nothing is left of a resource of which entries were sealed. */
  | "GONE"
  /** Its hash is right, but another one was sealed. */
  | "REWRITTEN"
  /** It should have been sealed long ago: it was put in later. */
  | "UNSEALED"
  /** A seal is not what was sealed: its own fields, what it covers, or the one before it. */
  | "SEAL"
  /** A seal that was published is not there. */
  | "SEALS_CUT_OFF"
  /** Another seal was published under its number. */
  | "SEAL_REPLACED";

/** One thing wrong; `resourceId` is empty where it is a seal, and `sequence` the seal's number. */
export type TrailFinding = {
  readonly resourceId: string;
  readonly sequence: number;
  readonly fault: TrailFault;
  readonly description: string;
};

/** A trail as it is read: entries and leaves by resource and sequence; `sealed` are leaves by seal. */
export type Trail = {
  readonly service: string;
  readonly entries: AsyncIterable<AuditEntry>;
  readonly leaves: AsyncIterable<Leaf>;
  readonly sealed: AsyncIterable<Leaf & { readonly seal: number }>;
  readonly seals: readonly Seal[];
  /** What is known elsewhere, read before all else. */
  readonly published: readonly Seal[];
  /** Without it the seals' MACs are not looked at. */
  readonly key: string | undefined;
};

export type TrailReport = {
  readonly entries: number;
  readonly resources: number;
  readonly seals: number;
  readonly published: number;
  /** Entries that no seal covers yet. */
  readonly unsealed: number;
  readonly findings: readonly TrailFinding[];
};

/** Nobody reads more of them. */
const findingsMax = 1000;

export async function verifyTrail(trail: Trail): Promise<TrailReport> {
  const findings: TrailFinding[] = [];
  const found: Found = (resourceId, sequence, fault, description) => {
    if (findings.length < findingsMax) findings.push({ resourceId, sequence, fault, description });
  };
  const counted = await verifyEntries(trail, found);
  await verifySeals(trail, found);
  verifyPublished(trail, found);
  return { ...counted, seals: trail.seals.length, published: trail.published.length, findings };
}

type Found = (resourceId: string, sequence: number, fault: TrailFault, description: string) => void;

/** The chain of one resource, as far as it was read. */
type Chain = { readonly resourceId: string; sequence: number; hash: Buffer; missing: number };

async function verifyEntries({ entries, leaves, seals }: Trail, found: Found) {
  const sealedBefore = (seals.at(-1)?.untilTime.getTime() ?? 0) - horizonMs;
  const counted = { entries: 0, resources: 0, unsealed: 0 };
  let chain: Chain | undefined;

  function of(resourceId: string): Chain {
    if (chain?.resourceId === resourceId) return chain;
    endOf(chain);
    chain = { resourceId, sequence: 0, hash: noHash, missing: 0 };
    counted.resources++;
    return chain;
  }
  function endOf(chain: Chain | undefined): void {
    if (!chain || chain.missing <= chain.sequence) return;
    const { resourceId, sequence, missing } = chain;
    if (sequence === 0) found(resourceId, 1, "GONE", `entries up to ${missing} were sealed, none is left`);
    else found(resourceId, sequence + 1, "CUT_OFF", `it ends at ${sequence}, sealed were entries up to ${missing}`);
  }
  function follow(entry: AuditEntry): void {
    const { resourceId, sequence, previousHash, hash } = entry;
    const chain = of(resourceId);
    counted.entries++;
    if (sequence !== chain.sequence + 1) found(resourceId, chain.sequence + 1, "GAP", "this entry is not there");
    else if (!previousHash.equals(chain.hash)) found(resourceId, sequence, "LINK", "it does not follow the one before");
    if (!entryHash(entry).equals(hash)) found(resourceId, sequence, "CONTENT", "what it says is not what was hashed");
    chain.sequence = sequence;
    chain.hash = hash;
  }
  const merged = mergedBy(entries, leaves);
  for await (const { left: entry, right: leaf } of merged) {
    if (entry) follow(entry);
    else if (leaf) of(leaf.resourceId).missing = leaf.sequence;
    if (entry && leaf && !leaf.hash.equals(entry.hash))
      found(entry.resourceId, entry.sequence, "REWRITTEN", "another entry was sealed in its place");
    if (!entry || leaf) continue;
    counted.unsealed++;
    if (entry.realTime.getTime() < sealedBefore)
      found(entry.resourceId, entry.sequence, "UNSEALED", "seals were put on later entries, not on this");
  }
  endOf(chain);
  return counted;
}

/** Both in order, side by side where they are of the same place. */
async function* mergedBy<L extends Omit<Leaf, "hash">, R extends Omit<Leaf, "hash">>(
  lefts: AsyncIterable<L>,
  rights: AsyncIterable<R>,
): AsyncGenerator<{ left: L | undefined; right: R | undefined }> {
  const one = lefts[Symbol.asyncIterator]();
  const other = rights[Symbol.asyncIterator]();
  let left = await taken(one);
  let right = await taken(other);
  while (left || right) {
    const order = !left ? 1 : !right ? -1 : inOrder(left, right);
    yield { left: order <= 0 ? left : undefined, right: order >= 0 ? right : undefined };
    if (order <= 0) left = await taken(one);
    if (order >= 0) right = await taken(other);
  }
}

async function taken<T>(iterator: AsyncIterator<T>): Promise<T | undefined> {
  const { done, value } = await iterator.next();
  return done ? undefined : value;
}

async function verifySeals({ service, sealed, seals, key }: Trail, found: Found): Promise<void> {
  const wrong = (number: number, description: string) => found("", number, "SEAL", description);
  let previous: Seal | undefined;
  for (const seal of seals) {
    const { number, hash, previousHash, mac } = seal;
    if (number !== (previous?.number ?? 0) + 1) wrong((previous?.number ?? 0) + 1, "this seal is not there");
    else if (!previousHash.equals(previous?.hash ?? noHash)) wrong(number, "it does not follow the one before");
    if (!sealHash(service, seal).equals(hash)) wrong(number, "what it says is not what was hashed");
    if (key !== undefined && !sealMac(hash, key).equals(mac)) wrong(number, "it was not made with the key");
    previous = seal;
  }
  const numbered = new Map(seals.map((seal) => [seal.number, seal]));
  let covered = 0;
  let digest = openDigest();
  const close = (number: number) => {
    if (covered === 0) return;
    const seal = numbered.get(number);
    numbered.delete(number);
    if (!seal) wrong(number, "entries are said to be under a seal that is not there");
    else if (seal.entries !== covered || !seal.digest.equals(digest.end()))
      wrong(number, `it covers ${seal.entries} entries, not the ${covered} that are said to be under it`);
  };
  let at = 0;
  for await (const leaf of sealed) {
    if (leaf.seal !== at) {
      close(at);
      at = leaf.seal;
      covered = 0;
      digest = openDigest();
    }
    covered++;
    digest.add(leaf);
  }
  close(at);
  for (const { number, entries } of numbered.values())
    if (entries > 0) wrong(number, `its ${entries} entries are gone`);
}

function verifyPublished({ service, seals, published, key }: Trail, found: Found): void {
  const numbered = new Map(seals.map((seal) => [seal.number, seal]));
  for (const seal of published) {
    const { number, hash, mac } = seal;
    const ours = numbered.get(number);
    if (!ours) found("", number, "SEALS_CUT_OFF", `seal ${number} was published, and is not there`);
    else if (!ours.hash.equals(hash)) found("", number, "SEAL_REPLACED", `another seal ${number} was published`);
    if (!sealHash(service, seal).equals(hash) || (key !== undefined && !sealMac(hash, key).equals(mac)))
      found("", number, "SEAL", "what was published was not made with the key");
  }
}
