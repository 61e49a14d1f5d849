// Past decisions in great number, and how long it takes to judge them again.
import { readFileSync } from "node:fs";
import type pg from "pg";
import { SimulationState } from "#gen/backhaul/eligibility/v1/policy.js";
import type { PolicyServiceService } from "#gen/backhaul/eligibility/v1/policy_service.js";
import type { ClientOf } from "#kit/client.js";
import { newId } from "#kit/ids.js";
import { percentile } from "./numbers.js";

/** Copies what was decided until there is enough of it, spread over the years before. */
export async function multiply(database: pg.Client, count: number): Promise<void> {
  const { rows } = await database.query("SELECT count(*)::int AS n FROM decision");
  const real: number = rows[0].n;
  await database.query("CREATE TEMP TABLE given AS SELECT * FROM decision");
  await database.query(
    `INSERT INTO decision (decision_id, order_id, customer_id, market, verdict, policy_id, body, seen, answer, create_time)
     SELECT decision_id || '-' || n, order_id, customer_id, market, verdict, policy_id, body, seen, answer,
       create_time - n * interval '7 hours'
     FROM generate_series(1, $1) AS n, given LIMIT $2`,
    [Math.ceil(count / real), count - real],
  );
  await database.query("VACUUM (ANALYZE) decision");
}

/** What it took. */
export type Replay = {
  readonly decisions: number;
  readonly lines: number;
  readonly seconds: number;
  /** How long single checks took meanwhile. */
  readonly checkP50Ms: number;
  readonly checkP99Ms: number;
  /** Of the larger replica. */
  readonly memoryMb: { readonly start: number; readonly middle: number; readonly end: number; readonly peak: number };
};

/** A draft of `document` with a longer window and a dearer way back, held against all of it while single checks go on. */
export async function measureReplay(
  author: ClientOf<typeof PolicyServiceService>,
  document: string,
  pids: readonly number[],
  meanwhile: (nth: number) => Promise<unknown>,
): Promise<Replay> {
  const draft = document
    .replace(/("_id": "kr-window-withdrawal",[^}]*"days": )"7"/, '$1"30"')
    .replaceAll('"fee_minor": "3000"', '"fee_minor": "4500"');
  const { policy } = await author.createPolicy({ requestId: newId("req"), document: draft, effectiveTime: new Date() });
  const policyId = policy?.policyId ?? "";
  await author.validatePolicy({ requestId: newId("req"), policyId });
  const start = memoryOf(pids);
  const begin = performance.now();
  const range = { sinceTime: undefined, untilTime: undefined };
  const { simulation } = await author.simulatePolicy({ requestId: newId("req"), policyId, ...range });
  const simulationId = simulation?.simulationId ?? "";
  const took: number[] = [];
  let middle = start;
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    const asked = performance.now();
    await meanwhile(took.length);
    took.push(performance.now() - asked);
    const { simulation: now } = await author.getSimulation({ simulationId });
    const decisions = Number(now?.comparison?.decisions ?? 0);
    if (decisions * 2 < Number(now?.total)) middle = memoryOf(pids);
    if (now?.state === SimulationState.SIMULATION_STATE_RUNNING) continue;
    if (now?.state !== SimulationState.SIMULATION_STATE_DONE) throw new Error(`the simulation failed: ${now?.note}`);
    const seconds = (performance.now() - begin) / 1000;
    const end = memoryOf(pids);
    const memoryMb = { start: start.now, middle: middle.now, end: end.now, peak: end.peak };
    const [checkP50Ms, checkP99Ms] = [percentile(took, 0.5), percentile(took, 0.99)];
    return { decisions, lines: Number(now.comparison?.lines ?? 0), seconds, checkP50Ms, checkP99Ms, memoryMb };
  }
}

/** Resident MB of the largest of some processes now, and at most since it started; 0 where /proc does not tell. */
function memoryOf(pids: readonly number[]): { now: number; peak: number } {
  const all = pids.map((pid) => {
    try {
      const status = readFileSync(`/proc/${pid}/status`, "utf8");
      const mb = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1] ?? 0) / 1024;
      return { now: mb("VmRSS"), peak: mb("VmHWM") };
    } catch {
      return { now: 0, peak: 0 };
    }
  });
  return { now: Math.max(...all.map(({ now }) => now)), peak: Math.max(...all.map(({ peak }) => peak)) };
}
