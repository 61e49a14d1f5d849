// The reconciler's own tables: breaks and runs. What others have booked is read in ours.ts and theirs.ts.
import * as events from "#gen/backhaul/reconciler/v1/reconciler_events.js";
import { PrismaClient } from "#gen/prisma/reconciler/client.js";
import { aggregates, type Spend } from "#kit/aggregate.js";
import { commitStatement, type Followers, handOverLeaseMs, type LeasedStep } from "#kit/commit.js";
import { announcer } from "#kit/facts.js";
import { newId } from "#kit/ids.js";
import { toJson } from "#kit/json.js";
import { type Page, pageOf, pageQuery } from "#kit/pages.js";
import type { Database, Statement } from "#kit/postgres.js";
import { DomainError } from "#kit/pure/check.js";
import { openReader } from "#kit/reader.js";
import { traceparent } from "#kit/telemetry.js";
import type { Break, BreakKind, BreakState, Finding, Run } from "./core/types.js";
import { toFact } from "./proto.js";

const owner = "FINANCE";

const columns = `break_id, kind, state, refund_id, reference, ours_currency, ours_minor, theirs_currency, theirs_minor,
  text, owner, find_time, close_time, explanation`;
const selected = columns.replace(
  /\w+_\w+/g,
  (name) => `${name} AS "${name.replace(/_(\w)/g, (_, c) => c.toUpperCase())}"`,
);

/** New breaks with their facts, in one statement. A known one is only seen again; what a person explained stays so. */
const keep: Statement = {
  name: "break.keep",
  text: `WITH kept AS (
  INSERT INTO break (${columns}, seen_run)
  SELECT g.break_id, g.kind, 'OPEN', g.refund_id, g.reference, g.ours_currency, g.ours_minor, g.theirs_currency,
    g.theirs_minor, g.text, '${owner}', $2::timestamptz, NULL, '', $3::text
  FROM jsonb_to_recordset($1::jsonb) AS g(break_id text, kind text, refund_id text, reference text, ours_currency text,
    ours_minor bigint, theirs_currency text, theirs_minor bigint, text text)
  ON CONFLICT (kind, reference) WHERE state <> 'GONE' DO UPDATE SET refund_id = excluded.refund_id,
    ours_currency = excluded.ours_currency, ours_minor = excluded.ours_minor, theirs_minor = excluded.theirs_minor,
    theirs_currency = excluded.theirs_currency, text = excluded.text, seen_run = excluded.seen_run
  WHERE break.state = 'OPEN'
  RETURNING break_id),
announced AS (
  INSERT INTO outbox (event_id, subject, aggregate_id, body, traceparent, event_time, lease_until)
  SELECT f.event_id, f.subject, f.break_id, f.body, $4::text, $2::timestamptz,
    now() + ${handOverLeaseMs} * interval '1 millisecond'
  FROM unnest($5::text[], $6::text[], $7::text[], $8::bytea[]) AS f(event_id, subject, break_id, body)
  JOIN kept USING (break_id) RETURNING event_id)
SELECT event_id AS "eventId" FROM announced`,
};
const sweep: Statement = {
  name: "break.sweep",
  text: `UPDATE break SET state = 'GONE', close_time = $2 WHERE state = 'OPEN' AND seen_run <> $1 RETURNING break_id`,
};
const countOpen: Statement = {
  name: "break.countOpen",
  text: `SELECT count(*)::int AS n FROM break WHERE state = 'OPEN'`,
};
const putOff: Statement = {
  name: "schedule.putOff",
  text: `UPDATE agenda SET due_time = $3, attempt = 0, lease_until = NULL WHERE agenda_id = $1 AND lease_epoch = $2
    RETURNING agenda_id`,
};

const explainBreak = commitStatement(
  "break.explain",
  `UPDATE break SET state = $3, owner = $4, close_time = $5, explanation = $6
   WHERE break_id = $1 AND state = $2 RETURNING break_id AS id`,
);
const insertRun = commitStatement(
  "run.insert",
  `INSERT INTO run (run_id, start_time, end_time, statement_lines, refunds, corrections, found, gone, left_open)
   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING run_id AS id`,
);
/** Breaks are found by runs, and a run is never changed. */
const never = commitStatement("reconciler.never", "SELECT NULL::text AS id WHERE false");
const noValues = () => {
  throw new RangeError("breaks are not created and runs not changed this way");
};

/** Breaks kept by one statement; a run that finds more takes several. */
const batch = 1_000;

