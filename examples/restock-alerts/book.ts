// What was written so far, one JSON line per alert; all that this service remembers, so that it goes on after a restart
// from where it was.
import { appendFileSync, existsSync, readFileSync, truncateSync } from "node:fs";

/** ASKED: a return was asked for. DONE: the request is over, nothing more is to be said of it. */
export type What = "ASKED" | "COMING" | "BACK" | "NOT_COMING" | "DONE";

export type Alert = {
  readonly resolutionId: string;
  /** Of the history entry that it tells of; 0 before the first. */
  readonly sequence: number;
  readonly what: What;
  /** When it happened, in the mesh's time. */
  readonly time: string;
  /** Which products, and how many of each. */
  readonly items: Readonly<Record<string, number>>;
};

/** The file as a list that only grows. */
export class Book {
  readonly #last = new Map<string, Alert>();
  #newest = "";

  /** @throws Error if the file cannot be read, or a line but the last is none of ours */
  constructor(private readonly file: string) {
    const text = existsSync(file) ? readFileSync(file, "utf8") : "";
    const whole = text.slice(0, text.lastIndexOf("\n") + 1);
    // A crash in the middle of a line: its alert is written again.
    if (whole !== text) truncateSync(file, Buffer.byteLength(whole));
    for (const line of whole.split("\n").filter(Boolean)) this.#note(JSON.parse(line));
  }

  write(alert: Alert): void {
    appendFileSync(this.file, `${JSON.stringify(alert)}\n`);
    this.#note(alert);
  }

  last(resolutionId: string): Alert | undefined {
    return this.#last.get(resolutionId);
  }

  /** Those that something may yet be said of. */
  open(): string[] {
    return [...this.#last.values()].filter(({ what }) => what !== "DONE").map(({ resolutionId }) => resolutionId);
  }

  /** When the newest return was asked for; undefined in an empty book. */
  newest(): Date | undefined {
    return this.#newest ? new Date(this.#newest) : undefined;
  }

  #note(alert: Alert): void {
    this.#last.set(alert.resolutionId, alert);
    if (alert.what === "ASKED" && alert.time > this.#newest) this.#newest = alert.time;
  }
}
