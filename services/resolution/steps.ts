// What a resolution still has to do: calls to the other services and to partners, and deadlines to act on. Each call goes
// out under the request id it was decided with, so making it again is harmless; its answer is committed with the step.

import {
  type CollectionServiceService,
  ScheduleCollectionRequest,
} from "#gen/backhaul/collection/v1/collection_service.js";
import { Decision } from "#gen/backhaul/eligibility/v1/decision.js";
import type { EligibilityServiceService } from "#gen/backhaul/eligibility/v1/eligibility_service.js";
import { InspectionState } from "#gen/backhaul/inspection/v1/inspection.js";
import type { InspectionServiceService } from "#gen/backhaul/inspection/v1/inspection_service.js";
import type { InventoryServiceService } from "#gen/backhaul/partner/inventory/v1/inventory_service.js";
import type { NotificationServiceService } from "#gen/backhaul/partner/notification/v1/notification_service.js";
import type { PaymentServiceService } from "#gen/backhaul/partner/payment/v1/payment_service.js";
import type { ShipmentServiceService } from "#gen/backhaul/partner/shipment/v1/shipment_service.js";
import type { RefundServiceService } from "#gen/backhaul/refund/v1/refund_service.js";
import { Kind } from "#gen/backhaul/type/v1/kind.js";
import type { Agenda, StepHandler } from "#kit/agenda.js";
import { byStep } from "#kit/aggregate.js";
import type { Call } from "#kit/call.js";
import type { ClientOf } from "#kit/client.js";
import type { Clock } from "#kit/clock.js";
import type { LeasedStep } from "#kit/commit.js";
import { toProto } from "#kit/pure/money.js";
import type { Calendars } from "./calendars.js";
import type { Scene } from "./core/advance.js";
import { refundsShipping } from "./core/calls.js";
import * as core from "./core/resolution.js";
import type { Outcome, Resolution } from "./core/types.js";
import { toExpectationTerms } from "./expectationProto.js";
import { letGo, setAside, takeShare } from "./guarantees.js";
import { couldHandOver } from "./handoverDays.js";
import { faults, freeze, toFinding, toTerms, verdicts, verdictText } from "./proto.js";
import { demandBack, demandNow, holdsOn, holdsStock } from "./replacement.js";
import { stopAnswer, turnsRound } from "./stopping.js";
import type { Store } from "./store.js";

export type StepParts = {
  readonly store: Store;
  readonly calendars: Calendars;
  readonly clock: Clock;
  readonly agenda: Agenda;
  readonly eligibility: ClientOf<typeof EligibilityServiceService>;
  readonly collection: ClientOf<typeof CollectionServiceService>;
  readonly inspection: ClientOf<typeof InspectionServiceService>;
  readonly refund: ClientOf<typeof RefundServiceService>;
  readonly shipment: ClientOf<typeof ShipmentServiceService>;
  readonly inventory: ClientOf<typeof InventoryServiceService>;
  readonly notification: ClientOf<typeof NotificationServiceService>;
  readonly payment: ClientOf<typeof PaymentServiceService>;
};

type Decide = (resolution: Resolution, scene: Scene) => Outcome;

