// What is set aside on customers' cards. An authorization ends once: taken, let go, or when its time is over.
import { newId } from "#kit/ids.js";
import type { Database, Statement } from "#kit/postgres.js";
import type { Money } from "#kit/pure/money.js";
import { type Asked, once } from "./once.js";

/** Where an authorization is; one that is still set aside when its time is over has expired. */
export type AuthorizationState = "AUTHORIZED" | "CAPTURED" | "VOIDED" | "EXPIRED";

/** What is to be set aside on which order's card. */
export type NewAuthorization = {
  readonly authorizationId: string;
  readonly orderId: string;
  readonly customerId: string;
  readonly amount: Money;
  readonly expireTime: Date;
};

/** An authorization as it stands. */
export type Authorization = {
  readonly state: AuthorizationState;
  readonly orderId: string;
  readonly currency: string;
  readonly amountMinor: bigint;
  readonly capturedMinor: bigint;
  readonly paymentId: string;
};

const stateNow = (now: string) =>
  `CASE WHEN state = 'AUTHORIZED' AND expire_time <= ${now}::timestamptz THEN 'EXPIRED' ELSE state END`;

/** $4 the answer when it is set aside, $5 … the authorization, $11 the answer where no card paid for the order. */
const authorize = once(
  "authorization.make",
  `SELECT $5::text AS id, carded, CASE WHEN carded THEN $4::bytea ELSE $11::bytea END AS response
   FROM fresh, LATERAL (SELECT EXISTS (
     SELECT FROM payment WHERE order_id = $6::text AND customer_id = $7::text AND method = 'CARD') AS carded) card`,
  {
    made: `INSERT INTO card_authorization (authorization_id, order_id, customer_id, currency, amount_minor, state, captured_minor, payment_id, expire_time)
   SELECT $5::text, $6::text, $7::text, $8::text, $9::bigint, 'AUTHORIZED', 0, '', $10::timestamptz FROM change WHERE carded`,
  },
);
const find: Statement = {
  name: "authorization.find",
  text: `SELECT ${stateNow("$2")} AS state, order_id AS "orderId", currency, amount_minor AS "amountMinor",
    captured_minor AS "capturedMinor", payment_id AS "paymentId" FROM card_authorization WHERE authorization_id = $1`,
};
/** Captured like any other payment, so that it can be paid back. */
const capture: Statement = {
  name: "authorization.capture",
  text: `WITH taken AS (
    UPDATE card_authorization SET state = 'CAPTURED', captured_minor = $3, payment_id = $4
    WHERE authorization_id = $1 AND ${stateNow("$2")} = 'AUTHORIZED' AND amount_minor >= $3
    RETURNING order_id, customer_id, currency, captured_minor)
  INSERT INTO payment (payment_id, order_id, customer_id, method, currency, captured_minor, refunded_minor)
  SELECT $4, order_id, customer_id, 'CARD', currency, captured_minor, 0 FROM taken`,
};
const letGo: Statement = {
  name: "authorization.void",
  text: `UPDATE card_authorization SET state = 'VOIDED'
    WHERE authorization_id = $1 AND ${stateNow("$2")} = 'AUTHORIZED'`,
};

/** Opens the authorizations. */
export function openAuthorizations(db: Database) {
  const authorizations = {
    /** Sets it aside, once per request. @param answers `refused` where no card paid for the order */
    authorize: async <R>(
      request: Asked<R>,
      answers: { readonly authorized: R; readonly refused: R },
      asked: NewAuthorization,
    ): Promise<R> => {
      const { authorizationId, orderId, customerId, amount, expireTime } = asked;
      const values = [authorizationId, orderId, customerId, amount.currency, amount.minor, expireTime];
      const given = [request.bytes(answers.authorized), ...values, request.bytes(answers.refused)];
      return ((await request.answer(authorize, given)) as { answer: R }).answer;
    },

    /** As it stands; undefined for none of ours. */
    find: async (authorizationId: string, now: Date): Promise<Authorization | undefined> =>
      (await db.query<Authorization>(find, [authorizationId, now]))[0],

    /** Takes an amount, unless it has ended. @returns how it ended, first */
    capture: async (authorizationId: string, amountMinor: bigint, now: Date): Promise<Authorization | undefined> => {
      await db.query(capture, [authorizationId, now, amountMinor, newId("pay")]);
      return authorizations.find(authorizationId, now);
    },

    /** Lets it go, unless it has ended. @returns how it ended, first */
    letGo: async (authorizationId: string, now: Date): Promise<Authorization | undefined> => {
      await db.query(letGo, [authorizationId, now]);
      return authorizations.find(authorizationId, now);
    },
  };
  return authorizations;
}
