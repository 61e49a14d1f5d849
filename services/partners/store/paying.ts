// The payment provider pays. One statement pays back: the key is looked up, the cap is a CHECK, the refund and its line on
// the statement are booked, or nothing of it.
import { InvalidRequest } from "#kit/errors.js";
import { newId } from "#kit/ids.js";
import { type Database, type Statement, violated } from "#kit/postgres.js";
import { DomainError } from "#kit/pure/check.js";
import type { Money } from "#kit/pure/money.js";
import { type Behaviour, behaviourOf, exceptional, likeCard } from "../core/capabilities.js";
import { underKey } from "./keyed.js";
import { type BookedRefund, notProviders, quoted, refundColumns, toRefund, unknown } from "./payments.js";
import { idAt, lined } from "./statement.js";

/** How a new refund begins, and whether the statement has it. */
export type Beginning = { readonly pending: boolean; readonly onStatement: boolean };

const named = (test: (behaviour: Behaviour) => boolean) =>
  quoted(exceptional.filter(([, behaviour]) => test(behaviour)).map(([method]) => method));
const untilOf = (seconds: number) => (seconds === 0 ? "NULL" : `$6::timestamptz + interval '${seconds} seconds'`);
/** Until when a key is remembered, by the payment's method. */
const keyUntil = `CASE method ${exceptional
  .filter(([, { keyLifetimeSeconds }]) => keyLifetimeSeconds !== likeCard.keyLifetimeSeconds)
  .map(([method, { keyLifetimeSeconds }]) => `WHEN '${method}' THEN ${untilOf(keyLifetimeSeconds)}`)
  .join(" ")} ELSE ${untilOf(likeCard.keyLifetimeSeconds)} END`;

/** $1 the key, $6 now: its last use, and what it still answers with. A key past its life answers nothing. */
const before = `last AS (SELECT ${refundColumns} FROM provider_refund WHERE key = $1::text ORDER BY use_number DESC LIMIT 1),
  before AS (SELECT * FROM last WHERE live_until IS NULL OR live_until > $6::timestamptz)`;
const nextUse = "coalesce((SELECT use_number FROM last), 0) + 1";
const answer = "SELECT * FROM before UNION ALL SELECT * FROM booked";
/** $9 the line, null while the refund is pending or when the provider forgets it. */
const onStatement = lined("booked", { id: "$9", kind: "kind", amount: "amount_minor", now: "$6" });

/** $1 key, $2 payment, $3 currency, $4 amount, $5 id, $6 now, $7 account, $8 state, $9 line. */
const payBack: Statement = {
  name: "payment.payBack",
  text: `WITH ${before},
  change AS (
    UPDATE payment SET refunded_minor = refunded_minor + $4::bigint
    WHERE payment_id = $2::text AND currency = $3::text AND NOT EXISTS (SELECT FROM before)
      AND method NOT IN (${notProviders}, ${named(({ partial }) => partial === "NONE")})
      AND (method NOT IN (${named(({ partial }) => partial === "FULL_ONLY")}) OR captured_minor = $4::bigint)
      AND (method NOT IN (${named(({ accountNeeded }) => accountNeeded)})
        OR EXISTS (SELECT FROM account WHERE account_token = $7::text))
    RETURNING payment_id, method),
  booked AS (
    INSERT INTO provider_refund (${refundColumns})
    SELECT $1::text, ${nextUse}, ${keyUntil}, $5::text, 'REFUND', payment_id, $7::text, $3::text, $4::bigint,
      $6::timestamptz, $8::text, '' FROM change RETURNING ${refundColumns}),
  lined AS (${onStatement})
  ${answer}`,
};
/** $1 key, $2 account, $3 currency, $4 amount, $5 id, $6 now, $7 "", $8 state, $9 line. */
const payOut: Statement = {
  name: "payment.payOut",
  text: `WITH ${before},
  booked AS (
    INSERT INTO provider_refund (${refundColumns})
    SELECT $1::text, ${nextUse}, ${untilOf(likeCard.keyLifetimeSeconds)}, $5::text, 'PAYOUT', $7::text, account_token,
      $3::text, $4::bigint, $6::timestamptz, $8::text, ''
    FROM account WHERE account_token = $2::text AND NOT EXISTS (SELECT FROM before) RETURNING ${refundColumns}),
  lined AS (${onStatement})
  ${answer}`,
};
const find: Statement = {
  name: "payment.toRefuse",
  text: `SELECT method, currency, captured_minor, captured_minor - refunded_minor - charged_back_minor AS left_minor,
    EXISTS (SELECT FROM account WHERE account_token = $2) AS account_known FROM payment WHERE payment_id = $1`,
};

