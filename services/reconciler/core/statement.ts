// One tender against the statement lines under its key.
import type { Money } from "#kit/pure/money.js";
import { day, isPast, said } from "./patience.js";
import type { Finding, OurTender, Patience, StatementLine } from "./types.js";

/** What goes back over these is on the provider's statement; points, store credit and what a person paid are not. */
const stated: ReadonlySet<string> = new Set(["ORIGINAL", "BANK_TRANSFER"]);
/** Asked for, outcome unknown: a payment on the statement is what we hope for. */
const underWay: ReadonlySet<string> = new Set(["REQUESTED", "PENDING"]);
const unpaid: ReadonlySet<string> = new Set([...underWay, "GRANTED", "FAILED", "MANUAL_REQUIRED", "REVERSED"]);

/** Payments and what came back of them. */
export function sides(lines: readonly StatementLine[]) {
  const reversals = lines.filter(({ kind }) => kind === "REVERSAL");
  const payments = lines.filter(({ kind }) => kind !== "REVERSAL");
  return { payments, reversals, net: payments.length - reversals.length };
}

/** Whether our books say that the provider paid it. */
export function isPaidByProvider({ state, route }: OurTender): boolean {
  return state === "SUCCEEDED" && stated.has(route);
}

/** MISSING, DOUBLE, WRONG_AMOUNT, WRONG_CURRENCY, ORPHAN or REVERSED; of these at most one. */
export function againstStatement(
  tender: OurTender,
  refundId: string,
  lines: readonly StatementLine[],
  { now, missingAfterMs }: Patience,
): Finding | undefined {
  const { amount: ours, providerKey, state, settleTime } = tender;
  const { payments, reversals, net } = sides(lines);
  const find = (kind: Finding["kind"], theirs: Money | undefined, text: string): Finding => {
    return { kind, reference: providerKey, refundId, ours, theirs, text };
  };
  const isNews = (time: Date | undefined) => !isPast(time, missingAfterMs, now);
  const total = totalOf(lines);

  if (net > 1) return find("DOUBLE", total, `the provider paid ${net} times under one key, ${said(total)} in all`);
  if (!isPaidByProvider(tender)) {
    if (net < 1 || underWay.has(state)) return undefined;
    if (state === "SUCCEEDED")
      return find("DOUBLE", total, `paid another way, ${tender.route}, and by the provider as well`);
    if (isNews(lastTime(payments))) return undefined;
    if (state === "REVERSED")
      return find("MISSING", total, "our books say that it came back; the statement has no reversal");
    return find("ORPHAN", total, `the provider paid it; our books say ${state}`);
  }
  if (lines.length === 0) {
    if (isNews(settleTime)) return undefined;
    return find("MISSING", undefined, `booked as paid on ${day(settleTime)}; the statement does not have it`);
  }
  if (net < 1) {
    if (isNews(lastTime(reversals))) return undefined;
    return find("REVERSED", total, `came back on ${day(lastTime(reversals))}; our books say it is paid`);
  }
  const foreign = payments.find(({ amount }) => amount && amount.currency !== ours.currency)?.amount;
  if (foreign)
    return find("WRONG_CURRENCY", foreign, `the provider paid ${said(foreign)} where we booked ${said(ours)}`);
  if (total?.minor !== ours.minor)
    return find("WRONG_AMOUNT", total, `the provider paid ${said(total)} where we booked ${said(ours)}`);
  return undefined;
}

/** LATE: nobody has paid it, and nothing is known that it waits for. */
export function lateness(
  tender: OurTender,
  { refundId, createTime }: { readonly refundId: string; readonly createTime: Date | undefined },
  lastJournal: Date | undefined,
  { now, lateAfterMs }: Patience,
): Finding | undefined {
  const { state, amount: ours, providerKey } = tender;
  const since = state === "REVERSED" ? lastJournal : (tender.requestTime ?? createTime);
  if (!unpaid.has(state) || !isPast(since, lateAfterMs, now)) return undefined;
  const text = `${said(ours)} has been ${state} since ${day(since)}`;
  return { kind: "LATE", reference: providerKey, refundId, ours, theirs: undefined, text };
}

/** Payments less reversals; undefined if they are not all readable and of one currency. */
function totalOf(lines: readonly StatementLine[]): Money | undefined {
  const currency = lines[0]?.amount?.currency;
  if (currency === undefined || lines.some(({ amount }) => amount?.currency !== currency)) return undefined;
  const minor = lines.reduce((sum, { kind, amount }) => {
    const signed = amount?.minor ?? 0n;
    return kind === "REVERSAL" ? sum - signed : sum + signed;
  }, 0n);
  return { minor, currency };
}

function lastTime(lines: readonly StatementLine[]): Date | undefined {
  return lines.reduce<Date | undefined>((last, { bookTime }) => {
    return bookTime && (!last || bookTime > last) ? bookTime : last;
  }, undefined);
}
