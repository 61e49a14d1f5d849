// Cancellations that the customer did not ask for: a seller has none left, a price was wrong, nobody paid.
import { Verdict } from "#gen/backhaul/eligibility/v1/decision.js";
import type { EligibilityServiceService } from "#gen/backhaul/eligibility/v1/eligibility_service.js";
import type { OrderServiceService } from "#gen/backhaul/partner/order/v1/order_service.js";
import type {
  CancelOrderLinesRequest,
  CancelOrderLinesResponse,
} from "#gen/backhaul/resolution/v1/resolution_service.js";
import { ResolutionServiceService } from "#gen/backhaul/resolution/v1/resolution_service.js";
import { Kind } from "#gen/backhaul/type/v1/kind.js";
import { byRequest } from "#kit/aggregate.js";
import type { Call } from "#kit/call.js";
import type { ClientOf } from "#kit/client.js";
import { newId } from "#kit/ids.js";
import { check } from "#kit/pure/check.js";
import { checkSells, isCaptured, soldOrder } from "./beginning.js";
import type { Scene } from "./core/advance.js";
import * as core from "./core/resolution.js";
import type { Resolution } from "./core/types.js";
import { decided } from "./onBehalf.js";
import { cancelCodes, freeze, toLines, toResolution, toTerms } from "./proto.js";
import type { Store } from "./store.js";

export type CancelParts = {
  readonly store: Store;
  readonly orders: ClientOf<typeof OrderServiceService>;
  readonly eligibility: ClientOf<typeof EligibilityServiceService>;
  readonly sceneOf: (market: string, call: Call) => Promise<Scene>;
};

export function cancelsLines({ store, orders, eligibility, sceneOf }: CancelParts) {
  return async (request: CancelOrderLinesRequest, call: Call): Promise<CancelOrderLinesResponse> => {
    const { requestId, orderId, lines, note } = request;
    const code = cancelCodes.word(request.code) ?? "OUT_OF_STOCK";
    const { role } = call.caller;
    const answer = (r: Resolution): CancelOrderLinesResponse => ({ resolution: toResolution(r, role) });
    const spend = byRequest(ResolutionServiceService.cancelOrderLines, request, call, answer);
    const judged = await store.orRecall(spend, async () => {
      const order = await soldOrder(orders, orderId, call);
      checkSells(
        call.caller,
        order,
        lines.map(({ lineId }) => lineId),
      );
      // Each code is a leaf of every market's reason tree, by the same word.
      const wanted = { requestId, orderId, kind: Kind.KIND_CANCELLATION, reason: code, lines };
      return { order, decision: await decided(eligibility, wanted, call) };
    });
    if ("recalled" in judged) return judged.recalled;
    const { order, decision } = judged;
    // The customer's window is not asked for; the one bar is that the goods are with them.
    const delivered = decision.verdict === Verdict.VERDICT_DECLINE;
    check(!delivered, "ALREADY_DELIVERED", `goods of ${orderId} are with the customer: ask for a return`, {
      order_id: orderId,
    });
    const asked: core.Requested = {
      resolutionId: newId("res"),
      orderId,
      customerId: order.customerId,
      market: order.market,
      kind: "CANCELLATION",
      channel: role === "SELLER" ? "API" : "SYSTEM",
      verdict: "ACCEPT",
      verdictText: core.cancelText(code, note),
      lines: toLines(decision, []),
      terms: core.canceledBy(code, toTerms(decision, { method: 0, slotId: "" })),
      decision: freeze(decision),
      staffDecisionId: "",
      origin: { cancelCode: code },
      begun: { captured: isCaptured(order), gift: false, comesBack: false, onUnpaid: "REFUND" },
    };
    const scene = await sceneOf(order.market, call);
    return store.create(spend, () => core.withNotice(core.request(asked, scene), "order-lines-canceled", scene));
  };
}
