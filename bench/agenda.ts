// Open deadlines in great number: whether they slow down everything else, and how fast those that fall due at once are
// dealt with.
import type pg from "pg";
import { newId } from "#kit/ids.js";
import type { Desk } from "../prove/desk.js";
import { openLifecycles } from "./lifecycles.js";
import { percentile, rounded, table } from "./numbers.js";

export type AgendaFigures = {
  readonly agenda: {
    readonly waiting: number;
    readonly emptyPerSecond: number;
    readonly fullPerSecond: number;
    readonly claimEmptyMs: number;
    readonly claimFullMs: number;
    readonly due: number;
    readonly duePerSecond: number;
  };
};

const waiting = Number(process.env.BENCH_DEADLINES ?? 100_000);
const due = Number(process.env.BENCH_DUE ?? 10_000);
const lifecycles = Number(process.env.BENCH_LIFECYCLES ?? 400);
/** Empty and full by turns, so that a machine that gets warmer or slower meets both. */
const rounds = 3;
const inFlight = 64;

export async function measureAgenda(
  desk: Desk,
  say: (line: string) => void,
): Promise<{ figures: AgendaFigures; text: string }> {
  const database = await desk.connection("resolution");
  const work = await openLifecycles(desk, inFlight);
  say(`warming up with ${lifecycles} returns`);
  await work.drive(await work.buy(lifecycles));
  const resolutions = await copies(database, due);
  const [empty, full]: [number[], number[]] = [[], []];
  const claims: Record<"empty" | "full", number[]> = { empty: [], full: [] };
  for (let round = 1; round <= rounds; round++) {
    say(`round ${round} of ${rounds}: ${lifecycles} returns with nothing waiting`);
    empty.push(await work.drive(await work.buy(lifecycles)));
    claims.empty.push(...(await claimTimes(database)));
    await fill(database, resolutions);
    say(`round ${round} of ${rounds}: the same with ${waiting} deadlines waiting`);
    full.push(await work.drive(await work.buy(lifecycles)));
    claims.full.push(...(await claimTimes(database)));
    if (round < rounds) await clear(database);
  }
  say(`${due} deadlines fall due at once`);
  const duePerSecond = await drained(database, resolutions);
  work.close();
  const mean = (all: readonly number[]) => all.reduce((sum, one) => sum + one, 0) / all.length;
  const figures = {
    waiting,
    emptyPerSecond: mean(empty),
    fullPerSecond: mean(full),
    claimEmptyMs: percentile(claims.empty, 0.5),
    claimFullMs: percentile(claims.full, 0.5),
    due,
    duePerSecond,
  };
  return { figures: { agenda: figures }, text: render(figures) };
}

/** Resolutions of which nothing is heard, copied from one that waits for its parcel. */
async function copies(database: pg.Client, count: number): Promise<string[]> {
  const ids = Array.from({ length: count }, () => newId("res"));
  const { rows } = await database.query("SELECT * FROM resolution WHERE state = 'CLOSED' LIMIT 1");
  const columns = Object.keys(rows[0]).filter((name) => name !== "resolution_id");
  const list = columns.map((name) => `"${name}"`).join(", ");
  await database.query(
    `INSERT INTO resolution (resolution_id, ${list})
     SELECT id, ${list} FROM unnest($1::text[]) AS id,
       (SELECT ${list} FROM resolution WHERE resolution_id = $2) AS one`,
    [ids, rows[0].resolution_id],
  );
  // Open again, and waiting for a verdict: that is what deadlines are about.
  await database.query(
    `UPDATE resolution SET state = 'OPEN', goods = 'INSPECTING', money = 'WAITING', close_time = NULL,
       chart = jsonb_set(chart, '{value}', '{"OPEN": {"goods": "INSPECTING", "money": "WAITING", "stock": "NONE"}}'),
       refunded = NULL, refund_id = ''
     WHERE resolution_id = ANY($1)`,
    [ids],
  );
  return ids;
}

/** Deadlines in two to six weeks, several for each resolution. */
async function fill(database: pg.Client, resolutions: readonly string[]): Promise<void> {
  await database.query(
    `INSERT INTO agenda (agenda_id, aggregate_id, step, due_time, payload, traceparent)
     SELECT 'bench-' || n, ($2::text[])[1 + n % cardinality($2::text[])], 'stalled',
       now() + interval '14 days' + (n % 40000) * interval '1 minute', '{}', ''
     FROM generate_series(0, $1::int - 1) AS n`,
    [waiting, resolutions],
  );
  await database.query("VACUUM (ANALYZE) agenda");
}

async function clear(database: pg.Client): Promise<void> {
  await database.query("DELETE FROM agenda WHERE agenda_id LIKE 'bench-%'");
  await database.query("VACUUM (ANALYZE) agenda");
}

/** How long the database takes to find what is due, when nothing is: what every look costs. */
async function claimTimes(database: pg.Client): Promise<number[]> {
  const times: number[] = [];
  for (let look = 0; look < 50; look++) {
    const { rows } = await database.query(
      `EXPLAIN (ANALYZE, FORMAT JSON) SELECT agenda_id FROM agenda
       WHERE due_time <= now() AND not_before <= now() AND (lease_until IS NULL OR lease_until < now())
       ORDER BY due_time LIMIT 64 FOR UPDATE SKIP LOCKED`,
    );
    times.push(rows[0]["QUERY PLAN"][0]["Execution Time"]);
  }
  return times;
}

/** Moves the first of them to now; how many a second are dealt with. */
async function drained(database: pg.Client, resolutions: readonly string[]): Promise<number> {
  const begin = performance.now();
  await database.query(
    `UPDATE agenda SET due_time = now() WHERE agenda_id IN (SELECT 'bench-' || n FROM generate_series(0, $1::int - 1) AS n)`,
    [due],
  );
  for (;;) {
    const { rows } = await database.query(
      "SELECT count(*)::int AS n FROM agenda WHERE agenda_id LIKE 'bench-%' AND due_time <= now()",
    );
    if (rows[0].n === 0) break;
    if (performance.now() - begin > 120_000) throw new Error(`${rows[0].n} of ${due} are still due after two minutes`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const perSecond = (due * 1000) / (performance.now() - begin);
  // A step that was given up is gone as well.
  const { rows } = await database.query(
    "SELECT count(*)::int AS n FROM resolution WHERE on_hold AND resolution_id = ANY($1)",
    [resolutions],
  );
  if (rows[0].n !== due) throw new Error(`${rows[0].n} of ${due} deadlines called somebody`);
  return perSecond;
}

function render(f: AgendaFigures["agenda"]): string {
  const ratio = f.fullPerSecond / f.emptyPerSecond;
  const whole = (value: number) => rounded(value, 0);
  return table(
    `the agenda of resolutions, ${rounds} rounds with nothing waiting and with ${whole(f.waiting)} deadlines, by turns`,
    [
      ["lifecycles per second, nothing waiting", rounded(f.emptyPerSecond)],
      [`with ${whole(f.waiting)} waiting`, rounded(f.fullPerSecond)],
      ["ratio", rounded(ratio, 3), "goal 0.95"],
      ["looking for what is due, nothing waiting", `${rounded(f.claimEmptyMs, 3)} ms`, "p50, in the database"],
      [`with ${whole(f.waiting)} waiting`, `${rounded(f.claimFullMs, 3)} ms`],
      [
        `${whole(f.due)} that fall due at once, per second`,
        whole(f.duePerSecond),
        "each a commit, an entry and a fact",
      ],
    ],
  );
}
