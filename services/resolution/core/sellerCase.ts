// What one seller is asked about their own lines of one request. They have so many working days; the customer's request
// does not wait for them. A core of its own: nothing of it moves a track.
import { businessDaysAfter, type Calendar } from "#kit/pure/calendar.js";
import { check } from "#kit/pure/check.js";
import type { Money } from "#kit/pure/money.js";

export type SellerCaseState = "ASKED" | "PAUSED" | "ACCEPTED" | "DISPUTED" | "PROPOSED" | "ESCALATED" | "SETTLED";
export type SellerAnswer = "ACCEPT" | "DISPUTE" | "PROPOSE_PARTIAL" | "PROPOSE_KEEP_IT";
export type PauseReason = "CARRIER_DELAY" | "SYSTEM_OUTAGE" | "AWAITING_INSPECTION";

/** A market's rule, by its own calendar. */
export type SellerTerms = {
  readonly market: string;
  /** Working days to answer in; the day of asking is none of them. */
  readonly answerDays: number;
  /** So many working days before the end a reminder goes out. */
  readonly reminderDaysBefore: readonly number[];
  /** What silence is taken for: agreement, or a matter for the desk. */
  readonly onSilence: "ACCEPT" | "ESCALATE";
};

export type SellerCase = {
  readonly sellerCaseId: string;
  readonly resolutionId: string;
  readonly orderId: string;
  /** Whose resolution it is: with their key the words are read. No seller learns it. */
  readonly customerId: string;
  readonly sellerId: string;
  readonly market: string;
  readonly state: SellerCaseState;
  readonly createTime: Date;
  /** Undefined while the clock is stopped, and once it is over. */
  readonly dueTime: Date | undefined;
  readonly daysLeft: number;
  readonly pauseReason: PauseReason | "";
  readonly answer: SellerAnswer | "";
  readonly statement: string;
  readonly evidence: readonly string[];
  readonly offer: Money | undefined;
  /** "SELLER_ANSWERED", "SELLER_SILENT", or the desk's words. */
  readonly decidedReason: string;
  readonly decideTime: Date | undefined;
  readonly version: number;
};

/** What a seller says. */
export type Said = Pick<SellerCase, "statement" | "evidence" | "offer"> & { readonly answer: SellerAnswer };

export type SellerScene = { readonly now: Date; readonly calendar: Calendar; readonly terms: SellerTerms };
export type SellerStep = { readonly step: string; readonly due: Date; readonly payload: object };

/** A case as it becomes, and what is to do about it. */
export type SellerOutcome = {
  readonly next: SellerCase;
  readonly steps: readonly SellerStep[];
  readonly dropped: readonly string[];
};

const clockSteps = ["seller.remind", "seller.silent"];

type Asked = Pick<SellerCase, "sellerCaseId" | "resolutionId" | "orderId" | "customerId" | "sellerId" | "market">;

/** The seller is asked, and told so. */
export function ask(asked: Asked, scene: SellerScene): SellerOutcome {
  const opened: SellerCase = {
    ...asked,
    state: "ASKED",
    createTime: scene.now,
    dueTime: undefined,
    daysLeft: 0,
    pauseReason: "",
    answer: "",
    statement: "",
    evidence: [],
    offer: undefined,
    decidedReason: "",
    decideTime: undefined,
    version: 1,
  };
  const running = started(opened, scene.terms.answerDays, scene);
  return { ...running, steps: [...running.steps, tell("seller-asked", scene.now)] };
}

/** ASKED, PAUSED → ACCEPTED, DISPUTED, PROPOSED. @throws DomainError SELLER_CASE_STATE */
export function answer(before: SellerCase, said: Said, now: Date): SellerOutcome {
  checkOpen(before, "answer", now);
  const state = said.answer === "ACCEPT" ? "ACCEPTED" : said.answer === "DISPUTE" ? "DISPUTED" : "PROPOSED";
  const next = decided({ ...before, ...said }, state, "SELLER_ANSWERED", now);
  const looks = state === "ACCEPTED" ? [] : [raise(next, now)];
  return { next, steps: looks, dropped: clockSteps };
}

/** The time is over: what the policy takes silence for. Nothing where it was answered, or its clock was stopped. */
export function silent(before: SellerCase, { now, terms }: SellerScene): SellerOutcome {
  const over = before.state === "ASKED" && before.dueTime !== undefined && before.dueTime <= now;
  if (!over) return unchanged(before);
  const accepts = terms.onSilence === "ACCEPT";
  const next = decided(before, accepts ? "ACCEPTED" : "ESCALATED", "SELLER_SILENT", now);
  return { next, steps: [tell("seller-silent", now), ...(accepts ? [] : [raise(next, now)])], dropped: clockSteps };
}

