// Orders as they were sold, with what left and what was held back. Kept in memory: a mesh under load asks for the same
// order a dozen times.
import {
  Order,
  type OrderPayment,
  type SaleDocument,
  TaxDocumentKind,
} from "#gen/backhaul/partner/order/v1/order_service.js";
import { InvalidRequest } from "#kit/errors.js";
import type { Database, Statement } from "#kit/postgres.js";
import { DomainError } from "#kit/pure/check.js";
import { fromProto, sum } from "#kit/pure/money.js";
import { words } from "#kit/words.js";
import type { DocumentKind } from "../core/documents.js";
import type { Fulfilment, PlannedShipment, ShipmentLine } from "../core/shipments.js";
import { remember } from "../memory.js";
import { type Asked, once } from "./once.js";

/** An order with its payments and times, to be imported. */
export type NewOrder = {
  readonly order: Order;
  readonly shipTime: Date | undefined;
  readonly deliverTime: Date | undefined;
  /** Where it was delivered to; "" for anywhere. */
  readonly postcode: string;
  /** Names the door; "" where it is not told. */
  readonly addressKey: string;
};

/** An order as it was sold, and what became of it. */
export type KnownOrder = Pick<NewOrder, "order" | "postcode" | "addressKey"> & { readonly fulfilment: Fulfilment };

const remembered = 20_000;
const documentKinds = words(TaxDocumentKind, "TAX_DOCUMENT_KIND_");

const find: Statement = {
  name: "order.find",
  text: `SELECT body, ship_time, deliver_time, postcode, address_key,
    (SELECT jsonb_object_agg(line_id, units) FROM (SELECT line_id, sum(units)::int AS units FROM (
       SELECT line_id, stopped AS units FROM stopped_units WHERE order_id = $1
       UNION ALL SELECT line_id, intercepted FROM intercepted_units WHERE order_id = $1) u GROUP BY 1) s) AS stopped,
    (SELECT jsonb_agg(jsonb_build_object('shipmentId', shipment_id, 'lines', lines, 'shipTime', ship_time,
       'deliverTime', deliver_time) ORDER BY shipment_id) FROM replacement WHERE order_id = $1) AS replacements
  FROM sold_order WHERE order_id = $1`,
};

/**
 * An order that is known stays as it is, and with it its payments, its tax document and the points it earned: $5 … the
 * payments, $11 … the documents, $16 … the points, $19 the postcodes, $20 the doors.
 */
const importAll: Statement = {
  name: "order.import",
  text: `WITH new_order AS (
    INSERT INTO sold_order (order_id, body, ship_time, deliver_time, postcode, address_key)
    SELECT * FROM unnest($1::text[], $2::bytea[], $3::timestamptz[], $4::timestamptz[], $19::text[], $20::text[])
    ON CONFLICT (order_id) DO NOTHING RETURNING order_id),
  new_payment AS (
    INSERT INTO payment (payment_id, order_id, customer_id, method, currency, captured_minor, refunded_minor)
    SELECT p.payment_id, p.order_id, p.customer_id, p.method, p.currency, p.captured_minor, 0
    FROM unnest($5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::bigint[])
      AS p(payment_id, order_id, customer_id, method, currency, captured_minor) JOIN new_order USING (order_id)),
  new_document AS (
    INSERT INTO tax_document (document_number, order_id, kind, currency, paid_minor, corrected_minor)
    SELECT d.document_number, d.order_id, d.kind, d.currency, d.paid_minor, 0
    FROM unnest($11::text[], $12::text[], $13::text[], $14::text[], $15::bigint[])
      AS d(document_number, order_id, kind, currency, paid_minor) JOIN new_order USING (order_id)),
  earned AS (
    INSERT INTO point_balance (customer_id, points)
    SELECT e.customer_id, sum(e.points)
    FROM unnest($16::text[], $17::text[], $18::bigint[]) AS e(order_id, customer_id, points) JOIN new_order USING (order_id)
    GROUP BY e.customer_id ORDER BY e.customer_id
    ON CONFLICT (customer_id) DO UPDATE SET points = point_balance.points + excluded.points)
  SELECT count(*)::int AS imported FROM new_order`,
};

/** $4 the answer, $5 the hold, $6 …: held goods leave once. */
const replace = once(
  "order.replace",
  `UPDATE stock_hold SET state = 'SHIPPED', moved_by = $2 FROM fresh
   WHERE hold_id = $5::text AND order_id = $7::text AND state = 'HELD'
     AND (expire_time IS NULL OR expire_time > $9::timestamptz) RETURNING $6::text AS id, $4::bytea AS response`,
  {
    shipped: `INSERT INTO replacement (shipment_id, order_id, hold_id, lines, ship_time, deliver_time)
      SELECT id, $7::text, $5::text, $8::jsonb, $9::timestamptz, $10::timestamptz FROM change`,
  },
);