/** Opens the till. */
export function openPaying(db: Database) {
  /** Why nothing was paid back. */
  async function refusal(paymentId: string, { minor, currency }: Money, accountToken: string): Promise<DomainError> {
    const [payment] = await db.query(find, [paymentId, accountToken]);
    const behaviour = payment && behaviourOf(payment.method);
    if (!behaviour) return unknown(paymentId, `no payment ${paymentId}`);
    const { method, captured_minor: captured, left_minor: left } = payment;
    if (payment.currency !== currency) {
      const message = `payment ${paymentId} is in ${payment.currency}, not ${currency}`;
      return new DomainError("CURRENCY_MISMATCH", message, { currency, expected: payment.currency });
    }
    if (behaviour.partial === "NONE") return refused("PAYOUT_ONLY", `${method} cannot be paid back; pay it out`);
    if (behaviour.accountNeeded && accountToken === "")
      return new InvalidRequest([{ field: "account_token", description: `is needed to pay ${method} back` }]);
    if (behaviour.accountNeeded && !payment.account_known) return unknown(accountToken, `no account ${accountToken}`);
    if (behaviour.partial === "FULL_ONLY" && captured !== minor)
      return refused("FULL_ONLY", `${method} is paid back whole, ${captured}, or not at all`);
    const metadata = { payment_id: paymentId, requested: String(minor), left: String(left) };
    return new DomainError("REFUND_EXCEEDS_CAPTURED", `${left} is left of ${paymentId}, not ${minor}`, metadata);
  }

  /** The values of both statements; `to` is the payment or the account. */
  const values = (key: string, to: string, amount: Money, now: Date, account: string, begin: Beginning) =>
    [
      key,
      to,
      amount.currency,
      amount.minor,
      newId("prf"),
      now,
      account,
      begin.pending ? "PENDING" : "SUCCEEDED",
      begin.pending || !begin.onStatement ? null : idAt("sln", now),
    ] as const;

  return {
    /**
     * Pays back once per key; a key that is remembered gives what became of it.
     * @throws DomainError PARTNER_NOT_FOUND, CURRENCY_MISMATCH, REFUND_EXCEEDS_CAPTURED, REQUEST_ID_REUSED,
     * PARTNER_REFUSED, INVALID_REQUEST
     */
    payBack: async (
      key: string,
      paymentId: string,
      amount: Money,
      accountToken: string,
      now: Date,
      begin: Beginning,
    ): Promise<BookedRefund> => {
      const asked = values(key, paymentId, amount, now, accountToken, begin);
      const same = (done: BookedRefund) =>
        done.kind === "REFUND" &&
        done.paymentId === paymentId &&
        done.accountToken === accountToken &&
        sameMoney(done.amount, amount);
      try {
        const refund = await underKey(db, payBack, asked, toRefund, same);
        if (refund) return refund;
      } catch (error) {
        if (violated(error) !== "payment_cap_check") throw error;
      }
      throw await refusal(paymentId, amount, accountToken);
    },

    /** Pays to an account, once per key. @throws DomainError PARTNER_NOT_FOUND, REQUEST_ID_REUSED */
    payOut: async (
      key: string,
      accountToken: string,
      amount: Money,
      now: Date,
      begin: Beginning,
    ): Promise<BookedRefund> => {
      const same = (done: BookedRefund) =>
        done.kind === "PAYOUT" && done.accountToken === accountToken && sameMoney(done.amount, amount);
      const asked = values(key, accountToken, amount, now, "", begin);
      const payout = await underKey(db, payOut, asked, toRefund, same);
      if (payout) return payout;
      throw unknown(accountToken, `no account ${accountToken}`);
    },
  };
}

function sameMoney(a: Money, b: Money): boolean {
  return a.currency === b.currency && a.minor === b.minor;
}

function refused(code: string, message: string): DomainError {
  return new DomainError("PARTNER_REFUSED", message, { partner: "payment", code });
}
