// What was paid for units that are not the line's own: a replacement of another price. The refund service knows only what
// was paid for the line, so these amounts are carried along, and go back by hand.
import { type Money, shareOfUnits, sum } from "#kit/pure/money.js";
import type { Line, Units, Worth } from "./types.js";

/** The price of all that was sent, shared out over the units that come back; a line's share by its units. */
export function sharesOf(
  price: Money,
  sent: ReadonlyMap<string, number>,
  lines: readonly Units[],
): ReadonlyMap<string, Worth> {
  const asked = new Map(lines.map(({ lineId, quantity }) => [lineId, quantity]));
  const total = [...sent.values()].reduce((all, units) => all + units, 0);
  const shares = new Map<string, Worth>();
  let before = 0;
  for (const [lineId, units] of sent) {
    const quantity = Math.min(asked.get(lineId) ?? 0, units);
    if (quantity > 0) {
      const { currency, minor } = shareOfUnits(price, BigInt(total), BigInt(before), BigInt(quantity));
      shares.set(lineId, { currency, minor: minor.toString() });
    }
    before += units;
  }
  return shares;
}

/** What was paid for so many units of lines; undefined where it is what was paid for the lines themselves. */
export function worthOf(lines: readonly Line[], units: readonly Units[]): Money | undefined {
  const parts = units.flatMap(({ lineId, quantity }) => {
    const line = lines.find((one) => one.lineId === lineId);
    if (!line?.worth) return [];
    const whole = { currency: line.worth.currency, minor: BigInt(line.worth.minor) };
    return [shareOfUnits(whole, BigInt(line.quantity), 0n, BigInt(Math.min(quantity, line.quantity)))];
  });
  const [first] = parts;
  return first && sum(parts, first.currency);
}
