/**
 * Holds what the mesh did against the record, and the mesh's list of refunds against the provider's own book. Reads
 * before and after a replay; the verdicts go into the report.
 */
import { type JsonRefund, type JsonResolution, penceOf } from "./answers.js";
import { isEnd, type PlayResult } from "./play.js";
import { type Prices, reckon, waitsFor } from "./reckon.js";
import type { Check } from "./report.js";
import type { Rest } from "./rest.js";
import type { Books, Sandbox } from "./sandbox.js";
import { together } from "./together.js";

/** What stood in the books before. */
export interface Before {
  books: Books;
  refundIds: ReadonlySet<string>;
}

const atOnce = 16;
const pageSize = 100;

export async function lookBefore(sandbox: Sandbox, rest: Rest, token: string): Promise<Before> {
  const [books, refunds] = await Promise.all([sandbox.books(), listRefunds(rest, token)]);
  return { books, refundIds: new Set(refunds.map(({ refundId }) => refundId)) };
}

/** Every refund the mesh knows. */
async function listRefunds(rest: Rest, token: string): Promise<JsonRefund[]> {
  const refunds: JsonRefund[] = [];
  for (let page = ""; ; ) {
    const path = `/v1/refunds?pageSize=${pageSize}&pageToken=${encodeURIComponent(page)}`;
    const answer = await rest.get<{ refunds: JsonRefund[]; nextPageToken: string }>(path, token);
    if (!answer.ok) throw new Error(`the refunds cannot be listed: ${answer.reason} ${answer.detail}`);
    refunds.push(...answer.body.refunds);
    page = answer.body.nextPageToken;
    if (page === "") return refunds;
  }
}

export interface Findings {
  checks: Check[];
  /** Of the replay's own requests. */
  refundedMinor: bigint;
  feesMinor: bigint;
  refundedUnits: number;
  /** How the accepted requests stand: "closed", or what they wait for. */
  ends: Record<string, number>;
}

export async function audit(
  { played, ends }: PlayResult,
  prices: Prices,
  before: Before,
  { sandbox, rest, token }: { sandbox: Sandbox; rest: Rest; token: string },
): Promise<Findings> {
  const [books, refunds] = await Promise.all([sandbox.books(), listRefunds(rest, token)]);
  const resolutions = [...ends.values()];
  const orderIds = [...new Set(resolutions.map(({ orderId }) => orderId))];
  const provider = new Map(
    await together(orderIds, atOnce, async (id) => [id, await sandbox.refundedFor(id)] as const),
  );
  const reckoned = new Map(resolutions.map((each) => [each.resolutionId, reckon(each, prices)]));
  const all = [...reckoned.values()];
  return {
    checks: [
      answeredCheck(played),
      impossibleCheck(played),
      unitsCheck(resolutions, prices),
      reckonedCheck(resolutions, refunds, reckoned),
      bookCheck(orderIds, refunds, provider),
      differenceCheck(before, books, refunds),
      endsCheck(resolutions),
    ],
    refundedMinor: all.reduce((sum, { refundMinor }) => sum + refundMinor, 0n),
    feesMinor: all.reduce((sum, { feesMinor }) => sum + feesMinor, 0n),
    refundedUnits: all.reduce((sum, { units }) => sum + units, 0),
    ends: count(resolutions.map((each) => endOf(each))),
  };
}

function answeredCheck(played: PlayResult["played"]): Check {
  const none = played.flatMap(({ request, answer }) =>
    answer.kind === "none" ? [`${request.requestId}: ${answer.problem}`] : [],
  );
  return verdict("every request was answered", none, `${played.length} requests`);
}

/** What the mesh may say of units that are not there. */
const impossibleReasons = ["ORDER_NOT_FOUND", "LINE_NOT_IN_ORDER", "UNITS_EXCEED_PURCHASED", "UNITS_UNAVAILABLE"];

/** The policy may decline what could be given back; only what could not may be refused as impossible. */
function impossibleCheck(played: PlayResult["played"]): Check {
  const wrong = played.flatMap(({ request, answer, impossible }) => {
    if (impossible && answer.kind === "accepted")
      return [`${request.requestId} was accepted, of units that were not there`];
    if (answer.kind !== "refused") return [];
    if (!impossible) return [`${request.requestId} was refused (${answer.reason}), though the units are there`];
    if (!impossibleReasons.includes(answer.reason))
      return [`${request.requestId} was refused for another cause: ${answer.reason}`];
    return [];
  });
  const count = played.filter(({ impossible }) => impossible).length;
  return verdict("what is impossible was refused, and nothing else", wrong, `${count} impossible requests`);
}

