// What must hold of requests and goods, told from the cores' rows and from what really happened outside: tables of states
// are kept to, units are in one request at a time, versions leave no gap, nothing waits silently, what was stopped never
// also comes back, what is set aside goes out or goes back.

import { AuthorizationState } from "#gen/backhaul/partner/payment/v1/payment_service.js";
import { StopOutcome } from "#gen/backhaul/partner/shipment/v1/shipment_service.js";
import { edgesOfChart, wayOf } from "../../prove/walks/chart.js";
import { edgeOf, edgesOf } from "../../prove/walks/ledger.js";
import { type CollectionState, collectionMoves } from "../../services/collection/core/types.js";
import { type InspectionState, inspectionMoves } from "../../services/inspection/core/types.js";
import type { Row } from "../database/table.js";
import type { Dues } from "../outside/quiet.js";
import type { Stock } from "../outside/stock.js";
import type { World } from "../world/types.js";

/** The tables that rows move in, by the table they are stored in. */
export const edgesOfTable: Readonly<Record<string, readonly string[]>> = {
  resolution: edgesOfChart("resolution/2"),
  collection: edgesOf<CollectionState>(collectionMoves),
  inspection: edgesOf<InspectionState>(inspectionMoves),
};
const allowed = new Map(Object.entries(edgesOfTable).map(([table, edges]) => [table, new Set(edges)]));
const tracks = ["goods", "money", "stock"] as const;
/** A request whose units are spoken for. */
const open: ReadonlySet<string> = new Set(["OPEN", "PENDING_REVIEW"]);
/** Nothing comes after these. */
const last: ReadonlySet<string> = new Set(["CLOSED", "DECLINED"]);

export type Gone = (table: string, edge: string) => void;

/** Told with every row as it is committed. */
export function watchMoves(world: World, table: string, row: Row, before: Row | undefined, gone: Gone): void {
  const id = Object.values(row)[0];
  if (before && !follows(row, before)) world.broken(`${id}: version ${before.version}, then ${row.version}`);
  if (!allowed.has(table)) return;
  const go = (edge: string) => {
    gone(table, edge);
    if (!allowed.get(table)?.has(edge)) world.broken(`${id} went ${edge}, which is not in its table`);
  };
  if (table !== "resolution") {
    if (before && before.state !== row.state) go(edgeOf(before.state, row.state));
    return;
  }
  if (before && last.has(before.state) && row.state !== before.state)
    world.broken(`${id} was ${before.state}, and is ${row.state}`);
  for (const [from, to] of wholeWay(before?.state ?? "REQUESTED", row.state)) go(edgeOf(from, to));
  if (row.goods === null) return;
  for (const track of tracks) {
    const [from, to] = [before?.[track] ?? "DECIDING", row[track]];
    const way = from === to ? [] : wayOf("resolution/2", track, from, to);
    for (let at = 1; at < way.length; at++) go(edgeOf(`${track} ${way[at - 1]}`, `${track} ${way[at]}`));
  }
}

/** The next version; or the same, where nothing but a token was spent. */
function follows(row: Row, before: Row): boolean {
  if (row.version === before.version + 1) return true;
  const said = (of: Row) => JSON.stringify(of, (_, value) => (typeof value === "bigint" ? `${value}` : value));
  return row.version === before.version && said(row) === said(before);
}

/** One commit may open a request and close it. */
function wholeWay(from: string, to: string): [string, string][] {
  if (from === to) return [];
  const direct = edgesOfTable.resolution?.includes(edgeOf(from, to));
  return direct || from === "OPEN"
    ? [[from, to]]
    : [
        [from, "OPEN"],
        ["OPEN", to],
      ];
}

/** Told with every resolution: no unit is in two requests, and whoever waits, waits for something. */
export function watchUnits(world: World, resolution: Row): void {
  const schema = world.schemas.resolution;
  if (!schema) return;
  const { resolutionId, orderId, state, hold } = resolution;
  const units = new Map<string, { asked: number; purchased: number }>();
  for (const other of schema.table("resolution").where((row) => row.orderId === orderId && open.has(row.state))) {
    for (const { lineId, quantity, purchased } of other.lines as Row[]) {
      const asked = (units.get(lineId)?.asked ?? 0) + quantity;
      units.set(lineId, { asked, purchased });
      if (asked > purchased)
        world.broken(`${orderId}: ${asked} units of ${lineId} are asked for, ${purchased} were bought`);
    }
  }
  const waits = schema.agenda.where(({ aggregateId }) => aggregateId === resolutionId).length;
  if (open.has(state) && !hold && waits === 0) world.broken(`${resolutionId} waits for nothing`);
}

