// Erasures and legal holds as SQL, and what of a customer's is still open.
import * as events from "#gen/backhaul/resolution/v1/resolution_events.js";
import { aggregates, type Decided, type Spend } from "#kit/aggregate.js";
import { commitStatement, type Followers } from "#kit/commit.js";
import { announcer } from "#kit/facts.js";
import { toJson } from "#kit/json.js";
import type { Database, Statement } from "#kit/postgres.js";
import { DomainError } from "#kit/pure/check.js";
import type { Erasure, ErasureOutcome, Obstacle } from "./core/erasure.js";

/** A reason why a customer's data must stay for now. */
export type LegalHold = {
  readonly legalHoldId: string;
  readonly customerId: string;
  readonly caseNumber: string;
  readonly endTime: Date;
  readonly author: string;
};

const insert = commitStatement(
  "erasure.insert",
  `INSERT INTO erasure (erasure_id, customer_id, state, asked_by, confirmed_by, obstacles, erased_by, create_time,
     erase_time, version)
   VALUES ($1, $2, $3, $4, $5, $6::jsonb, $7::text[], $8, $9, $10) RETURNING erasure_id AS id`,
);
const update = commitStatement(
  "erasure.update",
  `UPDATE erasure SET state = $3, confirmed_by = $4, obstacles = $5::jsonb, erased_by = $6::text[], erase_time = $7,
     version = $8 WHERE erasure_id = $1 AND version = $2 RETURNING erasure_id AS id`,
);
/** The same case again moves its end, under the id it has; under another, nothing is placed. */
const hold = commitStatement(
  "legal_hold.place",
  `INSERT INTO legal_hold (legal_hold_id, customer_id, case_number, end_time, author) VALUES ($1, $2, $3, $4, $5)
   ON CONFLICT (customer_id, case_number) DO UPDATE SET end_time = excluded.end_time, author = excluded.author
     WHERE legal_hold.legal_hold_id = excluded.legal_hold_id
   RETURNING legal_hold_id AS id`,
);
const holdOfCase: Statement = {
  name: "legal_hold.ofCase",
  text: "SELECT legal_hold_id AS id FROM legal_hold WHERE customer_id = $1 AND case_number = $2",
};
const never = commitStatement("legal_hold.never", "SELECT NULL::text AS id WHERE false");

const obstaclesMax = 50;
const obstacles: Statement = {
  name: "erasure.obstacles",
  text: `(SELECT 'OPEN_RESOLUTION' AS code, resolution_id AS reference, NULL::timestamptz AS until FROM resolution
      WHERE customer_id = $1 AND close_time IS NULL ORDER BY resolution_id LIMIT ${obstaclesMax})
    UNION ALL
    (SELECT 'LEGAL_HOLD', case_number, end_time FROM legal_hold WHERE customer_id = $1 AND end_time > $2
      ORDER BY end_time DESC LIMIT ${obstaclesMax})
    LIMIT ${obstaclesMax}`,
};
const resolutionsOf: Statement = {
  name: "erasure.resolutionsOf",
  text: `SELECT resolution_id AS id FROM resolution WHERE customer_id = $1 AND resolution_id > $2
    ORDER BY resolution_id LIMIT $3`,
};

export type ErasureStore = ReturnType<typeof openErasures>;

export function openErasures(db: Database, followers: Followers) {
  const announce = announcer("backhaul.resolution.v1", events);
  const erasures = aggregates<Erasure>(
    db,
    followers,
    {
      select: `SELECT erasure_id AS "erasureId", customer_id AS "customerId", state, asked_by AS "askedBy",
        confirmed_by AS "confirmedBy", obstacles, erased_by AS "erasedBy", create_time AS "createTime",
        erase_time AS "eraseTime", version FROM erasure WHERE erasure_id = $1`,
      insert,
      update,
      insertValues: (e) => [
        e.erasureId,
        e.customerId,
        e.state,
        e.askedBy,
        e.confirmedBy,
        toJson(e.obstacles),
        e.erasedBy,
        e.createTime,
        e.eraseTime ?? null,
        e.version,
      ],
      updateValues: (e, before) => [
        e.erasureId,
        before.version,
        e.state,
        e.confirmedBy,
        toJson(e.obstacles),
        e.erasedBy,
        e.eraseTime ?? null,
        e.version,
      ],
      toCore: ({ obstacles, eraseTime, ...row }) => ({
        ...row,
        obstacles: obstacles.map(({ until, ...one }: { until?: string }) => ({
          ...one,
          until: until && new Date(until),
        })),
        eraseTime: eraseTime ?? undefined,
      }),
      notFound: (id) => new DomainError("ERASURE_NOT_FOUND", `no erasure ${id}`, { erasure_id: id }),
      broken: (constraint, { customerId }) =>
        constraint === "erasure_open"
          ? new DomainError("ERASURE_STATE", `an erasure of ${customerId} is under way`, {
              customer_id: customerId,
              state: "ASKED",
            })
          : undefined,
    },
    "erasure",
  );
  const holds = aggregates<LegalHold>(
    db,
    followers,
    {
      select: `SELECT legal_hold_id AS "legalHoldId", customer_id AS "customerId", case_number AS "caseNumber",
        end_time AS "endTime", author FROM legal_hold WHERE legal_hold_id = $1`,
      insert: hold,
      insertValues: (h) => [h.legalHoldId, h.customerId, h.caseNumber, h.endTime, h.author],
      update: never,
      updateValues: () => {
        throw new RangeError("a hold is placed again, not changed");
      },
      toCore: (row) => row,
      notFound: (id) => new RangeError(`no hold ${id}`) as never,
    },
    "legal_hold",
  );

  const decided = ({ next, facts, steps }: ErasureOutcome): Decided<Erasure> => {
    return { next, extra: undefined, facts: facts.map(announce), steps };
  };

  return {
    find: erasures.find,
    create: <R>(spend: Spend<Erasure, R>, decide: () => ErasureOutcome): Promise<R> =>
      erasures.create(
        spend,
        async () => {},
        () => decided(decide()),
      ),
    change: <R>(id: string, spend: Spend<Erasure, R>, decide: (erasure: Erasure) => ErasureOutcome): Promise<R> =>
      erasures.change(id, spend, (erasure) => decided(decide(erasure))),
    hold: <R>(spend: Spend<LegalHold, R>, placed: LegalHold): Promise<R> =>
      holds.create(
        spend,
        () => db.query<{ id: string }>(holdOfCase, [placed.customerId, placed.caseNumber]),
        ([there]) => ({ next: { ...placed, legalHoldId: there?.id ?? placed.legalHoldId }, extra: undefined }),
      ),
    /** What keeps a customer's data from being erased at a time. */
    obstacles: (customerId: string, now: Date): Promise<Obstacle[]> => db.query<Obstacle>(obstacles, [customerId, now]),
    /** A customer's requests, in pages by their id. */
    resolutionsOf: async (customerId: string, after: string, take: number): Promise<string[]> =>
      (await db.query<{ id: string }>(resolutionsOf, [customerId, after, take])).map(({ id }) => id),
  };
}
