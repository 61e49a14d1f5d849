// Whether a process is worth sending calls to: its schema is migrated before it answers at all, and from then on its
// database must answer. The bus is told of by its own name and takes nobody out of rotation: without it calls still work.
import type { Log } from "#kit/log.js";
import type { Database, Statement } from "#kit/postgres.js";

/** What holds of a process. */
export type Conditions = {
  /** Whether to send it calls. */
  readonly ready: boolean;
  /** What that depends on, and what else is worth knowing, by name. */
  readonly parts: Readonly<Record<string, boolean>>;
};

/** Kept up to date. */
export type Readiness = {
  now(): Conditions;
  /** Takes the process out of rotation, or puts it back. */
  setInWork(inWork: boolean): void;
  stop(): void;
};

/** What is watched, and who is told. */
export type ReadinessParts = {
  readonly db: Database;
  readonly bus: { state(): { readonly ready: boolean } };
  readonly log: Log;
  /** Told of each change. */
  tell(conditions: Conditions): void;
  /** Between two looks. */
  readonly everyMs?: number;
};

/** One look may meet a connection that just broke, or a pool that is all lent. */
const failuresMax = 2;
const look: Statement = { name: "readiness", text: "SELECT 1" };

/** Begins to look; the database has just answered. */
export function watchReadiness({ db, bus, log, tell, everyMs = 1_000 }: ReadinessParts): Readiness {
  let inWork = true;
  let failures = 0;
  let looking = false;
  const now = (): Conditions => {
    const parts = { postgres: failures < failuresMax, work: inWork, bus: bus.state().ready };
    return { ready: parts.postgres && parts.work, parts };
  };
  let told: Conditions = now();
  function changed(): void {
    const conditions = now();
    if (JSON.stringify(conditions) === JSON.stringify(told)) return;
    if (conditions.ready !== told.ready) log.info(conditions.parts, conditions.ready ? "ready" : "not ready");
    told = conditions;
    tell(conditions);
  }
  async function lookOnce(): Promise<void> {
    if (looking) return;
    looking = true;
    try {
      await db.query(look);
      failures = 0;
    } catch {
      failures++;
    }
    looking = false;
    changed();
  }
  tell(told);
  const timer = setInterval(() => void lookOnce(), everyMs).unref();
  return {
    now,
    setInWork: (yes) => {
      inWork = yes;
      changed();
    },
    stop: () => clearInterval(timer),
  };
}