export function openStore(db: Database, followers: Followers) {
  const prisma = openReader(
    db,
    (options) => new PrismaClient(options),
    (reader) => reader.break.findMany({ take: 1 }),
  );
  const announce = announcer("backhaul.reconciler.v1", events);

  const breaks = aggregates<Break, undefined>(
    db,
    followers,
    {
      select: `SELECT ${selected} FROM break WHERE break_id = $1`,
      insert: never,
      insertValues: noValues,
      update: explainBreak,
      updateValues: (b, before) => [b.breakId, before.state, b.state, b.owner, b.closeTime ?? null, b.explanation],
      toCore,
      notFound: (id) => new DomainError("BREAK_NOT_FOUND", `no break ${id}`, { break_id: id }),
    },
    "break",
  );
  const runs = aggregates<Run, undefined>(
    db,
    followers,
    {
      select: `SELECT run_id AS "runId", start_time AS "startTime", end_time AS "endTime", refunds, corrections, found,
        statement_lines AS "statementLines", gone, left_open AS open FROM run WHERE run_id = $1`,
      insert: insertRun,
      insertValues: (r) => [
        r.runId,
        r.startTime,
        r.endTime,
        r.statementLines,
        r.refunds,
        r.corrections,
        r.found,
        r.gone,
        r.open,
      ],
      update: never,
      updateValues: noValues,
      toCore: (row) => row,
      notFound: (id) => new RangeError(`no run ${id}`) as never,
    },
    "run",
  );

  async function keepBatch(findings: readonly Finding[], runId: string): Promise<number> {
    const eventTime = followers.now();
    const trace = traceparent();
    const found = findings.map((finding): Break => {
      const fresh = { state: "OPEN", owner, findTime: eventTime, closeTime: undefined, explanation: "" } as const;
      return { ...finding, ...fresh, breakId: newId("brk") };
    });
    const facts = found.map((it) => ({
      ...announce({ name: "BreakFound", body: toFact(it) }),
      eventId: newId("evt"),
      aggregateId: it.breakId,
      traceparent: trace,
      eventTime,
    }));
    const kept = await db.query<{ eventId: string }>(keep, [
      toJson(found.map(toRow)),
      eventTime,
      runId,
      trace,
      facts.map(({ eventId }) => eventId),
      facts.map(({ subject }) => subject),
      facts.map(({ aggregateId }) => aggregateId),
      facts.map(({ body }) => body),
    ]);
    const announced = new Set(kept.map(({ eventId }) => eventId));
    followers.announce(facts.filter(({ eventId }) => announced.has(eventId)));
    return announced.size;
  }

  return {
    explain: <R>(id: string, spend: Spend<Break, R>, decide: (found: Break) => Break): Promise<R> =>
      breaks.change(id, spend, (found) => ({ next: decide(found), extra: undefined })),

    /** Keeps what a run found, and announces what is new of it; resolves with how many that are. */
    keep: async (findings: readonly Finding[], runId: string): Promise<number> => {
      const distinct = [...new Map(findings.map((it) => [`${it.kind} ${it.reference}`, it])).values()];
      let found = 0;
      for (let i = 0; i < distinct.length; i += batch) found += await keepBatch(distinct.slice(i, i + batch), runId);
      return found;
    },
    /** Closes what a run has not found any more; only for a run that has read everything. */
    sweep: async (runId: string): Promise<number> => (await db.query(sweep, [runId, followers.now()])).length,
    countOpen: async (): Promise<number> => (await db.query<{ n: number }>(countOpen))[0]?.n ?? 0,
    addRun: <R>(spend: Spend<Run, R>, run: Run): Promise<R> =>
      runs.create(
        spend,
        async () => run,
        (next) => ({ next, extra: undefined }),
      ),
    recallRun: runs.recall,

    /** Oldest first. */
    list: async (filter: { state?: BreakState | undefined; kind?: BreakKind | undefined }, page: Page) => {
      const { beyond, orderBy, take } = pageQuery(page, "breakId", "asc");
      const rows = await prisma.break.findMany({ where: { ...filter, ...beyond }, orderBy, take });
      return pageOf(rows.map(toCore), page, ({ breakId }) => breakId);
    },

    /** Puts the schedule's step off, and gives its lease back; false if somebody else has it by now. */
    putOff: async (step: LeasedStep, due: Date): Promise<boolean> =>
      (await db.query(putOff, [step.id, step.epoch, due])).length > 0,

    /** Does it while no other process of this schema does. A process that dies gives way. */
    alone: async <T>(work: () => Promise<T>): Promise<T> => {
      const client = await db.pool.connect();
      // A connection that breaks while it only holds the lock would else end the process.
      const broken = () => {};
      client.on("error", broken);
      let held = false;
      try {
        await client.query("SELECT pg_advisory_lock(hashtextextended($1, 0))", [`${db.schema} reconcile`]);
        held = true;
        return await work();
      } finally {
        // The lock is the connection's: when it cannot be given back, it ends with it.
        const free = held ? client.query("SELECT pg_advisory_unlock_all()") : Promise.reject(new Error("not held"));
        const kept = await free.then(
          () => true,
          () => false,
        );
        client.off("error", broken);
        client.release(!kept);
      }
    },
    close: () => prisma.$disconnect(),
  };
}

function toRow({ breakId, kind, refundId, reference, ours, theirs, text }: Break) {
  return {
    break_id: breakId,
    kind,
    refund_id: refundId,
    reference,
    ours_currency: ours?.currency,
    ours_minor: ours?.minor,
    theirs_currency: theirs?.currency,
    theirs_minor: theirs?.minor,
    text,
  };
}

// biome-ignore lint/suspicious/noExplicitAny: the same columns from pg and from Prisma
function toCore(row: any): Break {
  return {
    breakId: row.breakId,
    kind: row.kind,
    state: row.state,
    refundId: row.refundId,
    reference: row.reference,
    ours: row.oursCurrency === null ? undefined : { minor: row.oursMinor, currency: row.oursCurrency },
    theirs: row.theirsCurrency === null ? undefined : { minor: row.theirsMinor, currency: row.theirsCurrency },
    text: row.text,
    owner: row.owner,
    findTime: row.findTime,
    closeTime: row.closeTime ?? undefined,
    explanation: row.explanation,
  };
}

export type Store = ReturnType<typeof openStore>;
