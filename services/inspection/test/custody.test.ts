import assert from "node:assert/strict";
import { type Anchor, append, type Fault, verify } from "../core/custody.js";
import type { Evidence } from "../core/evidence.js";
import type { Inspection } from "../core/types.js";
import { sha256 } from "../custodyRpc.js";
import { inspection, noon, refused } from "./builders.js";

const hashOf = (text: string) => sha256(new TextEncoder().encode(text));
const stages = ["CUSTOMER", "DRIVER", "DOCK", "QA"] as const;

/** A chain of so many entries, its anchor, and what the media system keeps. */
function chain(length: number) {
  let anchor: Inspection = inspection();
  const entries: Evidence[] = [];
  for (let i = 0; i < length; i++) {
    const photo = { mediaId: `med_${i}`, sha256: hashOf(`photo ${i}`) };
    const time = new Date(noon.getTime() + i * 60_000);
    const sighting = { stage: stages[i % 4]!, actor: `actor-${i % 3}`, time, photo, note: `seen ${i}` };
    const { next, evidence = [] } = append(anchor, sighting, sha256);
    anchor = next;
    entries.push(...evidence);
  }
  return { anchor, entries, kept: new Map(entries.map(({ photo }) => [photo.mediaId, photo.sha256])) };
}
type Chain = { anchor: Anchor; entries: readonly Evidence[]; kept: ReadonlyMap<string, string | undefined> };
const check = ({ anchor, entries, kept }: Chain): Fault[] => verify(anchor, entries, kept, sha256);

/** Whoever tampers may also compute every later hash anew; then only the anchor tells. */
function relinked(entries: readonly Evidence[]): Evidence[] {
  let before: Evidence | undefined;
  return entries.map((entry, at) => {
    const { evidence } = append(
      inspection({ custodyCount: at, custodyHead: before?.hash ?? "" }),
      { stage: entry.stage, actor: entry.actor, time: entry.time, photo: entry.photo, note: entry.note },
      sha256,
    );
    before = evidence![0]!;
    return before;
  });
}

const changed = (c: Chain, at: number, by: (entry: Evidence) => Partial<Evidence>) =>
  c.entries.map((entry, i) => (i === at ? { ...entry, ...by(entry) } : entry));

/** Each tampers with the entry at `at`; `n` makes the twenty of a kind differ. */
const tamperings: Readonly<Record<string, (c: Chain, at: number, n: number) => Partial<Chain>>> = {
  "a photo's hash is changed": (c, at, n) => ({
    entries: changed(c, at, ({ photo }) => ({ photo: { ...photo, sha256: hashOf(`other ${n}`) } })),
  }),
  "a note, an actor or a time is changed": (c, at, n) => ({
    entries: changed(c, at, ({ time }) =>
      n % 3 === 0 ? { note: "all fine" } : n % 3 === 1 ? { actor: "mallory" } : { time: new Date(time.getTime() + 1) },
    ),
  }),
  "an entry is removed": (c, at) => ({ entries: c.entries.filter((_, i) => i !== at) }),
  "an entry is put in": (c, at, n) => {
    const entries = c.entries.toSpliced(at, 0, { ...c.entries[at]!, note: `put in ${n}` });
    return { entries: entries.map((entry, i) => ({ ...entry, sequence: i + 1 })) };
  },
  "two entries change places": (c, at) => {
    const [a, b] = [c.entries[at]!, c.entries[(at + 1) % c.entries.length]!];
    const moved = c.entries.map((entry) => {
      return entry === a ? { ...b, sequence: a.sequence } : entry === b ? { ...a, sequence: b.sequence } : entry;
    });
    return { entries: moved };
  },
  "the end is cut off": (c, at) => ({ entries: c.entries.slice(0, at) }),
  "a photo is replaced in the media system": (c, at, n) => ({
    kept: new Map([...c.kept, [c.entries[at]!.photo.mediaId, hashOf(`brick ${n}`)]]),
  }),
};

describe("inspection: the custody chain", () => {
  it("finds nothing wrong with a chain that nobody touched, an empty one included", () => {
    for (const length of [0, 1, 4, 40]) assert.deepEqual(check(chain(length)), []);
  });

  for (const [kind, tamper] of Object.entries(tamperings)) {
    it(`finds it wherever ${kind}`, () => {
      for (let n = 0; n < 20; n++) {
        const whole = chain(20);
        const faults = check({ ...whole, ...tamper(whole, n, n) });
        assert.notDeepEqual(faults, [], `at ${n}`);
        assert.ok(
          faults.some(({ sequence }) => Math.abs(sequence - (n + 1)) <= 1),
          `names a place beside ${n + 1}: ${JSON.stringify(faults)}`,
        );
      }
    });
  }

  it("finds them all the same when every later hash was computed anew", () => {
    for (const [kind, tamper] of Object.entries(tamperings).slice(0, 6)) {
      for (let n = 0; n < 20; n++) {
        const whole = chain(20);
        const entries = relinked(tamper(whole, n, n).entries ?? []);
        assert.ok(
          check({ ...whole, entries }).some(({ fault }) => fault === "HEAD" || fault === "MEDIA_REPLACED"),
          `${kind} at ${n}`,
        );
      }
    }
  });

  it("says which photo is gone", () => {
    const whole = chain(3);
    const faults = check({ ...whole, kept: new Map([...whole.kept, ["med_1", undefined]]) });
    assert.deepEqual(
      faults.map(({ sequence, fault }) => [sequence, fault]),
      [[2, "MEDIA_GONE"]],
    );
  });

  it("refuses an entry of another inspection, and one too many", () => {
    const whole = chain(2);
    const anchor = { ...whole.anchor, inspectionId: "ins_01KBBBBBBBBBBBBBBBBBBBBBBB" };
    assert.deepEqual(
      check({ ...whole, anchor }).map(({ fault }) => fault),
      ["CONTENT", "CONTENT"],
    );
    const sighting = { ...whole.entries[0]! };
    assert.throws(() => append(inspection({ custodyCount: 500 }), sighting, sha256), refused("CUSTODY_FULL"));
  });

  it("holds together when notes were erased with the customer's data, and still finds what is moved or cut off", () => {
    const whole = chain(6);
    const entries = whole.entries.map((entry) => ({ ...entry, note: "[erased]", erased: true }));
    assert.deepEqual(check({ ...whole, entries }), []);
    assert.notDeepEqual(check({ ...whole, entries: entries.slice(0, 5) }), []);
    assert.notDeepEqual(check({ ...whole, entries: entries.toSpliced(2, 1) }), []);
  });
});
