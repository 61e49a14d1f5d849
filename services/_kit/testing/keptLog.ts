// A log that is read by a test.
import type { Log } from "#kit/log.js";

type Line = readonly [message: string, fields: Readonly<Record<string, unknown>>];

/** Keeps every line but those of debugging. */
export function keptLog(): Log & { readonly lines: readonly Line[] } {
  const lines: Line[] = [];
  const keep = (fields: object, message: string) => {
    lines.push([message, fields as Line[1]]);
  };
  return { lines, debug: () => {}, info: keep, warn: keep, error: keep };
}
