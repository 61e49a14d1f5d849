// What a request would get, before anybody asks for it: the units that are free, the policy's answer for them, the money.
import type { Decision } from "#gen/backhaul/eligibility/v1/decision.js";
import type { EligibilityServiceService, RequestedLine } from "#gen/backhaul/eligibility/v1/eligibility_service.js";
import type { Quote } from "#gen/backhaul/refund/v1/refund.js";
import type { RefundServiceService } from "#gen/backhaul/refund/v1/refund_service.js";
import type {
  PreviewResolutionRequest,
  PreviewResolutionResponse,
  UnavailableUnits,
} from "#gen/backhaul/resolution/v1/resolution_service.js";
import { type Caller, mayReach } from "#kit/access.js";
import { asService, type Call } from "#kit/call.js";
import type { ClientOf } from "#kit/client.js";
import { refundsShipping } from "./core/calls.js";
import type { Store } from "./store.js";

export type PreviewParts = {
  readonly store: Store;
  readonly eligibility: ClientOf<typeof EligibilityServiceService>;
  readonly refund: ClientOf<typeof RefundServiceService>;
};

/** How many of a line's units the order has, and how many of them are taken. */
type Stock = { readonly purchased: number; readonly held: number };

export function previews({ store, eligibility, refund }: PreviewParts) {
  async function quoteOf({ quote, terms }: Decision, call: Call): Promise<Quote | undefined> {
    if (!quote || terms?.replacement) return undefined;
    const { orderId, lines, fees } = quote;
    const asked = { orderId, lines, fees, refundShipping: refundsShipping };
    return (await refund.quoteRefund(asked, asService("resolution", call))).quote;
  }

  return async ({ orderId, kind, lines }: PreviewResolutionRequest, call: Call): Promise<PreviewResolutionResponse> => {
    // Asked for all units first: whose order it is, and how many were bought, is for the eligibility service to say.
    const { decision: whole } = await eligibility.checkEligibility({ orderId, kind, lines }, call);
    const held = await store.heldUnits(orderId);
    const stock = new Map(
      (whole?.facts ?? []).map(({ lineId, purchased }) => [lineId, { purchased, held: held.get(lineId) ?? 0 }]),
    );
    const { free, taken } = divided(lines, stock);
    const unavailable = taken.length > 0 ? await named(store, orderId, taken, call.caller) : [];
    let decision = whole;
    if (taken.length > 0) {
      decision =
        free.length > 0
          ? (await eligibility.checkEligibility({ orderId, kind, lines: free }, call)).decision
          : undefined;
    }
    return { decision, unavailable, quote: decision && (await quoteOf(decision, call)) };
  };
}

/** The asked units that are free, and those that are not. */
function divided(lines: readonly RequestedLine[], stock: ReadonlyMap<string, Stock>) {
  const left = new Map([...stock].map(([lineId, { purchased, held }]) => [lineId, purchased - held]));
  const free: RequestedLine[] = [];
  const taken: { lineId: string; quantity: number }[] = [];
  for (const line of lines) {
    const quantity = Math.min(line.quantity, left.get(line.lineId) ?? line.quantity);
    left.set(line.lineId, (left.get(line.lineId) ?? quantity) - quantity);
    if (quantity > 0) free.push({ ...line, quantity });
    if (quantity < line.quantity) taken.push({ lineId: line.lineId, quantity: line.quantity - quantity });
  }
  return { free, taken };
}

/** The requests in which they are: of the order's newest, which is where somebody looks first. */
async function named(
  store: Store,
  orderId: string,
  taken: readonly { lineId: string; quantity: number }[],
  caller: Caller,
): Promise<UnavailableUnits[]> {
  const { rows } = await store.list({ orderId }, { pageSize: 100, pageToken: "" });
  // A gift that its receiver gave back has no name for its buyer.
  const seen = rows.filter((resolution) => mayReach(caller, resolution));
  const holding = seen.filter(({ state }) => state === "PENDING_REVIEW" || state === "OPEN" || state === "CLOSED");
  return taken.map(({ lineId, quantity }) => ({
    lineId,
    quantity,
    resolutionIds: holding
      .filter(({ lines }) => lines.some((line) => line.lineId === lineId))
      .map((r) => r.resolutionId),
  }));
}