/** Told with every inspection: each expected unit was found to be something. */
export function watchFindings(world: World, { inspectionId, state, expected, findings }: Row): void {
  if (state !== "INSPECTED") return;
  const sum = (rows: Row[], lineId: string) =>
    rows.filter((row) => row.lineId === lineId).reduce((all, { quantity }) => all + quantity, 0);
  for (const { lineId } of expected as Row[]) {
    const [wanted, found] = [sum(expected, lineId), sum(findings, lineId)];
    if (wanted !== found) world.broken(`${inspectionId}: ${wanted} of ${lineId} expected, ${found} judged`);
  }
}

/** Told at the end, when nothing is left to do. */
export function settledGoods(world: World, stock: Stock, dues: Dues): void {
  const { resolution: schema, refund: money } = world.schemas;
  if (!schema || !money) return;
  for (const row of schema.table("resolution").rows.values()) {
    const { resolutionId, orderId, state, goods, money: track, refundId, entries, hold } = row;
    const at = `${state} ${goods} ${track} ${row.stock}`;
    if (open.has(state)) world.broken(`${resolutionId} never ended: ${at} (${hold?.reason ?? "nobody is called"})`);
    const written = schema.table("timeline").where((entry) => entry.resolutionId === resolutionId).length;
    if (written !== entries) world.broken(`${resolutionId} tells ${entries} entries, has ${written}`);
    const stopped = [...stock.stops].some(
      ([id, how]) => id.startsWith(resolutionId) && how === StopOutcome.STOP_OUTCOME_STOPPED,
    );
    if (goods === "STOPPED" && !stopped) world.broken(`${resolutionId} is STOPPED, and nobody stopped it`);
    if (stopped && (row.collectionId !== "" || row.inspectionId !== ""))
      world.broken(`${resolutionId} was stopped, and collected`);
    const refunds = money
      .table("refund")
      .where((one) => one.resolutionId === resolutionId && one.origin === "RESOLUTION");
    if (refunds.length > 1) world.broken(`${resolutionId} was refunded ${refunds.length} times`);
    if (refunds.some((one) => one.refundId !== refundId)) world.broken(`${resolutionId} does not know its refund`);
    if (refunds.length > 0 && !refundedAsAccepted(row, refunds[0] as Row)) {
      world.broken(`${resolutionId} of ${orderId} (${at}): refunded other units than were accepted`);
    }
    if (refunds.length > 0 && !chargedAsTold(row, refunds[0] as Row))
      world.broken(`${resolutionId}: other fees are kept than were told`);
  }
  for (const { orderId, lineId, held } of schema.table("order_line").rows.values()) {
    const spoken = schema.table("resolution").where((row) => row.orderId === orderId);
    const wanted = spoken.reduce((all, row) => all + keptUnits(row, lineId), 0);
    if (held !== wanted) world.broken(`${orderId}: ${held} units of ${lineId} are held, ${wanted} should be`);
  }
  for (const [holdId, { released, sent }] of stock.holds) {
    if (!released && sent === 0) world.broken(`${holdId} is still set aside`);
  }
  for (const [id, { state }] of dues.authorizations) {
    if (state === AuthorizationState.AUTHORIZATION_STATE_AUTHORIZED) world.broken(`${id} is still set aside`);
  }
}

/**
 * Units that stay with a request: all while it is open, or if they were paid for before anybody looked; when it is closed,
 * those that did not go back to the customer.
 */
function keptUnits({ state, lines, chart }: Row, lineId: string): number {
  const of = (lines as Row[]).filter((line) => line.lineId === lineId);
  if (open.has(state) || (state === "CLOSED" && chart.context.refundedEarly))
    return of.reduce((all, { quantity }) => all + quantity, 0);
  return state === "CLOSED" ? of.reduce((all, { quantity, rejected }) => all + quantity - rejected, 0) : 0;
}

/** The fees of the decision, or all there was to keep; or the price of a replacement that went out. */
function chargedAsTold({ terms }: Row, { quote }: Row): boolean {
  const sum = (fees: Row[]) => fees.reduce((all, { amount }) => all + BigInt(amount.minor), 0n);
  const replaced = quote.fees.some(({ code }: Row) => code === "REPLACEMENT_PRICE");
  return sum(quote.fees) === sum(terms.fees) || BigInt(quote.amount.minor) === 0n || replaced;
}

/** What is paid for is what was accepted; earlier than that it is all that was asked for. */
function refundedAsAccepted({ lines }: Row, { quote }: Row): boolean {
  return (lines as Row[]).every(({ lineId, quantity, accepted }) => {
    const refunded = (quote.items as Row[])
      .filter((item) => item.lineId === lineId)
      .reduce((all, item) => all + item.quantity, 0);
    return refunded === accepted || refunded === quantity;
  });
}
