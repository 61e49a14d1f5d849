// The rpcs of backhaul.eligibility.v1.EligibilityService that give and read decisions: check, one verb, reply.
import type { Decision } from "#gen/backhaul/eligibility/v1/decision.js";
import { EligibilityServiceService } from "#gen/backhaul/eligibility/v1/eligibility_service.js";
import { mayReach } from "#kit/access.js";
import { byRequest } from "#kit/aggregate.js";
import type { Call } from "#kit/call.js";
import type { Clock } from "#kit/clock.js";
import { newId } from "#kit/ids.js";
import { DomainError } from "#kit/pure/check.js";
import type { Handlers } from "#kit/server.js";
import type { Calendars } from "../calendars.js";
import { checkEvidence, decide } from "../core/decide.js";
import { checkOffered } from "../core/offered.js";
import type { Asked, Order } from "../core/order.js";
import type { Inquiry } from "../inquiry.js";
import { forCustomers, toAsked, toDecision } from "../proto.js";
import { noteOf } from "../shadow.js";
import type { InForce, Shelf } from "../shelf.js";
import type { Store } from "../store.js";

export type RpcParts = {
  readonly store: Store;
  readonly shelf: Shelf;
  readonly calendars: Calendars;
  readonly inquiry: Inquiry;
  readonly clock: Clock;
};

const isCustomer = ({ caller }: Call) => caller.role === "CUSTOMER" || caller.role === "GUEST";

export function decisionRpc({
  store,
  shelf,
  calendars,
  inquiry,
  clock,
}: RpcParts): Omit<Handlers<typeof EligibilityServiceService>, "overrideDecision" | "recountWindows"> {
  async function judged(order: Order, asked: Asked, { policy, entry, shadow }: InForce, decisionId = "") {
    const calendar = await calendars.of(order.market, policy.document.civil);
    const now = clock.now();
    const judgement = decide(policy, calendar, order, asked, now);
    const decision = toDecision(order, judgement, { policy: entry, calendar: calendar.version, now }, decisionId);
    return { decision, seen: judgement.seen, noted: () => noteOf(shadow, calendar, decision, judgement.seen) };
  }

  /** Customers do not see what is for staff alone. */
  const visible = (call: Call, decision: Decision) => ({
    decision: isCustomer(call) ? forCustomers(decision) : decision,
  });

  return {
    async checkEligibility(request, call) {
      const asked = toAsked(request);
      const { orderId, kind } = request;
      const { order, bookVersion } = await inquiry.factsOf({ orderId, kind, asked }, false, call);
      const policy = await shelf.inForce(order.market, order.orderTime, bookVersion);
      if (isCustomer(call)) checkOffered(policy.policy, asked);
      return visible(call, (await judged(order, asked, policy)).decision);
    },

    async decideEligibility(request, call) {
      const answer = (decision: Decision) => visible(call, decision);
      const spend = byRequest(EligibilityServiceService.decideEligibility, request, call, answer);
      const asked = toAsked(request);
      const decisionId = newId("dec");
      let freshness: "kept" | "read" = "kept";
      try {
        const { orderId, kind } = request;
        const { order } = await inquiry.factsOf({ orderId, kind, asked }, true, call);
        const prepareBy = async (book: "kept" | "read") => {
          const policy = await shelf.inForce(order.market, order.orderTime, book);
          if (isCustomer(call)) {
            checkOffered(policy.policy, asked);
            checkEvidence(policy.policy, asked.lines);
          }
          const { decision, seen, noted } = await judged(order, asked, policy, decisionId);
          return { next: decision, extra: { seen, bookVersion: policy.bookVersion, shadow: noted() } };
        };
        const prepare = async () => {
          const book = freshness;
          freshness = "read"; // prepared again only when the book has changed meanwhile
          try {
            return await prepareBy(book);
          } catch (error) {
            // A book of before may not know the market, or the reason: a refusal is never an old one's.
            if (book === "read" || !(error instanceof DomainError)) throw error;
            return prepareBy("read");
          }
        };
        return await store.createDecision(spend, prepare, (prepared) => prepared);
      } catch (error) {
        // Whether it was decided before is asked only now: nearly always it was not, and the commit finds out by itself.
        const before = await store.recallDecision(spend);
        if (before) return before;
        throw error;
      }
    },

    async getDecision({ decisionId }, call) {
      const [decision, overriddenBy] = await Promise.all([
        store.findDecision(decisionId),
        store.overriddenBy(decisionId),
      ]);
      if (mayReach(call.caller, decision)) return { ...visible(call, decision), overriddenBy };
      throw new DomainError("DECISION_NOT_FOUND", `no decision ${decisionId}`, { decision_id: decisionId });
    },
  };
}
