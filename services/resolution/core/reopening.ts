// Staff take up again what had ended before anything moved: the customer changed their mind, or it was ended by mistake.
import { check } from "#kit/pure/check.js";
import type { Scene } from "./advance.js";
import type { Context } from "./context2.js";
import { hasReceived } from "./difference.js";
import { afresh } from "./machine.js";
import type { Outcome, Resolution } from "./types.js";
import { verb } from "./verbs.js";

/**
 * WITHDRAWN, AUTO_WITHDRAWN, CANCELED → OPEN, or to its review if it was never granted. The decision stands as it was
 * given; the units must still be free.
 * @throws DomainError RESOLUTION_STATE also where money, a replacement or the goods have moved
 */
export function takeUp(r: Resolution, reason: string, scene: Scene): Outcome {
  const { refundedEarly, sentOut, paid, comesBack } = r.chart.context as Partial<Context>;
  const moved =
    hasReceived(r) || r.refunded !== undefined || r.refundId !== "" || refundedEarly || sentOut || paid || comesBack;
  check(moved !== true, "RESOLUTION_STATE", `money or goods of ${r.resolutionId} have moved: ask for it anew`, {
    resolution_id: r.resolutionId,
    state: r.state,
    verb: "takeUp",
  });
  const granted = r.tracks !== undefined;
  const fresh: Resolution = { ...r, chart: afresh(r.chart, r.kind, r.terms), exchange: undefined, stockHoldId: "" };
  return verb(fresh, { type: "TAKE_UP", granted }, "takeUp", scene, { name: "Reopened", text: reason });
}
