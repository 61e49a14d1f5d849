// What a carrier's own codes mean. The words come as data (../carriers); this reads a code by them: the code itself, or
// the pattern that says most of it.
import { type Aside, asides, type Fault, notices, scans, type TrackingKind } from "./types.js";

/** What a code means: what happened, with a failed attempt whose cause it was; or why it is set aside. */
export type Reading =
  | { readonly kind: TrackingKind; readonly fault: Fault | undefined; readonly aside?: undefined }
  | { readonly kind?: undefined; readonly fault?: undefined; readonly aside: Aside };

/** The codes of one carrier or aggregator by what they mean: a kind, "ATTEMPT_FAILED:<fault>", or an aside. `*` is any text. */
export type Vocabulary = Readonly<Record<string, readonly string[]>>;

/** Reads the codes of a vocabulary. */
export type Reader = (code: string) => Reading;

const unknown: Reading = { aside: "UNKNOWN" };
const faults: readonly string[] = ["CUSTOMER", "SELLER", "PLATFORM", "LOGISTICS", "GENERAL"];

/** @throws Error if a meaning is no word of ours, or a code has two */
export function readerOf(vocabulary: Vocabulary): Reader {
  const known = new Map<string, Reading>();
  const patterns: { readonly literal: number; readonly shape: RegExp; readonly reading: Reading }[] = [];
  for (const [meaning, codes] of Object.entries(vocabulary)) {
    const reading = readingOf(meaning);
    for (const code of codes) {
      if (known.has(code)) throw new Error(`code "${code}" has two meanings`);
      known.set(code, reading);
      if (code.includes("*"))
        patterns.push({ literal: code.replaceAll("*", "").length, shape: shapeOf(code), reading });
    }
  }
  patterns.sort((one, other) => other.literal - one.literal);
  return (code) => known.get(code) ?? patterns.find(({ shape }) => shape.test(code))?.reading ?? unknown;
}

/** @throws Error if it is no word of ours */
function readingOf(meaning: string): Reading {
  if ((asides as readonly string[]).includes(meaning)) return { aside: meaning as Aside };
  const [kind = "", fault] = meaning.split(":");
  const known = ([...notices, ...scans] as readonly string[]).includes(kind);
  const blamed = kind === "ATTEMPT_FAILED" ? faults.includes(fault ?? "") : fault === undefined;
  if (!known || !blamed) throw new Error(`"${meaning}" is no meaning of a code`);
  return { kind: kind as TrackingKind, fault: fault as Fault | undefined };
}

function shapeOf(pattern: string): RegExp {
  const literals = pattern.split("*").map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${literals.join(".*")}$`, "su");
}