/** Opens the orders. */
export function openOrders(db: Database) {
  const memory = remember<KnownOrder>(remembered);

  async function load(orderId: string): Promise<KnownOrder> {
    const [row] = await db.query(find, [orderId]);
    if (!row) throw new DomainError("ORDER_NOT_FOUND", `no order ${orderId}`, { order_id: orderId });
    const order = Order.decode(row.body);
    const fulfilment = {
      orderId,
      lines: order.lines.map(({ lineId, quantity }) => ({ lineId, quantity })),
      shipTime: row.ship_time ?? undefined,
      deliverTime: row.deliver_time ?? undefined,
      stopped: new Map<string, number>(Object.entries(row.stopped ?? {})),
      replacements: (row.replacements ?? []).map(toPlanned),
    };
    return { order, fulfilment, postcode: row.postcode, addressKey: row.address_key };
  }

  return {
    /** @throws DomainError ORDER_NOT_FOUND */
    find: (orderId: string): Promise<KnownOrder> => memory.get(orderId, () => load(orderId)),

    /** Something happened to it: it is read anew. */
    forget: (orderId: string) => memory.forget(orderId),

    /** Whether it is an order of that customer. */
    isOf: async (orderId: string, customerId: string): Promise<boolean> => {
      try {
        return (await memory.get(orderId, () => load(orderId))).order.customerId === customerId;
      } catch (error) {
        if (error instanceof DomainError && error.reason === "ORDER_NOT_FOUND") return false;
        throw error;
      }
    },

    /** Answers how many were new. An order that comes twice counts once. */
    import: async (orders: readonly NewOrder[]): Promise<number> => {
      const first = new Map<string, NewOrder>();
      for (const one of orders) if (!first.has(one.order.orderId)) first.set(one.order.orderId, one);
      const all = [...first.values()];
      const payments = all.flatMap(({ order }) => order.payments.map((p) => toPayment(order, p)));
      const documents = all.flatMap(({ order }) => (order.taxDocument ? toDocument(order, order.taxDocument) : []));
      const earning = all.map(({ order }) => order).filter(({ earnedPoints }) => earnedPoints > 0n);
      const [row] = await db.query(importAll, [
        all.map(({ order }) => order.orderId),
        all.map(({ order }) => Buffer.from(Order.encode(order).finish())),
        all.map((one) => one.shipTime ?? null),
        all.map((one) => one.deliverTime ?? null),
        payments.map((p) => p.paymentId),
        payments.map((p) => p.orderId),
        payments.map((p) => p.customerId),
        payments.map((p) => p.method),
        payments.map((p) => p.captured.currency),
        payments.map((p) => p.captured.minor),
        documents.map((d) => d.number),
        documents.map((d) => d.orderId),
        documents.map((d) => d.kind),
        documents.map((d) => d.paid.currency),
        documents.map((d) => d.paid.minor),
        earning.map((order) => order.orderId),
        earning.map((order) => order.customerId),
        earning.map((order) => order.earnedPoints),
        all.map(({ postcode }) => postcode),
        all.map(({ addressKey }) => addressKey),
      ]);
      return row.imported;
    },

    /** Sends held goods out; undefined when nothing of the order is held under that id. */
    replace: async <R>(
      request: Asked<R>,
      answer: R,
      orderId: string,
      holdId: string,
      s: PlannedShipment,
    ): Promise<R | undefined> => {
      const { shipmentId, lines, shipTime, deliverTime } = s;
      const values = [request.bytes(answer), holdId, shipmentId, orderId, JSON.stringify(lines), shipTime, deliverTime];
      try {
        return (await request.answer(replace, values))?.answer;
      } finally {
        // An answer that was lost may have been a commit.
        memory.forget(orderId);
      }
    },
  };
}

/** Lines to hold back, as the statement names them. */
export function toStop(lines: readonly (ShipmentLine & { readonly purchased: number })[]) {
  return lines.map(({ lineId, purchased, quantity }) => ({ line_id: lineId, purchased, quantity }));
}

function toPayment({ orderId, customerId, currencyCode }: Order, { paymentId, method, captured }: OrderPayment) {
  return { paymentId, orderId, customerId, method, captured: fromProto(captured ?? none(currencyCode)) };
}

/** The document with what it can be corrected by: all that was paid. */
function toDocument(order: Order, { number, kind: value }: SaleDocument) {
  const { orderId, currencyCode: currency } = order;
  const kind = documentKinds.word(value);
  if (!kind || number === "")
    throw new InvalidRequest([{ field: "orders", description: `${orderId}'s tax document needs a kind and a number` }]);
  const captured = order.payments.map((payment) => toPayment(order, payment).captured);
  return { number, orderId, kind: kind satisfies DocumentKind, paid: sum(captured, currency) };
}

function none(currencyCode: string) {
  return { currencyCode, units: 0n, nanos: 0 };
}

// biome-ignore lint/suspicious/noExplicitAny: shaped by the statement above
function toPlanned(row: any): PlannedShipment {
  return { ...row, shipTime: new Date(row.shipTime), deliverTime: new Date(row.deliverTime) };
}
