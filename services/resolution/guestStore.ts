// Guests as they are stored: the codes that were asked for, the sessions that came of them, and how often somebody asked.
import { aggregates, type Spend } from "#kit/aggregate.js";
import { commitStatement, type Followers, type NewStep } from "#kit/commit.js";
import { Unavailable } from "#kit/errors.js";
import type { Database, Statement } from "#kit/postgres.js";
import { DomainError } from "#kit/pure/check.js";
import type { GuestCode, GuestSession } from "./core/guestCode.js";

/** How often may be asked, per key, within an hour. */
export type Limits = ReadonlyMap<string, number>;

const windowMs = 3_600_000;
const columns = "guest_code_id, order_id, state, customer_id, code_hash, tries, expire_time, version";
const selected = `SELECT guest_code_id AS "guestCodeId", order_id AS "orderId", state, customer_id AS "customerId",
  code_hash AS "codeHash", tries, expire_time AS expires, version FROM guest_code WHERE guest_code_id = $1`;

/** One live code per order and contact: the one asked for last. */
const insert = commitStatement(
  "guestCode.insert",
  `INSERT INTO guest_code (${columns}) VALUES ($1, $2, $3, $4, $5::bytea, $6, $7, $8)
   ON CONFLICT (guest_code_id) DO UPDATE SET state = excluded.state, customer_id = '', code_hash = NULL, tries = 0,
     expire_time = excluded.expire_time, version = guest_code.version + 1
   RETURNING guest_code_id AS id`,
);
const update = commitStatement(
  "guestCode.update",
  `UPDATE guest_code SET state = $3, customer_id = $4, code_hash = $5::bytea, tries = $6, version = $7
   WHERE guest_code_id = $1 AND version = $2 RETURNING guest_code_id AS id`,
  {
    opened: `INSERT INTO guest_session (session_id, guest_code_id, order_id, customer_id, expire_time)
      SELECT $8::text, id, $9::text, $10::text, $11::timestamptz FROM change WHERE $8::text IS NOT NULL`,
  },
);
/**
 * In key order, so that two who ask never wait for each other. Counted whether it is allowed or not; a request that is named
 * is counted once, however often it is sent in a row.
 */
const count: Statement = {
  name: "guestLimit.count",
  text: `INSERT INTO guest_limit (limit_key, window_start, asked, last_request)
    SELECT k, $2::timestamptz, 1, $3 FROM unnest($1::text[]) AS k ORDER BY k
    ON CONFLICT (limit_key) DO UPDATE SET window_start = excluded.window_start, last_request = excluded.last_request,
      asked = CASE WHEN guest_limit.window_start <> excluded.window_start THEN 1
                   WHEN $3 <> '' AND guest_limit.last_request = $3 THEN guest_limit.asked
                   ELSE guest_limit.asked + 1 END
    RETURNING limit_key AS key, asked`,
};
const live: Statement = {
  name: "guestSession.live",
  text: "SELECT FROM guest_session WHERE session_id = $1 AND revoke_time IS NULL AND expire_time > $2",
};
const endAll: Statement = {
  name: "guestSession.endAll",
  text: `WITH ended AS (
    UPDATE guest_session SET revoke_time = $2 WHERE order_id = $1 AND revoke_time IS NULL AND expire_time > $2
    RETURNING session_id),
  locked AS (
    UPDATE guest_code SET state = 'LOCKED', version = version + 1 WHERE order_id = $1 AND state IN ('ASKED', 'SENT'))
  SELECT count(*)::int AS ended FROM ended`,
};

/** A change of a code, and the session that it opens. */
export type Change = {
  readonly next: GuestCode;
  readonly session?: GuestSession | undefined;
  readonly steps?: readonly NewStep[];
};

export function openGuestStore(db: Database, followers: Followers) {
  const codes = aggregates<GuestCode, GuestSession | undefined>(
    db,
    followers,
    {
      select: selected,
      insert,
      update,
      insertValues: (c) => [c.guestCodeId, c.orderId, c.state, c.customerId, null, c.tries, c.expires, c.version],
      updateValues: (c, before, session) => [
        c.guestCodeId,
        before.version,
        c.state,
        c.customerId,
        c.codeHash ?? null,
        c.tries,
        c.version,
        session?.sessionId ?? null,
        session?.orderId ?? null,
        session?.customerId ?? null,
        session?.expires ?? null,
      ],
      toCore: (row) => ({ ...row, codeHash: row.codeHash ?? undefined }),
      // Nobody asked for a code: that is not told apart from a wrong one.
      notFound: codeWrong,
    },
    "guestCode",
  );
  const decided = ({ next, session, steps = [] }: Change) => ({ next, extra: session, steps });

  return {
    /** Whatever was still to be done for a code before is no longer to be done. */
    ask: <R>(spend: Spend<GuestCode, R>, change: Change): Promise<R> =>
      codes.create(
        spend,
        async () => undefined,
        () => ({ ...decided(change), dropped: (change.steps ?? []).map(({ step }) => step) }),
      ),
    change: <R>(id: string, spend: Spend<GuestCode, R>, decide: (code: GuestCode) => Change): Promise<R> =>
      codes.change(id, spend, (code) => decided(decide(code))),
    /** Counts a request, and refuses beyond a limit. @throws Unavailable GUEST_CODE_LIMITED */
    count: async (limits: Limits, now: Date, request = ""): Promise<void> => {
      const start = Math.floor(now.getTime() / windowMs) * windowMs;
      const rows = await db.query<{ key: string; asked: number }>(count, [
        [...limits.keys()],
        new Date(start),
        request,
      ]);
      if (rows.every(({ key, asked }) => asked <= (limits.get(key) ?? 0))) return;
      const waitMs = start + windowMs - now.getTime();
      const seconds = String(Math.ceil(waitMs / 1000));
      const metadata = { retry_after_seconds: seconds };
      throw new Unavailable("GUEST_CODE_LIMITED", `asked too often; wait ${seconds} s`, metadata, waitMs);
    },
    isLive: async (sessionId: string, now: Date): Promise<boolean> =>
      (await db.query(live, [sessionId, now])).length > 0,
    /** Sends all guests of an order away, and says how many. */
    endAll: async (orderId: string, now: Date): Promise<number> => {
      const [row] = await db.query<{ ended: number }>(endAll, [orderId, now]);
      return row?.ended ?? 0;
    },
  };
}

export type GuestStore = ReturnType<typeof openGuestStore>;

export function codeWrong(): DomainError {
  return new DomainError("GUEST_CODE_WRONG", "this code opens nothing: ask for another");
}
