// What became of a resolution's units.
import type { Line } from "./types.js";

/** Every unit counts as given back. */
export function allAccepted(lines: readonly Line[]): Line[] {
  return lines.map((line) => ({ ...line, accepted: line.quantity }));
}
