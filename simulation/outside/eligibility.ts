// Who decides what may come back, and on which terms: any that a policy could give, drawn per request. The policies
// themselves have proofs of their own.
import {
  CollectionMethod,
  Decision,
  ExchangeMode,
  RefundTrigger,
  Verdict,
} from "#gen/backhaul/eligibility/v1/decision.js";
import type {
  DecideEligibilityRequest,
  EligibilityServiceService,
} from "#gen/backhaul/eligibility/v1/eligibility_service.js";
import { Fault, Kind } from "#gen/backhaul/type/v1/kind.js";
import { newId } from "#kit/ids.js";
import { check } from "#kit/pure/check.js";
import { fromProto, toProto } from "#kit/pure/money.js";
import type { Chance } from "../../prove/chance.js";
import type { World } from "../world/types.js";
import { openKeyed } from "./keyed.js";
import type { OrderBook } from "./orders.js";
import { some } from "./some.js";

const triggers = [
  RefundTrigger.REFUND_TRIGGER_ON_APPROVAL,
  RefundTrigger.REFUND_TRIGGER_ON_PICKUP_SCAN,
  RefundTrigger.REFUND_TRIGGER_ON_RECEIPT,
  RefundTrigger.REFUND_TRIGGER_ON_INSPECTION,
  RefundTrigger.REFUND_TRIGGER_ON_DEADLINE,
];
const methods = [
  CollectionMethod.COLLECTION_METHOD_PICKUP_CONTACTLESS,
  CollectionMethod.COLLECTION_METHOD_PICKUP_IN_PERSON,
  CollectionMethod.COLLECTION_METHOD_DROP_OFF_CVS,
  CollectionMethod.COLLECTION_METHOD_CUSTOMER_SHIPS,
];
const modes = [
  ExchangeMode.EXCHANGE_MODE_STANDARD,
  ExchangeMode.EXCHANGE_MODE_CROSS_SHIP,
  ExchangeMode.EXCHANGE_MODE_ADVANCE,
];
const clocks = { GB: [14, false], KR: [3, true], TW: [15, false] } as const;

export function openEligibility(world: World, { orders }: OrderBook) {
  const keyed = openKeyed();

  function decide({ requestId, orderId, kind, lines }: DecideEligibilityRequest): Decision {
    const chance = world.schedule.chance(`decision/${requestId}`);
    const order = orders.get(orderId);
    check(order !== undefined, "ORDER_NOT_FOUND", `no order ${orderId}`, { order_id: orderId });
    const drawn = chance.below(100);
    const verdict = drawn < 80 ? "ACCEPT" : drawn < 93 ? "REVIEW" : "DECLINE";
    const { customerId, market, currencyCode, orderTime } = order;
    return Decision.fromPartial({
      decisionId: newId("dec"),
      ...{ orderId, customerId, market, currencyCode, kind, orderTime },
      verdict: Verdict[`VERDICT_${verdict}`],
      lines: lines.map(({ lineId, quantity, reason }) => ({
        ...{ lineId, quantity, reason, verdict: Verdict[`VERDICT_${verdict}`], ruleId: "rule", text: "so it is" },
        fault: chance.pick([Fault.FAULT_CUSTOMER, Fault.FAULT_SELLER, Fault.FAULT_PLATFORM, Fault.FAULT_LOGISTICS]),
      })),
      facts: lines.map(({ lineId }) => {
        const line = order.lines.find((one) => one.lineId === lineId);
        return { lineId, sku: line?.sku, title: "goods", purchased: line?.quantity, category: "general" };
      }),
      terms: termsOf(kind, market as keyof typeof clocks, feesOf(order, chance), chance),
      policyId: "policy",
      policyVersion: 1,
      createTime: new Date(world.schedule.now()),
    });
  }

  const contract = some<typeof EligibilityServiceService>({
    decideEligibility: async (request) => keyed(request.requestId, request, () => ({ decision: decide(request) })),
  });
  return { contract };
}

/** Now and then what bringing it back costs. */
function feesOf({ lines }: { lines: { paid?: Parameters<typeof fromProto>[0] | undefined }[] }, chance: Chance) {
  const paid = lines[0]?.paid && fromProto(lines[0].paid);
  if (!paid || !chance.percent(30)) return [];
  const amount = toProto({ ...paid, minor: (paid.minor / 1_000n) * 100n });
  return [{ code: "RETURN_SHIPPING", ruleId: "rule", amount }];
}

function termsOf(kind: Kind, market: keyof typeof clocks, fees: object[], chance: Chance) {
  const [days, businessDays] = clocks[market];
  const clock = { days, businessDays, article: "the law" };
  const cancels = kind === Kind.KIND_CANCELLATION;
  const replacement = kind === Kind.KIND_EXCHANGE || (kind === Kind.KIND_CLAIM && chance.percent(40));
  const refundTrigger = cancels ? RefundTrigger.REFUND_TRIGGER_ON_APPROVAL : chance.pick(triggers);
  return {
    refundTrigger,
    collectionRequired: !cancels && chance.percent(kind === Kind.KIND_CLAIM ? 60 : 92),
    collectionMethods: [chance.pick(methods)],
    inspectionRequired: chance.percent(80),
    exchangeMode: replacement ? chance.pick(modes) : ExchangeMode.EXCHANGE_MODE_UNSPECIFIED,
    exchangeGuarantee: replacement && chance.percent(30),
    replacement,
    fees,
    handoverDays: chance.between(7, 14),
    reminderDays: [3, 1],
    // A market that lets none end by itself pays nobody before their goods are here.
    autoWithdrawal: refundTrigger !== RefundTrigger.REFUND_TRIGGER_ON_INSPECTION || replacement || chance.percent(70),
    maxPickupAttempts: chance.between(2, 4),
    refundClock: clock,
    collectionClock: market === "TW" ? { days: 15, article: "the law" } : undefined,
    deductionCauses: chance.percent(40) ? ["USED"] : [],
    guaranteeClock: chance.percent(20) ? { days: 10, article: "our promise" } : undefined,
  };
}