/** A reminder is due. */
export function remind(before: SellerCase, now: Date): SellerOutcome {
  if (before.state !== "ASKED") return unchanged(before);
  return { ...unchanged(before), steps: [tell("seller-reminder", now)] };
}

/** ASKED → PAUSED. @throws DomainError SELLER_CASE_STATE */
export function pause(before: SellerCase, reason: PauseReason, { now, calendar }: SellerScene): SellerOutcome {
  checkIs(before, "ASKED", "pause");
  checkOpen(before, "pause", now);
  const daysLeft = daysUntil(before.dueTime ?? now, now, calendar);
  const next = { ...before, state: "PAUSED" as const, dueTime: undefined, daysLeft, pauseReason: reason };
  return { next: { ...next, version: before.version + 1 }, steps: [], dropped: clockSteps };
}

/** PAUSED → ASKED. @throws DomainError SELLER_CASE_STATE */
export function resume(before: SellerCase, scene: SellerScene): SellerOutcome {
  checkIs(before, "PAUSED", "resume");
  const again = { ...before, state: "ASKED" as const, pauseReason: "" as const, version: before.version + 1 };
  return started(again, before.daysLeft, scene);
}

/** DISPUTED, PROPOSED, ESCALATED → SETTLED. @throws DomainError SELLER_CASE_STATE */
export function settle(before: SellerCase, note: string, now: Date): SellerOutcome {
  const waits = before.state === "DISPUTED" || before.state === "PROPOSED" || before.state === "ESCALATED";
  check(waits, ...stateError(before, "settle"));
  return { next: decided(before, "SETTLED", note, now), steps: [], dropped: [] };
}

/** The clock runs for so many working days from now. */
function started(before: SellerCase, days: number, { now, calendar, terms }: SellerScene): SellerOutcome {
  const due = businessDaysAfter(calendar, now, days, "later").time;
  const reminders = terms.reminderDaysBefore
    .filter((before) => before < days)
    .map((before) => businessDaysAfter(calendar, now, days - before, "later").time);
  return {
    next: { ...before, dueTime: due, daysLeft: 0 },
    steps: [
      ...reminders.map((at) => ({ step: "seller.remind", due: at, payload: {} })),
      { step: "seller.silent", due, payload: {} },
    ],
    dropped: [],
  };
}

/** Working days that end at the due time: what was left when the clock stopped, in the seller's favour. */
function daysUntil(due: Date, now: Date, calendar: Calendar): number {
  let days = 0;
  while (businessDaysAfter(calendar, now, days, "later").time < due) days++;
  return days;
}

function decided(before: SellerCase, state: SellerCaseState, decidedReason: string, decideTime: Date): SellerCase {
  return { ...before, state, decidedReason, decideTime, dueTime: undefined, daysLeft: 0, version: before.version + 1 };
}

function unchanged(before: SellerCase): SellerOutcome {
  return { next: { ...before, version: before.version + 1 }, steps: [], dropped: [] };
}

function tell(template: string, due: Date): SellerStep {
  return { step: "seller.tell", due, payload: { template } };
}

function raise({ resolutionId, sellerId, state }: SellerCase, due: Date): SellerStep {
  const does = { DISPUTED: "disputes it", PROPOSED: "proposes something else" }[state as string] ?? "did not answer";
  const reason = `seller ${sellerId} ${does}: look at the seller's case, and settle it`;
  return { step: "seller.desk", due, payload: { resolutionId, reason } };
}

function checkOpen(one: SellerCase, verb: string, now: Date): void {
  const open = one.state === "PAUSED" || (one.state === "ASKED" && (one.dueTime === undefined || now < one.dueTime));
  check(open, ...stateError(one, verb));
}

function checkIs(one: SellerCase, state: SellerCaseState, verb: string): void {
  check(one.state === state, ...stateError(one, verb));
}

function stateError({ sellerCaseId, state }: SellerCase, verb: string): [string, string, Record<string, string>] {
  const metadata = { seller_case_id: sellerCaseId, state, verb };
  return ["SELLER_CASE_STATE", `${sellerCaseId} is ${state}, or its time is over: ${verb} is too late`, metadata];
}
