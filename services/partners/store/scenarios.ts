// Scenarios: the table is the record, a list in memory is what calls are held against. Without a scenario a call pays
// for one comparison and nothing else.

import type { PrismaClient } from "#gen/prisma/partners/client.js";
import { failpoint } from "#kit/failpoint.js";
import { newId } from "#kit/ids.js";
import type { Database, Statement } from "#kit/postgres.js";
import { concerns, fits, type Moment, type Scenario } from "../core/scenario.js";

const play: Statement = {
  name: "scenario.play",
  text: "UPDATE scenario SET played = played + 1 WHERE scenario_id = $1 AND (times = 0 OR played < times)",
};

/** A scenario that may still play; `left` counts down in memory first, so that no two calls take the same turn. */
type Active = { readonly scenario: Scenario; left: number };

/** Opens the scenarios that were set before. */
export async function openScenarios(db: Database, prisma: PrismaClient) {
  let active: Active[] = [];
  const newestFirst = { orderBy: { scenarioId: "desc" } } as const;
  for (const { played, ...row } of await prisma.scenario.findMany(newestFirst)) {
    active.push({ scenario: toScenario(row), left: turns(row.times) - played });
  }

  return {
    /** Whether anything could go wrong at all. */
    get any(): boolean {
      return active.length > 0;
    },

    add: async (wanted: Omit<Scenario, "scenarioId">): Promise<Scenario> => {
      const scenario = { ...wanted, scenarioId: newId("scn") };
      failpoint("write", "scenario.add", "before");
      await prisma.scenario.create({ data: { ...scenario, played: 0 } });
      failpoint("write", "scenario.add", "after");
      active = [{ scenario, left: turns(scenario.times) }, ...active];
      return scenario;
    },

    /** Newest first, those that played their last turn included. */
    list: async (): Promise<Scenario[]> => (await prisma.scenario.findMany(newestFirst)).map(toScenario),

    clear: async (): Promise<void> => {
      failpoint("write", "scenario.clear", "before");
      await prisma.scenario.deleteMany();
      failpoint("write", "scenario.clear", "after");
      active = [];
    },

    /** The scenario that plays at this moment, with one turn of it spent. `subject` is asked for only if it matters. */
    play: async (
      moment: Moment,
      method: string,
      subject: () => string | Promise<string>,
    ): Promise<Scenario | undefined> => {
      const candidates = active.filter(({ scenario, left }) => left > 0 && fits(scenario, moment, method));
      if (candidates.length === 0) return undefined;
      const name = await subject();
      const chosen = candidates.find(({ scenario, left }) => left > 0 && concerns(scenario, name, method));
      if (!chosen) return undefined;
      chosen.left--;
      if (chosen.left === 0) active = active.filter((one) => one !== chosen);
      if (chosen.scenario.times > 0) await db.query(play, [chosen.scenario.scenarioId]);
      return chosen.scenario;
    },
  };
}

function turns(times: number): number {
  return times === 0 ? Number.POSITIVE_INFINITY : times;
}

function toScenario(row: Omit<Scenario, "twist"> & { twist: string }): Scenario {
  const { scenarioId, orderId, method, times, ratePpm, seed, latencyMs, units } = row;
  return { scenarioId, twist: row.twist as Scenario["twist"], orderId, method, times, ratePpm, seed, latencyMs, units };
}

export type Scenarios = Awaited<ReturnType<typeof openScenarios>>;
