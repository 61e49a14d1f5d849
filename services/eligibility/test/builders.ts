// Orders and requests by name, for tests. Everything not said is the plain case: one unit of homeware, delivered.
import { readFileSync } from "node:fs";
import { type Calendar, calendarOf } from "#kit/pure/calendar.js";
import { money } from "#kit/pure/money.js";
import { decide, type Judgement } from "../core/decide.js";
import { type PolicyDocument, parseDocument } from "../core/document.js";
import { compile, type Policy } from "../core/engine.js";
import type { TableName } from "../core/facts.js";
import type { Asked, AskedLine, Line, Order, Shipment } from "../core/order.js";
import type { Kind } from "../core/words.js";

export const markets = ["GB", "KR", "TW"] as const;
export type Market = (typeof markets)[number];

const currencies = { GB: "GBP", KR: "KRW", TW: "TWD" } as const;

export const jsonOf = (market: Market) => readFileSync(new URL(`../policies/${market}.json`, import.meta.url), "utf8");
export const documentOf = (market: Market): PolicyDocument => parseDocument(jsonOf(market));

const each = <T>(make: (market: Market) => T) =>
  Object.fromEntries(markets.map((m) => [m, make(m)])) as Record<Market, T>;

export const policies: Record<Market, Policy> = each((market) => compile(documentOf(market)));
export const calendars: Record<Market, Calendar> = each((market) =>
  calendarOf(JSON.parse(readFileSync(new URL(`../../partners/calendars/${market}.json`, import.meta.url), "utf8"))),
);

/** paid in minor units. */
export function line(over: Partial<Omit<Line, "paid">> & { paid?: number } = {}, market: Market = "KR"): Line {
  const { paid = 5000, ...rest } = over;
  const lineId = over.lineId ?? "l-1";
  const plain = { sku: `sku-${lineId}`, title: "A thing", purchased: 1, category: "homeware", temperature: "AMBIENT" };
  return {
    lineId,
    ...plain,
    sellerType: "SHOP",
    fulfilment: "OWN",
    itemClass: "",
    finalSale: false,
    listed: "NONE",
    paid: money(BigInt(paid), currencies[market]),
    ...rest,
  };
}

/** All lines in one parcel; delivered "" for one that is still under way. */
export function order(market: Market, lines: readonly Line[], delivered: string, over: Partial<Order> = {}): Order {
  const units = lines.map(({ lineId, purchased }) => ({ lineId, quantity: purchased }));
  const shipments: Shipment[] = [{ delivered: delivered ? new Date(delivered) : undefined, units }];
  return {
    orderId: "o-1",
    customerId: "c-1",
    market,
    currency: currencies[market],
    orderTime: new Date("2026-01-02T00:00:00Z"),
    lines,
    shipments,
    tier: "NONE",
    riskScore: 0,
    listEntryIds: [],
    notice: "WITH_ORDER",
    ...over,
  };
}

export function asked(kind: Kind, ...lines: (Partial<AskedLine> & Pick<AskedLine, "reason">)[]): Asked {
  return {
    kind,
    lines: lines.map((over) => ({
      lineId: "l-1",
      quantity: 1,
      opened: false,
      note: "",
      replacementSku: "",
      discovered: undefined,
      ...over,
    })),
  };
}

export function judged(order: Order, asked: Asked, now: string): Judgement {
  const market = order.market as Market;
  return decide(policies[market], calendars[market], order, asked, new Date(now));
}

/** A change to a shipped document's JSON, by a path such as "fulfilment.handover_days"; undefined removes the field. */
export function changed(market: Market, path: string, value: unknown): string {
  const json = JSON.parse(jsonOf(market));
  const keys = path.split(/[.[\]]+/).filter((key) => key !== "");
  const last = keys.pop() as string;
  const parent = keys.reduce((node, key) => node[key], json);
  if (value === undefined) delete parent[last];
  else parent[last] = value;
  return JSON.stringify(json);
}

/** The place of a rule of a shipped document in its JSON. */
export function ruleAt(market: Market, table: TableName, rule: string): string {
  const found = documentOf(market).tables[table].rules.findIndex((cells) => cells._id === rule);
  if (found < 0) throw new Error(`no rule ${rule}`);
  return `${rulesOf(table)}[${found}]`;
}
export const rulesOf = (table: TableName) => `tables.${table}.nodes[1].content.rules`;
