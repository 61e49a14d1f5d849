// One trial: customers are under way, one thing goes wrong, the mesh comes to rest, its books are looked at. Journeys,
// fault, moment and place are drawn from the seed and the trial's number alone.
import { setTimeout as wait } from "node:timers/promises";
import { type Chance, chanceOf } from "../prove/chance.js";
import type { Fault, Kind, Struck } from "./fault.js";
import { flows, type Probes, probesBought } from "./flow.js";
import type { House } from "./house.js";
import { type Begun, begun, bought, drawn, type Journey, pace } from "./journeys.js";
import { settled, verdict } from "./verdict.js";

export type Trial = {
  readonly number: number;
  readonly kind: string;
  readonly fault: Fault;
  readonly journeys: readonly Journey[];
  /** When it strikes: while they ask, or so many moves of the clock later. */
  readonly phase: number;
  readonly delayMs: number;
};

export type Outcome = {
  readonly number: number;
  readonly kind: string;
  readonly what: string;
  readonly hit: boolean;
  /** What is wrong; nothing, if all is well. */
  readonly complaints: readonly string[];
  /** Requests that were accepted. */
  readonly promises: number;
  /** From the death, or the end of what was wrong: until it answered, until work went on, until all was at rest. */
  readonly readyMs?: number;
  readonly flowMs?: number;
  readonly restMs?: number;
  readonly tookMs: number;
};

const journeysAtOnce = { least: 4, most: 8 };
/** Business time passes while work is under way: the driver comes, the parcel arrives, it is looked at. */
const movesMs = [pace.pickup, pace.transit, pace.inspection].map((seconds) => (seconds + 60) * 1000);

/** Every hundred trials have each kind as often as its share says, in an order of their own. */
export function drawTrial(number: number, seed: number, kinds: readonly Kind[]): Trial {
  const deck = kinds.flatMap((kind) => Array.from({ length: Math.max(1, kind.share) }, () => kind));
  const round = Math.floor(number / deck.length);
  const kind = chanceOf(mixed(seed, -1 - round)).shuffled(deck)[number % deck.length] as Kind;
  const chance: Chance = chanceOf(mixed(seed, number));
  const journeys = drawn(chance, chance.between(journeysAtOnce.least, journeysAtOnce.most));
  const phase = chance.below(movesMs.length + 1);
  const delayMs = chance.below(400);
  return { number, kind: kind.name, journeys, phase, delayMs, fault: kind.draw(chance) };
}

/** Seeds that are neighbours must not tell neighbours' stories. */
function mixed(seed: number, number: number): number {
  return Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(number + 0x7f4a7c15, 0xc2b2ae35);
}

export async function play(house: House, trial: Trial): Promise<Outcome> {
  const { number, kind, fault } = trial;
  const startedAt = Date.now();
  const promised: Begun[] = [];
  const given = new AbortController();
  const complaints: string[] = [];
  let recovery: Recovery | undefined;
  try {
    await disarmed(house);
    recovery = await through(house, trial, promised, given);
    complaints.push(...(await verdict(house, promised, fault.leavesToPeople ?? false)));
    if (!recovery.flowing) complaints.push("work did not go on");
    complaints.push(...house.lost);
  } catch (error) {
    complaints.push((error as Error).message);
  } finally {
    given.abort();
    house.links.tidy();
    await house.customers.shop.noScenarios().catch(() => {});
  }
  const { hit = false, readyMs, flowMs, restMs } = recovery ?? {};
  const times = { readyMs, flowMs, restMs, tookMs: Date.now() - startedAt };
  return { number, kind, what: fault.what, hit, complaints, promises: promised.length, ...times };
}

type Recovery = {
  readonly hit: boolean;
  readonly flowing: boolean;
  readonly readyMs?: number;
  readonly flowMs?: number;
  readonly restMs?: number;
};

async function through(
  house: House,
  { fault, journeys, phase, delayMs }: Trial,
  promised: Begun[],
  given: AbortController,
): Promise<Recovery> {
  const { customers } = house;
  const probes = await probesBought(customers);
  const orders = await Promise.all(journeys.map((journey) => bought(customers, journey)));
  await fault.prepare?.(house);

  let struck: Promise<Struck & { flowMs?: number; flowing: boolean }> | undefined;
  const strike = (): void => {
    struck ??= struckAndFlowing(house, fault, probes, promised, given.signal);
    struck.catch(() => {}); // heard when it is waited for
  };
  /** What watches for a place to be passed watches from the start. */
  if (fault.prepare) strike();

  const asked = Promise.all(
    journeys.map(async (journey, at) => {
      promised.push(await begun(customers, journey, orders[at] as (typeof orders)[number]));
    }),
  );
  asked.catch(() => {});
  for (const [at, ms] of [0, ...movesMs].entries()) {
    if (at > 0) await customers.move(ms);
    await wait(at === phase ? delayMs : 50);
    if (at === phase) strike();
    if (at === 0) await asked;
  }
  strike();
  if (!fault.prepare) await struck;
  await settled(house, promised);
  given.abort();
  const { since, ...end } = (await struck) as Struck & { flowing: boolean };
  // What nobody waits for any longer must not die while the books are looked at.
  if (!end.hit) await disarmed(house);
  // The probes have come to their end, too.
  await settled(house, promised);
  return { ...end, restMs: end.hit ? Date.now() - since : undefined };
}

async function struckAndFlowing(
  house: House,
  fault: Fault,
  probes: Probes,
  promised: Begun[],
  given: AbortSignal,
): Promise<Struck & { flowMs?: number; flowing: boolean }> {
  // Of a process that died, its way back counts, too: work goes on some time after it is ready.
  const struck = await fault.strike(house, given);
  if (!struck.hit) return { ...struck, flowing: true };
  const { begun: more, flowing } = await flows(house.customers, probes);
  promised.push(...more);
  return { ...struck, flowing, ...(flowing ? { flowMs: Date.now() - struck.since } : {}) };
}

/** Processes whose failpoint never struck begin anew without it. */
async function disarmed({ armed, mesh }: House): Promise<void> {
  for (const service of armed) {
    await mesh.kill(service);
    await mesh.restart(service);
  }
  armed.clear();
}
