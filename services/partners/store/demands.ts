// What customers were asked to pay. A demand ends once: paid, taken back, or when its time is over.
import { newId } from "#kit/ids.js";
import type { Database, Statement } from "#kit/postgres.js";
import type { Money } from "#kit/pure/money.js";
import { type Asked, once } from "./once.js";

/** Where a demand is; an open one whose time is over has expired. */
export type DemandState = "OPEN" | "PAID" | "EXPIRED" | "CANCELED";

/** What is asked of whom. */
export type NewDemand = {
  readonly demandId: string;
  readonly orderId: string;
  readonly customerId: string;
  readonly amount: Money;
  readonly expireTime: Date;
};

const stateNow = (now: string) =>
  `CASE WHEN state = 'OPEN' AND expire_time <= ${now}::timestamptz THEN 'EXPIRED' ELSE state END`;

/** $4 the answer, $5 … the demand. */
const ask = once(
  "demand.ask",
  `INSERT INTO demand (demand_id, order_id, customer_id, currency, amount_minor, state, payment_id, expire_time)
   SELECT $5::text, $6::text, $7::text, $8::text, $9::bigint, 'OPEN', '', $10::timestamptz FROM fresh
   RETURNING demand_id AS id, $4::bytea AS response`,
);
const find: Statement = {
  name: "demand.find",
  text: `SELECT ${stateNow("$2")} AS state, payment_id AS "paymentId", order_id AS "orderId" FROM demand WHERE demand_id = $1`,
};
const cancel: Statement = {
  name: "demand.cancel",
  text: `UPDATE demand SET state = CASE WHEN ${stateNow("$2")} = 'OPEN' THEN 'CANCELED' ELSE ${stateNow("$2")} END
    WHERE demand_id = $1 RETURNING state`,
};
/** Captured like any other payment, so that it can be paid back. */
const pay: Statement = {
  name: "demand.pay",
  text: `WITH paid AS (
    UPDATE demand SET state = 'PAID', payment_id = $3 WHERE demand_id = $1 AND ${stateNow("$2")} = 'OPEN'
    RETURNING order_id, customer_id, currency, amount_minor)
  INSERT INTO payment (payment_id, order_id, customer_id, method, currency, captured_minor, refunded_minor)
  SELECT $3, order_id, customer_id, 'CARD', currency, amount_minor, 0 FROM paid RETURNING payment_id`,
};

/** Opens the demands. */
export function openDemands(db: Database) {
  return {
    ask: async <R>(request: Asked<R>, answer: R, demand: NewDemand): Promise<R> => {
      const { demandId, orderId, customerId, amount, expireTime } = demand;
      const values = [demandId, orderId, customerId, amount.currency, amount.minor, expireTime];
      return ((await request.answer(ask, [request.bytes(answer), ...values])) as { answer: R }).answer;
    },

    /** As it stands; undefined for none of ours. */
    find: async (demandId: string, now: Date) =>
      (await db.query<{ state: DemandState; paymentId: string; orderId: string }>(find, [demandId, now]))[0],

    /** Takes it back; what it became. */
    cancel: async (demandId: string, now: Date): Promise<DemandState | undefined> =>
      (await db.query<{ state: DemandState }>(cancel, [demandId, now]))[0]?.state,

    /** The payment it became; undefined when it is not open. */
    pay: async (demandId: string, now: Date): Promise<string | undefined> =>
      (await db.query<{ payment_id: string }>(pay, [demandId, now, newId("pay")]))[0]?.payment_id,
  };
}
