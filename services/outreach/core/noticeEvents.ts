// What customers are told of, and what can be said about it.
import type { Resolution } from "#gen/backhaul/resolution/v1/resolution.js";
import type { Progress } from "#gen/backhaul/resolution/v1/resolution_events.js";

/** Of every event. */
const common = ["order", "items"] as const;
/** Of some: how many units were rejected or are missing, the reason in the words of who declined. */
const more = {
  requested: [],
  approved: [],
  declined: ["reason"],
  "pickup-booked": ["window"],
  "pickup-missed": [],
  "pickup-done": [],
  received: [],
  "inspected-deduction": ["rejected", "missing"],
  "refund-sent": [],
  "refund-failed": [],
  "refund-completed": ["amount"],
  "refund-account": [],
  "exchange-shipped": [],
  "handover-reminder": ["days", "hand_over_by"],
  "auto-withdrawn": [],
  withdrawn: [],
  cancelled: [],
  "order-lines-canceled": [],
  "unasked-return": [],
} as const;

export type NoticeEvent = keyof typeof more;
export const noticeEvents = Object.keys(more) as NoticeEvent[];

/** What rights hang on does not wait for the morning. */
const legal: ReadonlySet<string> = new Set<NoticeEvent>(["handover-reminder", "auto-withdrawn", "declined"]);

export function isNoticeEvent(name: string): name is NoticeEvent {
  return Object.hasOwn(more, name);
}

/** What a template of the event may name. */
export function placeholdersOf(event: NoticeEvent): ReadonlySet<string> {
  return new Set([...common, ...more[event]]);
}

/** Whether it is sent in quiet hours, too. */
export function isLegal(event: NoticeEvent): boolean {
  return legal.has(event);
}

/** A notice to send: the event, and the entry of the history that it is about. */
export type Due = { readonly event: NoticeEvent; readonly sequence: number };

const openState = 3;
const reviewState = 2;
const declinedState = 4;
const refunding = 3;

const byName: Readonly<Record<string, NoticeEvent>> = {
  Approved: "approved",
  Declined: "declined",
  PickupAttemptFailed: "pickup-missed",
  ParcelPickedUp: "pickup-done",
  ParcelReceived: "received",
  InspectionCompleted: "inspected-deduction",
  RefundFailed: "refund-failed",
  RefundSucceeded: "refund-completed",
  GiftRefunded: "refund-completed",
  PaidByHand: "refund-completed",
  ReplacementShipped: "exchange-shipped",
  Withdrawn: "withdrawn",
  Canceled: "cancelled",
};

/**
 * What the entries of a history tell the customer. Reminders, withdrawals by themselves and what the shop begins are told
 * by the resolution, which counts on it.
 * @param money where it was before them
 */
export function noticesOf(entries: readonly Progress[], after: number, money: number): Due[] {
  const due: Due[] = [];
  let before = money;
  for (const entry of entries) {
    const sequence = Number(entry.sequence);
    if (sequence <= after) continue;
    if (entry.applied) {
      const event = eventOf(entry);
      if (event) due.push({ event, sequence });
      if (entry.money === refunding && before !== refunding) due.push({ event: "refund-sent", sequence });
    }
    before = entry.money;
  }
  return due;
}

function eventOf({ name, state }: Progress): NoticeEvent | undefined {
  if (name === "Requested") {
    return state === reviewState
      ? "requested"
      : state === declinedState
        ? "declined"
        : state >= openState
          ? "approved"
          : undefined;
  }
  if (name === "ReturnDeclined") return state === declinedState ? "declined" : undefined;
  return byName[name];
}

/** Whether there is anything to tell: a good inspection is no news, and what the shop began was told when it began. */
export function isNews(event: NoticeEvent, { lines, cancelCode, unaskedReason }: Resolution): boolean {
  if (event === "inspected-deduction") return lines.some(({ rejected, missing }) => rejected + missing > 0);
  if (event === "approved" || event === "requested") return cancelCode === 0 && unaskedReason === 0;
  return true;
}
