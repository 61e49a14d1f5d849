// Who reports to us: in which vocabulary, in which format, and for whom. Read from ./carriers once, at the start.
import { readdirSync, readFileSync } from "node:fs";
import { cj } from "./core/formats/cj.js";
import { easypost } from "./core/formats/easypost.js";
import { ecpay } from "./core/formats/ecpay.js";
import { type Format, type Told, unreadable } from "./core/formats/told.js";
import { type Reader, type Reading, readerOf, type Vocabulary } from "./core/vocabulary.js";

/** A line of reporters.json. */
type Entry = {
  readonly vocabulary: string;
  readonly format: string;
  /** Whom it speaks for: its name of a carrier → ours. */
  readonly speaksFor?: Readonly<Record<string, string>>;
};

export type Reporters = {
  /** What a code means in the reporter's vocabulary. */
  read(reporter: string, code: string): Reading;
  /** The reports in a message, each with our name of its carrier. @throws DomainError CARRIER_MESSAGE_UNREADABLE */
  reportsIn(reporter: string, content: Uint8Array): readonly (Told & { readonly carrier: string })[];
  /** What the reporter wants to read in return. */
  acknowledgement(reporter: string): string;
};

const formats: Readonly<Record<string, Format>> = { cj, ecpay, easypost };

/** @throws Error if a file contradicts itself, two have the same vocabulary, or a reporter's is missing */
export function openReporters(folder = new URL("carriers/", import.meta.url)): Reporters {
  const json = (name: string) => JSON.parse(readFileSync(new URL(name, folder), "utf8"));
  const entries = new Map(Object.entries<Entry>(json("reporters.json")));
  const readers = new Map<string, Reader>();
  for (const name of readdirSync(folder).filter((file) => file.endsWith(".json") && file !== "reporters.json")) {
    for (const [vocabulary, words] of Object.entries<Vocabulary>(json(name).vocabularies)) {
      if (readers.has(vocabulary)) throw new Error(`${name}: there is another vocabulary "${vocabulary}"`);
      readers.set(vocabulary, readerOf(words));
    }
  }
  for (const [name, { vocabulary, format }] of entries) {
    if (!readers.has(vocabulary) || !formats[format])
      throw new Error(`reporters.json: ${name} has no such words or format`);
  }
  const none: Reader = readerOf({});

  return {
    read: (reporter, code) => (readers.get(entries.get(reporter)?.vocabulary ?? reporter) ?? none)(code),
    reportsIn: (reporter, content) => {
      const entry = entries.get(reporter);
      const format = formats[entry?.format ?? ""];
      if (!format) throw unreadable(reporter, "no format is on file");
      return format.read(new TextDecoder().decode(content), reporter).map((told) => ({
        ...told,
        carrier: told.carrier === undefined ? reporter : ours(entry, reporter, told.carrier),
      }));
    },
    acknowledgement: (reporter) => formats[entries.get(reporter)?.format ?? ""]?.acknowledgement ?? "",
  };
}

function ours(entry: Entry | undefined, reporter: string, theirs: string): string {
  const carrier = entry?.speaksFor?.[theirs];
  if (carrier) return carrier;
  throw unreadable(reporter, `it does not speak for "${theirs.slice(0, 40)}"`);
}
