// The sources of raw carrier codes, read into vocabularies: per carrier or aggregator, its codes by what they mean.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { aggregatorMeaning, ecpayCode, karrioIncident, karrioStatus, koreanEvent } from "./meanings.js";

/** One file of ../../services/collection/carriers. */
export type CodeBook = {
  readonly source: string;
  readonly credit: string;
  readonly vocabularies: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
};

type Codes = Readonly<Record<string, readonly string[]>>;
type Karrio = { source: string; carriers: Record<string, { TrackingStatus?: Codes; TrackingIncidentReason?: Codes }> };
type Korean = { source: string; rows: { carrier: string; match: string; raw: string; unified: string }[] };
type Ecpay = {
  source: string;
  codes: { code: string; carrier: string }[];
  common: { code: string; carriers: string }[];
};
type Tags = Readonly<Record<string, number | readonly number[]>>;
type Aggregator = {
  src: string;
  status?: readonly string[];
  tag?: readonly string[];
  sub_status?: readonly string[];
  label_refund_status?: readonly string[];
  subtag_ranges?: Tags;
};

/** Collects meanings, code by code; what is said twice and not the same is UNCLEAR. */
function book(source: string, credit: string) {
  const all = new Map<string, Map<string, string>>();
  return {
    add: (vocabulary: string, code: string, meaning: string) => {
      const codes = all.get(vocabulary) ?? new Map<string, string>();
      all.set(vocabulary, codes);
      codes.set(code, agreed(codes.get(code) ?? meaning, meaning));
    },
    done: (): CodeBook => ({
      source,
      credit,
      vocabularies: Object.fromEntries([...all].map(([k, v]) => [k, grouped(v)])),
    }),
  };
}

/** Two failures with two culprits are nobody's; any other two meanings are none. */
function agreed(one: string, other: string): string {
  if (one === other) return one;
  const bothFailed = [one, other].every((meaning) => meaning.startsWith("ATTEMPT_FAILED"));
  return bothFailed ? "ATTEMPT_FAILED:GENERAL" : "UNCLEAR";
}

function grouped(codes: ReadonlyMap<string, string>): Record<string, string[]> {
  const byMeaning: Record<string, string[]> = {};
  for (const [code, meaning] of codes) (byMeaning[meaning] ??= []).push(code);
  return byMeaning;
}

/** @throws Error for a word that ./meanings.ts does not have: a source has grown */
function known(meaning: string | undefined, word: string): string {
  if (meaning === undefined) throw new Error(`no meaning for "${word}": add it to scripts/carriers/meanings.ts`);
  return meaning;
}

/** karrio: a status says where a parcel is, an incident why it is not where it should be. Some codes have both. */
function karrio({ source, carriers }: Karrio): CodeBook {
  const out = book(source, "karrio, LGPL-3.0; the facts of its mappings, not its code");
  for (const [carrier, { TrackingStatus = {}, TrackingIncidentReason = {} }] of Object.entries(carriers)) {
    const name = carrier === "_unified" ? "karrio" : carrier;
    const incidents = new Map<string, string>();
    for (const [word, codes] of Object.entries(TrackingIncidentReason)) {
      const meaning = known(karrioIncident[word], word);
      for (const code of codes) incidents.set(code, agreed(incidents.get(code) ?? meaning, meaning));
    }
    for (const [word, codes] of Object.entries(TrackingStatus)) {
      const meaning = known(karrioStatus[word], word);
      for (const code of codes)
        out.add(name, code, code === "" ? "UNCLEAR" : refined(word, code, meaning, incidents.get(code)));
    }
    const placed = new Set(Object.values(TrackingStatus).flat());
    for (const [code, meaning] of incidents) if (!placed.has(code)) out.add(name, code, meaning);
  }
  return out.done();
}

/** A failure is what its incident says it was; elsewhere an incident only tells that a parcel is lost. */
function refined(status: string, code: string, meaning: string, incident: string | undefined): string {
  if (incident === "LOST" && meaning !== "DELIVERED") return incident;
  if (status !== "delivery_failed") return meaning;
  if (/RETURN|RTS/i.test(code)) return "NEEDS_A_PERSON";
  return incident === undefined || incident === "NO_PLACE" || incident === "UNCLEAR" ? meaning : incident;
}

