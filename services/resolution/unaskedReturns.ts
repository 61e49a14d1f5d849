// Shipments that come back without being asked for: their units join what is open about them, and the rest becomes a
// resolution by itself.
import { Verdict } from "#gen/backhaul/eligibility/v1/decision.js";
import type { EligibilityServiceService } from "#gen/backhaul/eligibility/v1/eligibility_service.js";
import type { OrderServiceService } from "#gen/backhaul/partner/order/v1/order_service.js";
import {
  type Shipment,
  type ShipmentServiceService,
  ShipmentState,
} from "#gen/backhaul/partner/shipment/v1/shipment_service.js";
import {
  type ReportUnaskedReturnRequest,
  type ReportUnaskedReturnResponse,
  ResolutionServiceService,
} from "#gen/backhaul/resolution/v1/resolution_service.js";
import { Kind } from "#gen/backhaul/type/v1/kind.js";
import { isInMarket } from "#kit/access.js";
import { byFact, byRequest } from "#kit/aggregate.js";
import { asService, type Call } from "#kit/call.js";
import type { ClientOf } from "#kit/client.js";
import { newId } from "#kit/ids.js";
import { check, DomainError } from "#kit/pure/check.js";
import { isCaptured, soldOrder } from "./beginning.js";
import type { Scene } from "./core/advance.js";
import { divided, type Units } from "./core/comingBack.js";
import * as core from "./core/resolution.js";
import type { Resolution, UnaskedReason } from "./core/types.js";
import { decided } from "./onBehalf.js";
import { freeze, toLines, toResolution, toTerms, unaskedReasons } from "./proto.js";
import { askingSellers } from "./sellerSteps.js";
import type { Store } from "./store.js";

export type UnaskedParts = {
  readonly store: Store;
  readonly orders: ClientOf<typeof OrderServiceService>;
  readonly shipments: ClientOf<typeof ShipmentServiceService>;
  readonly eligibility: ClientOf<typeof EligibilityServiceService>;
  readonly sceneOf: (market: string, call: Call) => Promise<Scene>;
};

type Answer = ReportUnaskedReturnResponse;

/** A report that begins a resolution of its own spends its request id. */
function spendOf(request: ReportUnaskedReturnRequest, call: Call) {
  const answer = (r: Resolution): Answer => ({ resolution: toResolution(r, call.caller.role), joined: false });
  return byRequest(ResolutionServiceService.reportUnaskedReturn, request, call, answer);
}

