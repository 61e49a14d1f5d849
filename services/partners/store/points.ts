// The points system's book: what orders were paid with in points, store credit or gift cards given back, and what
// purchases earned taken back.
import { newId } from "#kit/ids.js";
import { type Database, type Statement, violated } from "#kit/postgres.js";
import { DomainError } from "#kit/pure/check.js";
import type { Money } from "#kit/pure/money.js";
import { keyed, underKey } from "./keyed.js";
import { notProviders } from "./payments.js";

/** One movement in the book. */
export type BookedMovement = {
  readonly movementId: string;
  readonly key: string;
  readonly kind: "RESTORE" | "REVOKE" | "GRANT";
  readonly customerId: string;
  readonly reference: string;
  readonly amount: Money | undefined;
  readonly askedPoints: bigint;
  readonly points: bigint;
  readonly createTime: Date;
};

/** What is to be moved. */
export type NewMovement = Pick<BookedMovement, "key" | "customerId" | "reference">;

const columns = "movement_id, kind, customer_id, reference, currency, amount_minor, asked_points, points, create_time";

/** $2 id, $3 customer, $4 payment, $5 currency, $6 amount, $7 now: the payment's CHECK refuses more than was spent. */
const restore = keyed("points.restore", "movement", columns, {
  change: `UPDATE payment SET refunded_minor = refunded_minor + $6::bigint FROM fresh
    WHERE payment_id = $4::text AND customer_id = $3::text AND currency = $5::text AND method IN (${notProviders})
    RETURNING $2::text AS movement_id, 'RESTORE' AS kind, $3::text AS customer_id, $4::text AS reference,
      $5::text AS currency, $6::bigint AS amount_minor, 0 AS asked_points, 0 AS points, $7::timestamptz AS create_time`,
});
/** $2 id, $3 customer, $4 order, $5 points, $6 now: as many as are there. */
const revoke = keyed("points.revoke", "movement", columns, {
  held: `SELECT customer_id, least(points, $5::bigint) AS taken FROM point_balance, fresh
    WHERE customer_id = $3::text FOR UPDATE OF point_balance`,
  taken: `UPDATE point_balance SET points = points - taken FROM held
    WHERE point_balance.customer_id = held.customer_id RETURNING taken`,
  change: `SELECT $2::text AS movement_id, 'REVOKE' AS kind, $3::text AS customer_id, $4::text AS reference,
      NULL::text AS currency, NULL::bigint AS amount_minor, $5::bigint AS asked_points,
      coalesce((SELECT taken FROM taken), 0) AS points, $6::timestamptz AS create_time FROM fresh`,
});
/** $2 id, $3 customer, $4 reference, $5 currency, $6 amount, $7 now. */
const grant = keyed("points.grant", "movement", columns, {
  change: `SELECT $2::text AS movement_id, 'GRANT' AS kind, $3::text AS customer_id, $4::text AS reference,
      $5::text AS currency, $6::bigint AS amount_minor, 0 AS asked_points, 0 AS points, $7::timestamptz AS create_time
    FROM fresh`,
});
const find: Statement = { name: "points.find", text: `SELECT key, ${columns} FROM movement WHERE key = $1` };
const spent: Statement = {
  name: "points.spent",
  text: `SELECT currency, captured_minor - refunded_minor AS left_minor FROM payment
  WHERE payment_id = $1 AND customer_id = $2 AND method IN (${notProviders})`,
};

/** Opens the book. */
export function openPoints(db: Database) {
  /** Why nothing was given back. */
  async function refusal({ customerId, reference }: NewMovement, { minor, currency }: Money): Promise<DomainError> {
    const [payment] = await db.query(spent, [reference, customerId]);
    if (!payment) {
      const message = `${customerId} paid nothing in points, credit or gift cards as ${reference}`;
      return new DomainError("PARTNER_NOT_FOUND", message, { partner: "points", id: reference });
    }
    if (payment.currency !== currency) {
      const message = `payment ${reference} is in ${payment.currency}, not ${currency}`;
      return new DomainError("CURRENCY_MISMATCH", message, { currency, expected: payment.currency });
    }
    const metadata = { payment_id: reference, requested: String(minor), left: String(payment.left_minor) };
    const message = `${payment.left_minor} is left of ${reference}, not ${minor}`;
    return new DomainError("REFUND_EXCEEDS_CAPTURED", message, metadata);
  }

  return {
    /**
     * Gives back what a payment spent, never more.
     * @throws DomainError PARTNER_NOT_FOUND, CURRENCY_MISMATCH, REFUND_EXCEEDS_CAPTURED, REQUEST_ID_REUSED
     */
    restore: async (movement: NewMovement, amount: Money, now: Date): Promise<BookedMovement> => {
      const { key, customerId, reference } = movement;
      const asked = [key, newId("mov"), customerId, reference, amount.currency, amount.minor, now] as const;
      try {
        const done = await underKey(db, restore, asked, toMovement, isSame("RESTORE", movement, amount));
        if (done) return done;
      } catch (error) {
        if (violated(error) !== "payment_cap_check") throw error;
      }
      throw await refusal(movement, amount);
    },

    /** Takes back what a purchase earned, as many as are there. @throws DomainError REQUEST_ID_REUSED */
    revoke: async (movement: NewMovement, points: bigint, now: Date): Promise<BookedMovement> => {
      const { key, customerId, reference } = movement;
      const asked = [key, newId("mov"), customerId, reference, points, now] as const;
      const same = isSame("REVOKE", movement, undefined, points);
      return (await underKey(db, revoke, asked, toMovement, same)) as BookedMovement;
    },

    /** Puts money into the customer's credit. @throws DomainError REQUEST_ID_REUSED */
    grant: async (movement: NewMovement, amount: Money, now: Date): Promise<BookedMovement> => {
      const { key, customerId, reference } = movement;
      const asked = [key, newId("mov"), customerId, reference, amount.currency, amount.minor, now] as const;
      return (await underKey(db, grant, asked, toMovement, isSame("GRANT", movement, amount))) as BookedMovement;
    },

    find: async (key: string): Promise<BookedMovement | undefined> => {
      const [row] = await db.query(find, [key]);
      return row && toMovement(row);
    },
  };
}

/** Whether a movement is the one that is asked for. */
function isSame(kind: BookedMovement["kind"], asked: NewMovement, amount: Money | undefined, points = 0n) {
  return (done: BookedMovement) =>
    done.kind === kind &&
    done.customerId === asked.customerId &&
    done.reference === asked.reference &&
    done.amount?.currency === amount?.currency &&
    done.amount?.minor === amount?.minor &&
    done.askedPoints === points;
}

// biome-ignore lint/suspicious/noExplicitAny: shaped by the statements above
function toMovement(row: any): BookedMovement {
  return {
    movementId: row.movement_id,
    key: row.key,
    kind: row.kind,
    customerId: row.customer_id,
    reference: row.reference,
    amount: row.currency === null ? undefined : { minor: row.amount_minor, currency: row.currency },
    askedPoints: row.asked_points,
    points: row.points,
    createTime: row.create_time,
  };
}
