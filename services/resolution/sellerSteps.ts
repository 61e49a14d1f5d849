// What is done about sellers' cases when it is due: they are asked, reminded, and their silence taken for what the policy
// says; the desk is called to what they dispute.
import type { NotificationServiceService } from "#gen/backhaul/partner/notification/v1/notification_service.js";
import type { Agenda, StepHandler } from "#kit/agenda.js";
import { byFact, byStep } from "#kit/aggregate.js";
import type { ClientOf } from "#kit/client.js";
import { newId } from "#kit/ids.js";
import { raised } from "./core/advance.js";
import { ask, remind, type SellerOutcome, silent } from "./core/sellerCase.js";
import type { Outcome, Resolution } from "./core/types.js";
import type { SellerParts } from "./sellerRpc.js";

export type SellerStepParts = SellerParts & {
  readonly notification: ClientOf<typeof NotificationServiceService>;
  readonly agenda: Agenda;
};

/** Each seller of goods in a request that goes on is asked about their own, once: who had some in it before was asked then. */
export function askingSellers(outcome: Outcome, now: Date, before?: Resolution): Outcome {
  const { state } = outcome.next;
  if (state !== "OPEN" && state !== "PENDING_REVIEW") return outcome;
  const asked = new Set(sellersOf(before));
  const sellers = new Set(sellersOf(outcome.next).filter((id) => !asked.has(id)));
  const steps = [...sellers].map((sellerId) => ({ step: "seller.ask", due: now, payload: { sellerId } }));
  return { ...outcome, steps: [...outcome.steps, ...steps] };
}

function sellersOf(r: Resolution | undefined): string[] {
  return (r?.terms.goods ?? []).map(({ sellerId }) => sellerId).filter((id) => id !== "");
}

export function sellerSteps(parts: SellerStepParts): Readonly<Record<string, StepHandler>> {
  const { sellers, store, calendars, termsOf, clock, notification, agenda } = parts;
  const finished = async (step: Parameters<StepHandler["run"]>[0]) => agenda.finish(step);
  const sceneOf = async (market: string) => {
    return { now: clock.now(), calendar: await calendars.load(market), terms: termsOf(market) };
  };
  const due = (decide: (...of: Parameters<typeof silent>) => SellerOutcome): StepHandler => ({
    run: async (step) => {
      const { market } = await sellers.find(step.aggregateId);
      const scene = await sceneOf(market);
      await sellers.change(step.aggregateId, byStep(step), (one) => decide(one, scene));
    },
    giveUp: finished,
  });

  return {
    "seller.ask": {
      run: async (step) => {
        const { resolutionId, orderId, customerId, market } = await store.find(step.aggregateId);
        const { sellerId } = step.payload;
        // Their goods were taken out of it and put in again.
        const before = await sellers.list(
          { sellerId, resolutionId, state: "", market: "" },
          { pageSize: 1, pageToken: "" },
        );
        if (before.rows.length > 0) return agenda.finish(step);
        const asked = { sellerCaseId: newId("sca"), resolutionId, orderId, customerId, sellerId, market };
        await sellers.create(byStep(step), ask(asked, await sceneOf(market)));
      },
      giveUp: finished,
    },
    "seller.remind": due((one, { now }) => remind(one, now)),
    "seller.silent": due(silent),
    "seller.tell": {
      run: async (step, call) => {
        const { sellerCaseId, sellerId, resolutionId } = await sellers.find(step.aggregateId);
        const values = { seller_case_id: sellerCaseId };
        const { template } = step.payload;
        // How and in which words sellers are told is the notification system's.
        const unworded = { channel: "", language: "", subject: "", body: "" };
        const told = { requestId: step.id, customerId: `seller:${sellerId}`, resolutionId, template, values };
        await notification.sendNotification({ ...told, ...unworded }, call);
        agenda.finish(step);
      },
      giveUp: finished,
    },
    "seller.desk": {
      run: async (step) => {
        const { resolutionId, reason } = step.payload;
        const { market } = await store.find(resolutionId);
        const scene = {
          actor: { subject: "resolution", role: "SERVICE" },
          now: clock.now(),
          calendar: await calendars.load(market),
        };
        // The step may be done again: the person is called once.
        const once = byFact<Resolution>("resolution", `seller:${step.id}`);
        await store.change(resolutionId, once, (r) => raised(r, scene, "seller", reason));
        agenda.finish(step);
      },
      giveUp: finished,
    },
  };
}
