/**
 * Reckons what the mesh must refuse whatever its policy: more units than an order line has and has not given back yet.
 * The matcher's kinds cannot say it alone. They suppose every earlier request was accepted; where policy declined one,
 * its units are still there, and a later over line may rightly be accepted.
 */
import type { ReplayRequest } from "./match.js";

export interface Ledger {
  /**
   * True when some line asks for more than is left on it: always for unknown lines, and never for matched ones while
   * no over line was accepted.
   */
  mustRefuse(request: Pick<ReplayRequest, "lines">): boolean;
  /** Books what the mesh accepted. Call it once per accepted request, in the order of the answers. */
  accept(request: Pick<ReplayRequest, "lines">): void;
  /** Units accepted so far on all lines. */
  units(): number;
}

export function newLedger(): Ledger {
  const accepted = new Map<string, number>();
  let units = 0;
  return {
    mustRefuse: ({ lines }) =>
      lines.some(({ lineId, quantity, bought }) => quantity > bought - (accepted.get(lineId) ?? 0)),
    accept({ lines }) {
      for (const { lineId, quantity } of lines) {
        accepted.set(lineId, (accepted.get(lineId) ?? 0) + quantity);
        units += quantity;
      }
    },
    units: () => units,
  };
}