export function resolutionSteps(parts: StepParts): Readonly<Record<string, StepHandler>> {
  const { store, calendars, clock, agenda } = parts;

  function settle(step: LeasedStep, decide: Decide): Promise<Resolution> {
    return calendars.within(() =>
      store.change(step.aggregateId, byStep(step), (resolution) =>
        decide(resolution, {
          actor: { subject: "resolution", role: "SERVICE" },
          now: clock.now(),
          calendar: calendars.get(resolution.market),
        }),
      ),
    );
  }

  /** A call: made, then its answer committed. One whose answer changes nothing here returns nothing. */
  // biome-ignore lint/suspicious/noExplicitAny: the payload as core/calls.ts wrote it
  function call(make: (payload: any, call: Call) => Promise<Decide | undefined>): StepHandler {
    return {
      run: async (step, context) => {
        const decide = await make(step.payload, context);
        if (decide) await settle(step, decide);
        else agenda.finish(step);
      },
      giveUp: async (step, error) => {
        await settle(step, (r, scene) => core.gaveUp(r, step.step, step.payload, error.message, scene));
      },
    };
  }

  /** A deadline: acted on where the resolution stands. */
  function deadline(decide: Decide): StepHandler {
    return {
      run: async (step) => {
        await settle(step, decide);
      },
      giveUp: async (step, error) => {
        await settle(step, (r, scene) => core.gaveUp(r, step.step, step.payload, error.message, scene));
      },
    };
  }

  const setAsideAnew = call(async (payload, context) => {
    const given = await setAside(parts, payload, context);
    if ("refused" in given) return (r, scene) => core.guaranteeLapses(r, given.refused, scene);
    return (r, scene) => core.guaranteeRenewed(r, given, scene);
  });

  return {
    "shipment.stop": call(async (payload, context) => {
      const { outcome } = await parts.shipment.stopRelease(payload, context);
      return stopAnswer(outcome, { orderId: payload.orderId, stopRequestId: payload.requestId, asked: 0 });
    }),

    "shipment.findStop": call(async ({ orderId, stopRequestId, asked }: core.AskedStop, context) => {
      const { outcome } = await parts.shipment.findStop({ orderId, stopRequestId }, context);
      return stopAnswer(outcome, { orderId, stopRequestId, asked });
    }),

    "shipment.intercept": call(async (payload, context) =>
      (await turnsRound(parts, payload, context)) ? core.intercepted : core.interceptRefused,
    ),

    "eligibility.decide": call(async ({ requestId, orderId, lines }, context) => {
      const request = { requestId, orderId, kind: Kind.KIND_RETURN, lines: lines.map(withDefaults) };
      const { decision } = await parts.eligibility.decideEligibility(request, context);
      const judged = decision ?? Decision.fromPartial({});
      const bytes = freeze(judged);
      const terms = toTerms(judged, { method: 0, slotId: "" });
      const verdict = verdicts.word(judged.verdict) ?? "REVIEW";
      return (r, scene) => core.judgedAsReturn(r, verdict, verdictText(judged), terms, bytes, scene);
    }),

    "collection.schedule": call(async ({ neededTime, ...payload }, context) => {
      const { collection } = await parts.collection.scheduleCollection(
        ScheduleCollectionRequest.fromPartial({ ...payload, neededTime: neededTime && new Date(neededTime) }),
        context,
      );
      return (r, scene) => core.collectionBegun(r, collection?.collectionId ?? "", scene);
    }),

    "inspection.expect": call(async (payload, context) => {
      const expected = { ...payload, terms: toExpectationTerms(payload.terms) };
      const { inspection } = await parts.inspection.expectReceipt(expected, context);
      const id = inspection?.inspectionId ?? "";
      // Taken up again after the goods had come: what was found then is no news to the inspection, but it is to us.
      if (inspection?.state === InspectionState.INSPECTION_STATE_INSPECTED) {
        return (r, scene) => core.inspected(r, inspection.findings.flatMap(toFinding), scene, id);
      }
      if (inspection?.state === InspectionState.INSPECTION_STATE_REGISTERED) {
        return (r, scene) => core.received(r, id, scene);
      }
      return (r, scene) => core.receiptExpected(r, id, scene);
    }),

    // Other units than the dock was told of: it no longer expects those, then it expects these.
    "inspection.replace": call(async ({ requestId, inspectionId, ...receipt }, context) => {
      await parts.inspection.cancelReceipt({ requestId: `${requestId}.cancel`, inspectionId }, context);
      const expected = { requestId, ...receipt, terms: toExpectationTerms(receipt.terms) };
      const { inspection } = await parts.inspection.expectReceipt(expected, context);
      return (r, scene) => core.receiptExpected(r, inspection?.inspectionId ?? "", scene);
    }),

    "inspection.terms": {
      run: async (step, context) => {
        const { terms, ...receipt } = step.payload;
        await parts.inspection.expectReceipt({ ...receipt, terms: toExpectationTerms(terms) }, context);
        agenda.finish(step);
      },
      // The dock's list is in another order then; nothing else hangs on it.
      giveUp: async (step) => {
        agenda.finish(step);
      },
    },

    "stock.hold": call((payload, context) => holdsStock(parts, payload, context)),

    "stock.renew": call((payload, context) => holdsOn(parts, payload, context)),

    "payment.request": call(async ({ requestId, customerId, orderId, currency, minor, payBy }, context) => {
      const expireTime = new Date(payBy);
      const asked = { minor: BigInt(minor), currency };
      const demand = { requestId, customerId, orderId, amount: toProto(asked), expireTime };
      const { demandId, url } = await parts.payment.requestPayment(demand, context);
      return (r, scene) => core.demanded(r, { demandId, demandUrl: url, payBy: expireTime, asked }, scene);
    }),

    "payment.check": call((payload, context) => demandNow(parts, clock, payload, context)),

    "payment.cancel": call((payload, context) => demandBack(parts, payload, context)),

    "payment.authorize": call(async (payload, context) => {
      const given = await setAside(parts, payload, context);
      if ("refused" in given) return (r, scene) => core.guaranteeRefused(r, given.refused, scene);
      return (r, scene) => core.guaranteeSet(r, given, scene);
    }),

    "payment.reauthorize": {
      ...setAsideAnew,
      run: async (step, context) => {
        // Nobody is asked for what is no longer wanted; on a later try an answer may have been lost, and what it was is
        // asked for once more.
        const wanted = step.attempt > 1 || core.isRenewable(await store.find(step.aggregateId));
        if (wanted) await setAsideAnew.run(step, context);
        else agenda.finish(step);
      },
    },

    "payment.capture": call((payload, context) => takeShare(parts, payload, context)),

    "payment.void": call((payload, context) => letGo(parts, payload, context)),

    "stock.release": call(async ({ requestId, holdId }, context) => {
      await parts.inventory.releaseStock({ requestId, holdId }, context);
      return undefined;
    }),

    "shipment.replace": call(async ({ requestId, orderId, holdId }, context) => {
      await parts.shipment.shipReplacement({ requestId, orderId, holdId }, context);
      return core.reshipped;
    }),

    "refund.issue": call(async ({ fees, promised, fault, due, deductions = [], ...payload }, context) => {
      const { refund } = await parts.refund.issueRefund(
        {
          refundShipping: refundsShipping,
          ...payload,
          fees: fees.map(toFee),
          deductions: deductions.map(toDeduction),
          returned: [],
          promised: promised.map((line: object) => ({ ...line, reason: "" })),
          fault: faults.value(fault),
          dueTime: due && new Date(due.time),
          dueArticle: due?.article ?? "",
        },
        context,
      );
      return (r, scene) => core.refundGranted(r, refund?.refundId ?? "", scene);
    }),

    "refund.return": call(async ({ fault, returned, ...payload }, context) => {
      await parts.refund.issueRefund(
        {
          ...payload,
          fees: [],
          deductions: [],
          returned: returned.map(toDeduction),
          refundShipping: refundsShipping,
          promised: [],
          fault: faults.value(fault),
          dueTime: undefined,
          dueArticle: "",
        },
        context,
      );
      return undefined;
    }),

    "refund.recover": call(async (payload, context) => {
      await parts.refund.recoverRefund({ ...payload, reason: "the goods did not come back as promised" }, context);
      return undefined;
    }),

    "refund.settleRecovery": call(async (payload, context) => {
      await parts.refund.settleRecovery(payload, context);
      return undefined;
    }),

    "collection.cancel": call(async (payload, context) => {
      await parts.collection.cancelCollection(payload, context);
      return undefined;
    }),

    "inspection.cancel": call(async (payload, context) => {
      await parts.inspection.cancelReceipt(payload, context);
      return undefined;
    }),

    notify: call(async (payload, context) => {
      await send(parts, payload, payload.template, {}, context);
      return undefined;
    }),

    reminder: {
      run: async (step, context) => {
        const { days } = step.payload;
        // Under the step's own id: the reminder of a hand-over that began anew is another one.
        await send(
          parts,
          { ...step.payload, requestId: step.id },
          "handover-reminder",
          { days: String(days) },
          context,
        );
        await settle(step, (r, scene) => core.reminded(r, days, scene));
      },
      giveUp: async (step) => {
        agenda.finish(step);
      },
    },

    handover: deadline(core.handoverDue),
    "handover-day": {
      // A day is what it was when it passed, however late it is counted.
      run: async (step, context) => {
        const { state, collectionId } = await store.find(step.aggregateId);
        const usable = state === "OPEN" && (await couldHandOver(parts.collection, collectionId, context));
        await settle(step, (r, scene) => core.handoverDay(r, usable, { ...scene, now: step.due }));
      },
      // Where nobody can be asked, nobody can hand over either.
      giveUp: async (step) => {
        await settle(step, (r, scene) => core.handoverDay(r, false, { ...scene, now: step.due }));
      },
    },
    "desk-hold": deadline((r, scene) => core.holdEnded(r, "time", scene)),
    stalled: deadline(core.stalledDue),
    "guaranteed-refund": deadline(core.guaranteeDue),
    "statutory-refund": deadline((r, scene) => core.statutoryDue(r, "statutory-refund", scene)),
    "statutory-collection": deadline((r, scene) => core.statutoryDue(r, "statutory-collection", scene)),
  };
}

type Told = { readonly requestId?: string; readonly customerId: string; readonly resolutionId: string };

async function send(
  { notification }: StepParts,
  { requestId, customerId, resolutionId }: Told,
  template: string,
  values: Record<string, string>,
  context: Call,
): Promise<void> {
  const id = requestId ?? `${resolutionId}.${template}`;
  const unworded = { channel: "", language: "", subject: "", body: "" };
  const told = { requestId: id, customerId, resolutionId, template, values };
  await notification.sendNotification({ ...told, ...unworded }, context);
}

function withDefaults(line: { lineId: string; quantity: number; reason: string; note: string }) {
  return { ...line, opened: false, replacementSku: "" };
}

type Deducted = { lineId: string; cause: string; note: string; currency: string; minor: string };

function toDeduction({ currency, minor, ...deduction }: Deducted) {
  return { ...deduction, amount: toProto({ minor: BigInt(minor), currency }) };
}

function toFee({ code, ruleId, currency, minor }: { code: string; ruleId: string; currency: string; minor: string }) {
  return { code, ruleId, amount: toProto({ minor: BigInt(minor), currency }) };
}