const shapes: Readonly<Record<string, (raw: string) => string>> = {
  equals: (raw) => raw,
  startsWith: (raw) => `${raw}*`,
  endsWith: (raw) => `*${raw}`,
  includes: (raw) => `*${raw}*`,
};

function korean({ source, rows }: Korean): CodeBook {
  const out = book(source, "delivery-tracker, Elastic License 2.0; the facts of its mappings, not its code");
  for (const { carrier, match, raw, unified } of rows) {
    // Duties to be paid hold a parcel up; its other exceptions end its way.
    const held = raw.includes("관부가세 납부 대기");
    out.add(carrier, shapes[match]?.(raw) ?? raw, held ? "NO_PLACE" : known(koreanEvent[unified], unified));
  }
  return out.done();
}

/** The chains that ECPay speaks for, as its codes and its summary name them. */
const chains: Readonly<Record<string, readonly string[]>> = {
  FAMILY: ["family"],
  FamilyMart: ["family"],
  "UNIMART(7-ELEVEN C2C)": ["unimart"],
  "7-11": ["unimart"],
  "7-11 B2C": ["unimart"],
  "7-11 C2C": ["unimart"],
  "7-11 B2C/C2C": ["unimart"],
  OK: ["okmart"],
  "OK C2C": ["okmart"],
  "Hi-Life": ["hilife"],
  all: ["family", "unimart", "okmart", "hilife"],
};

function ecpay({ source, codes, common }: Ecpay): CodeBook {
  const out = book(source, "facts of ECPay's published code table");
  const rows = [...codes, ...common.map(({ code, carriers }) => ({ code, carrier: carriers }))];
  for (const { code, carrier } of rows) {
    for (const name of carrier.startsWith("UNIMART") ? [carrier] : carrier.split(", ")) {
      for (const chain of chains[name] ?? [name]) out.add(chain, code, known(ecpayCode[code], code));
    }
  }
  return out.done();
}

function aggregators(file: Readonly<Record<string, Aggregator>>): CodeBook {
  const out = book("public vocabularies of EasyPost, AfterShip, Shippo, 17track, karrio, delivery-tracker", "facts");
  for (const [name, words] of Object.entries(file)) {
    const { status = [], tag = [], sub_status = [], label_refund_status = [], subtag_ranges = {} } = words;
    const vocabulary =
      name === "delivery-tracker(KR)" ? "delivery-tracker" : name === "karrio" ? "karrio-status" : name;
    const subtags = Object.entries(subtag_ranges).flatMap(([word, range]) => numbered(word, range));
    for (const word of [...status, ...tag, ...sub_status, ...subtags]) {
      out.add(vocabulary, word, known(aggregatorMeaning(word), word));
    }
    for (const word of label_refund_status) out.add(vocabulary, word, "NOT_OURS");
    if (name !== "easypost") continue;
    // EasyPost's code is "status/status_detail"; of the details only a loss says more than its status.
    for (const word of status) out.add(vocabulary, `${word}/*`, known(aggregatorMeaning(word), word));
    for (const word of ["in_transit", "failure", "error", "unknown"]) out.add(vocabulary, `${word}/lost`, "LOST");
  }
  return out.done();
}

/** "Delivered", 2 → Delivered_001, Delivered_002. */
function numbered(word: string, range: number | readonly number[]): string[] {
  const numbers = typeof range === "number" ? Array.from({ length: range }, (_, i) => i + 1) : range;
  return numbers.map((n) => `${word}_${String(n).padStart(3, "0")}`);
}

/** What is made of the sources in a folder, by the name of the file it is written to. */
export function readSources(folder: string): Readonly<Record<string, CodeBook>> {
  const read = (name: string) => JSON.parse(readFileSync(join(folder, name), "utf8"));
  return {
    "karrio.json": karrio(read("karrio-tracking-status-map.json")),
    "delivery-tracker.json": korean(read("kr-delivery-tracker-status-map.json")),
    "ecpay.json": ecpay(read("tw-ecpay-logistics-codes.json")),
    "aggregators.json": aggregators(read("aggregator-statuses.json")),
  };
}
