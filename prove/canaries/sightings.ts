// What was looked through, and which secrets were seen where.
import { number } from "../proof.js";

/** Kinds of places in which something could lie. */
export const places = [
  "logs",
  "spans",
  "metrics",
  "webhooks",
  "streams",
  "outbox",
  "dead letters",
  "audit",
  "agenda",
  "kept answers",
  "tables",
] as const;
export type Place = (typeof places)[number];

export class Sightings {
  private readonly pieces = new Map<Place, number>();
  private readonly bytes = new Map<Place, number>();
  private readonly seen = new Map<string, Place>();
  private readonly forms: readonly (readonly [string, string])[];

  constructor(words: readonly string[]) {
    // As it was written, as a URL has it, and as JSON of ASCII alone would.
    const ascii = (word: string) =>
      word.replace(/[\u0080-\uffff]/g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`);
    this.forms = words.flatMap((word) =>
      [...new Set([word, encodeURIComponent(word), ascii(word)])].map((form) => [form, word] as const),
    );
  }

  /** Looks through a text of so many pieces: lines, rows, messages. */
  look(place: Place, where: string, text: string, pieces = 1): void {
    this.pieces.set(place, (this.pieces.get(place) ?? 0) + pieces);
    this.bytes.set(place, (this.bytes.get(place) ?? 0) + text.length);
    for (const [form, word] of this.forms) if (text.includes(form)) this.seen.set(`${word} in ${where}`, place);
  }

  /** What was seen there, or anywhere. */
  at(place?: Place): string[] {
    return [...this.seen].flatMap(([what, where]) => (place === undefined || where === place ? [what] : []));
  }

  piecesOf(place: Place): number {
    return this.pieces.get(place) ?? 0;
  }

  /** A row for each kind of place. */
  get rows(): string[][] {
    const kilobytes = (place: Place) => number(Math.ceil((this.bytes.get(place) ?? 0) / 1024));
    return places.map((place) => [
      place,
      number(this.piecesOf(place)),
      kilobytes(place),
      String(this.at(place).length),
    ]);
  }
}
