// What became of a resolution's units.
import type { Line, Resolution, Units } from "./types.js";

/** Every unit counts as given back. */
export function allAccepted(lines: readonly Line[]): Line[] {
  return lines.map((line) => ({ ...line, accepted: line.quantity }));
}

/** Units the customer is paid for, or gets others for: what was accepted, or all of them while nobody has looked. */
export function paidUnits({ lines }: Resolution): Units[] {
  return lines
    .map(({ lineId, quantity, accepted, rejected, missing, lost = 0 }) => ({
      lineId,
      quantity: accepted + rejected + missing > 0 ? accepted + lost : quantity,
    }))
    .filter((line) => line.quantity > 0);
}