function unitsCheck(resolutions: readonly JsonResolution[], prices: Prices): Check {
  const back = new Map<string, number>();
  for (const { lineId, accepted } of resolutions.flatMap(({ lines }) => lines)) {
    back.set(lineId, (back.get(lineId) ?? 0) + accepted);
  }
  const wrong = [...back].flatMap(([lineId, units]) => {
    const bought = prices.get(lineId)?.bought ?? 0;
    return units > bought ? [`${lineId}: ${units} taken back of ${bought} bought`] : [];
  });
  return verdict("no unit was given back twice", wrong, `${back.size} order lines, none over what was bought`);
}

function reckonedCheck(
  resolutions: readonly JsonResolution[],
  refunds: readonly JsonRefund[],
  reckoned: ReadonlyMap<string, { refundMinor: bigint }>,
): Check {
  const listed = sumBy(refunds, ({ resolutionId }) => resolutionId);
  const wrong = resolutions.flatMap(({ resolutionId, orderId }) => {
    const [is, shall] = [listed.get(resolutionId) ?? 0n, reckoned.get(resolutionId)?.refundMinor ?? 0n];
    return is === shall ? [] : [`${resolutionId} of order ${orderId}: ${gbp(is)} refunded, ${gbp(shall)} reckoned`];
  });
  const total = resolutions.reduce((sum, { resolutionId }) => sum + (listed.get(resolutionId) ?? 0n), 0n);
  return verdict("each refund is accepted units × price paid, less fees", wrong, `${gbp(total)} in all, to the penny`);
}

function bookCheck(
  orderIds: readonly string[],
  refunds: readonly JsonRefund[],
  provider: ReadonlyMap<string, bigint>,
): Check {
  const listed = sumBy(refunds, ({ orderId }) => orderId);
  const wrong = orderIds.flatMap((orderId) => {
    const [book, list] = [provider.get(orderId) ?? 0n, listed.get(orderId) ?? 0n];
    return book === list ? [] : [`order ${orderId}: ${gbp(book)} in the provider's book, ${gbp(list)} in ours`];
  });
  return verdict("the provider's own book agrees, order by order", wrong, `${orderIds.length} orders`);
}

function differenceCheck(before: Before, after: Books, refunds: readonly JsonRefund[]): Check {
  const fresh = refunds.filter(({ refundId }) => !before.refundIds.has(refundId));
  const list = [...sumBy(fresh, () => "").values()].reduce((sum, minor) => sum + minor, 0n);
  const book = after.refundedMinor - before.books.refundedMinor;
  const wrong = book === list ? [] : [`${gbp(book)} left the provider meanwhile, ${gbp(list)} by our list`];
  if (after.overRefunded > 0) wrong.push(`${after.overRefunded} payments were refunded beyond what was captured`);
  return verdict(
    "the provider paid that and nothing else",
    wrong,
    `${gbp(book)} meanwhile; no payment refunded beyond what was captured`,
  );
}

function endsCheck(resolutions: readonly JsonResolution[]): Check {
  const lost = resolutions.filter((each) => !isEnd(each.state) && waitsFor(each) === undefined);
  const wrong = lost.map(
    ({ resolutionId, goods, money }) => `${resolutionId} is open (${goods}, ${money}) and waits for nothing`,
  );
  return verdict("every accepted request is closed, or says what it waits for", wrong, "");
}

function endOf(resolution: JsonResolution): string {
  const { state } = resolution;
  if (isEnd(state)) return state.replace("RESOLUTION_STATE_", "").toLowerCase().replaceAll("_", " ");
  return `waits for ${waitsFor(resolution) ?? "nothing"}`;
}

/** Only money that has left counts. */
function sumBy(refunds: readonly JsonRefund[], key: (refund: JsonRefund) => string): Map<string, bigint> {
  const sums = new Map<string, bigint>();
  for (const refund of refunds) {
    if (refund.state !== "REFUND_STATE_SUCCEEDED" || refund.quote.amount.currencyCode !== "GBP") continue;
    sums.set(key(refund), (sums.get(key(refund)) ?? 0n) + penceOf(refund.quote.amount));
  }
  return sums;
}

const shown = 5;

function verdict(name: string, wrong: readonly string[], right: string): Check {
  if (wrong.length === 0) return { name, ok: true, detail: right };
  const more = wrong.length > shown ? `; and ${wrong.length - shown} more` : "";
  return { name, ok: false, detail: wrong.slice(0, shown).join("; ") + more };
}

function count(words: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}

function gbp(minor: bigint): string {
  const pence = minor < 0n ? -minor : minor;
  return `${minor < 0n ? "-" : ""}£${(pence / 100n).toLocaleString("en-GB")}.${`${pence % 100n}`.padStart(2, "0")}`;
}