export function unaskedReturns({ store, orders, shipments, eligibility, sceneOf }: UnaskedParts) {
  /** @throws DomainError SHIPMENT_NOT_FOUND */
  async function shipmentOf(orderId: string, shipmentId: string, call: Call): Promise<Shipment> {
    const known = await shipments.listShipments({ orderId }, asService("resolution", call));
    const shipment = known.shipments.find((one) => one.shipmentId === shipmentId);
    if (!shipment) throw noShipment(orderId, shipmentId);
    return shipment;
  }

  /**
   * A carrier reports what it carries itself. What others carry is not there for it, nor who ordered what.
   * @throws DomainError SHIPMENT_NOT_FOUND
   */
  async function checkCarries({ orderId, shipmentId }: ReportUnaskedReturnRequest, call: Call): Promise<void> {
    const { caller } = call;
    if (caller.role !== "CARRIER") return;
    try {
      const { carrier } = await shipmentOf(orderId, shipmentId, call);
      const { market } = await soldOrder(orders, orderId, call);
      if (carrier === caller.subject && isInMarket(caller, market)) return;
    } catch (error) {
      const { reason } = error as { reason?: string };
      if (reason !== "ORDER_NOT_FOUND" && reason !== "SHIPMENT_NOT_FOUND") throw error;
    }
    throw noShipment(orderId, shipmentId);
  }

  /** What is in the shipment. @throws DomainError SHIPMENT_NOT_FOUND, ALREADY_DELIVERED */
  async function contentOf(orderId: string, shipmentId: string, call: Call): Promise<readonly Units[]> {
    const shipment = await shipmentOf(orderId, shipmentId, call);
    const delivered = shipment.state === ShipmentState.SHIPMENT_STATE_DELIVERED;
    check(!delivered, "ALREADY_DELIVERED", `${shipmentId} is with the customer: ask for a return`, {
      order_id: orderId,
    });
    return shipment.lines;
  }

  async function begin(
    request: ReportUnaskedReturnRequest,
    reason: UnaskedReason,
    units: readonly Units[],
    call: Call,
  ): Promise<Answer> {
    const { requestId, orderId, shipmentId } = request;
    const spend = spendOf(request, call);
    const judged = await store.orRecall(spend, async () => {
      // Each is a leaf of every market's reason tree, by the same word.
      const wanted = { requestId, orderId, kind: Kind.KIND_RETURN, reason, lines: units };
      return {
        order: await soldOrder(orders, orderId, call),
        decision: await decided(eligibility, wanted, call),
      };
    });
    if ("recalled" in judged) return judged.recalled;
    const { order, decision } = judged;
    const granted = decision.verdict === Verdict.VERDICT_ACCEPT;
    const asked: core.Requested = {
      resolutionId: newId("res"),
      orderId,
      customerId: order.customerId,
      market: order.market,
      kind: "RETURN",
      channel: "SYSTEM",
      // The goods come, whatever the policy says of a customer who asks: then a person says what becomes of the money.
      verdict: granted ? "ACCEPT" : "REVIEW",
      verdictText: core.unaskedText(reason),
      lines: toLines(granted ? decision : { ...decision, verdict: Verdict.VERDICT_DECLINE }, []),
      terms: toTerms(decision, { method: 0, slotId: "" }),
      decision: freeze(decision),
      staffDecisionId: "",
      origin: { unaskedReason: reason, shipmentId },
      begun: { captured: isCaptured(order), gift: false, comesBack: true, onUnpaid: "REFUND" },
    };
    const scene = await sceneOf(order.market, call);
    return store.create(spend, () =>
      askingSellers(core.withNotice(core.request(asked, scene), "unasked-return", scene), scene.now),
    );
  }

  async function report(request: ReportUnaskedReturnRequest, call: Call): Promise<Answer> {
    const { orderId, shipmentId } = request;
    const reason = unaskedReasons.word(request.reason) ?? "RETURN_TO_SENDER";
    const all = await store.ofOrder(orderId);
    const before = all.find(({ origin }) => origin.shipmentId === shipmentId);
    // The same report again gets its first answer, another one of the same shipment joins what that began.
    if (before)
      return (
        (await store.recall(spendOf(request, call))) ?? {
          resolution: toResolution(before, call.caller.role),
          joined: true,
        }
      );
    const content = await contentOf(orderId, shipmentId, call);
    const { joins, rest } = divided(content, all, await store.heldUnits(orderId));
    const joined: Resolution[] = [];
    for (const { resolution, whole } of joins) {
      const { resolutionId, market } = resolution;
      const scene = await sceneOf(market, call);
      // A report that comes twice joins once.
      const spend = byFact<Resolution>("resolution", `unasked:${orderId}:${shipmentId}:${resolutionId}`);
      const change = store.change(resolutionId, spend, (r) => core.comesBack(r, reason, whole, scene));
      joined.push((await change) ?? resolution);
    }
    if (rest.length > 0) return begin(request, reason, rest, call);
    return { resolution: joined[0] && toResolution(joined[0], call.caller.role), joined: true };
  }

  return async (request: ReportUnaskedReturnRequest, call: Call): Promise<Answer> => {
    await checkCarries(request, call);
    try {
      return await report(request, call);
    } catch (error) {
      // Somebody else reported the same shipment a moment ago: now it is there to be found.
      if (error instanceof DomainError && error.reason === "CONTENTION") return report(request, call);
      throw error;
    }
  };
}

function noShipment(orderId: string, shipmentId: string): DomainError {
  return new DomainError("SHIPMENT_NOT_FOUND", `order ${orderId} has no shipment ${shipmentId}`, {
    order_id: orderId,
    shipment_id: shipmentId,
  });
}
