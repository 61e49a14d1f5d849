// The agenda as operators see it: what is still to do, what has waited long, what fails again and again.
import { type Aggregates, aggregates, type Spend } from "#kit/aggregate.js";
import { commitStatement, type Followers } from "#kit/commit.js";
import type { Page } from "#kit/pages.js";
import type { Database, Statement } from "#kit/postgres.js";
import { check, DomainError } from "#kit/pure/check.js";

export type WaitingStep = {
  readonly stepId: string;
  readonly aggregateId: string;
  readonly step: string;
  readonly dueTime: Date;
  readonly notBeforeTime: Date;
  readonly attempt: number;
  readonly epoch: number;
  readonly leaseTime: Date | undefined;
  /** Whether a worker has it now. */
  readonly leased: boolean;
  readonly lastError: string;
};

export type StepCount = {
  readonly step: string;
  readonly waiting: number;
  readonly due: number;
  readonly overdue: number;
  readonly stuck: number;
};

export type StepFilter = "DUE" | "OVERDUE" | "STUCK" | undefined;

export type Steps = {
  list(
    filter: { readonly only: StepFilter; readonly step: string; readonly aggregateId: string },
    page: Page,
  ): Promise<{ steps: WaitingStep[]; nextPageToken: string }>;
  counts(): Promise<StepCount[]>;
  /** Ends its pause. @throws DomainError STEP_NOT_FOUND, STEP_NOT_DUE */
  run<R>(stepId: string, spend: Spend<WaitingStep, R>): Promise<R>;
};

const columns = `agenda_id AS "stepId", aggregate_id AS "aggregateId", step, due_time AS "dueTime",
  not_before AS "notBeforeTime", attempt, lease_epoch AS epoch, lease_until AS "leaseTime",
  coalesce(lease_until > now(), false) AS leased, last_error AS "lastError"`;
/** $1 is business time. */
const due = "due_time <= $1::timestamptz";
const overdue = "due_time <= $1::timestamptz - interval '1 minute'";
const stuck = "attempt >= 3";

const list: Statement = {
  name: "agenda.list",
  text: `SELECT ${columns} FROM agenda
  WHERE CASE $2::text WHEN 'DUE' THEN ${due} WHEN 'OVERDUE' THEN ${overdue} WHEN 'STUCK' THEN ${stuck} ELSE true END
    AND ($3 = '' OR step = $3) AND ($4 = '' OR aggregate_id = $4)
    AND (due_time, agenda_id) > (coalesce($5::timestamptz, '-infinity'), $6::text)
  ORDER BY due_time, agenda_id LIMIT $7`,
};
const counts: Statement = {
  name: "agenda.counts",
  text: `SELECT step, count(*)::int AS waiting, (count(*) FILTER (WHERE ${due}))::int AS due,
    (count(*) FILTER (WHERE ${overdue}))::int AS overdue, (count(*) FILTER (WHERE ${stuck}))::int AS stuck
  FROM agenda GROUP BY step ORDER BY step`,
};
const update = commitStatement(
  "agenda.run",
  `UPDATE agenda SET not_before = now() WHERE agenda_id = $1 AND lease_epoch = $2
    AND (lease_until IS NULL OR lease_until < now()) RETURNING agenda_id AS id`,
);
/** Commits make them, never a call. */
const never = commitStatement("agenda.never", "SELECT NULL::text AS id WHERE false");
const defaultSize = 50;

export function openSteps(db: Database, followers: Followers, now: () => Date, poke: () => void): Steps {
  const steps: Aggregates<WaitingStep, undefined> = aggregates<WaitingStep>(
    db,
    followers,
    {
      select: `SELECT ${columns} FROM agenda WHERE agenda_id = $1`,
      insert: never,
      update,
      insertValues: () => [],
      updateValues: (_, before) => [before.stepId, before.epoch],
      toCore: toStep,
      notFound: (stepId) => new DomainError("STEP_NOT_FOUND", `there is no step ${stepId} to do`, { step_id: stepId }),
    },
    "agenda_step",
  );
  return {
    list: async ({ only, step, aggregateId }, { pageSize, pageToken }) => {
      const size = pageSize || defaultSize;
      const place = placeOf(pageToken);
      const found = await db.query(list, [now(), only ?? "", step, aggregateId, ...place, size + 1]);
      const rows = found.slice(0, size).map(toStep);
      const last = rows.at(-1);
      return { steps: rows, nextPageToken: found.length > size && last ? tokenOf(last) : "" };
    },
    counts: () => db.query<StepCount>(counts, [now()]),
    run: async (stepId, spend) => {
      const answer = await steps.change(stepId, spend, (step) => {
        const { dueTime, leased } = step;
        const metadata = { step_id: stepId, due_time: dueTime.toISOString() };
        check(dueTime <= now(), "STEP_NOT_DUE", "it is not due yet: deadlines are the policy's", metadata);
        check(!leased, "STEP_NOT_DUE", "a worker has it now", metadata);
        return { next: step, extra: undefined };
      });
      poke();
      return answer;
    },
  };
}

// biome-ignore lint/suspicious/noExplicitAny: shaped by the statement
function toStep(row: any): WaitingStep {
  return { ...row, leaseTime: row.leaseTime ?? undefined };
}

function tokenOf({ dueTime, stepId }: WaitingStep): string {
  return Buffer.from(`${dueTime.toISOString()} ${stepId}`).toString("base64url");
}

function placeOf(token: string): [Date | null, string] {
  if (token === "") return [null, ""];
  const [time = "", stepId] = Buffer.from(token, "base64url").toString().split(" ");
  const at = new Date(time);
  if (stepId && !Number.isNaN(at.getTime())) return [at, stepId];
  throw new DomainError("PAGE_TOKEN_INVALID", "page_token is not one that this list gave: leave it out to start over");
}
