// A process of a service: the service's own parts on a ground that the simulation plays. It can die at any statement and
// at any answer; what it still waited for then never comes, and nobody learns what it knew.
import type { Agenda } from "#kit/agenda.js";
import type { LeasedStep } from "#kit/commit.js";
import { Unavailable } from "#kit/errors.js";
import { createLog } from "#kit/log.js";
import type { Database } from "#kit/postgres.js";
import type { Implementation } from "#kit/server.js";
import type { Ground } from "#kit/service.js";
import type { Vault } from "#kit/vault.js";
import type { Schema } from "../database/schema.js";
import type { Host, Wire, World } from "./types.js";

const log = createLog("simulation", "silent");

/** Texts in clear: seals have tests of their own, and change no decision. */
const vault: Vault = {
  seal: async (_, __, record) => record,
  open: async (_, __, records) => [...records],
  sealBytes: async (_, __, bytes) => Buffer.from(bytes),
  openBytes: async (_, bytes) => bytes,
  destroy: async () => 0,
  rewrap: async () => 0,
};

/** Starts a process; it is up when it has read what it reads at its start. */
export function boot(world: World, service: string, name: string, wire: Wire): Host {
  const host: Host = { service, name, alive: true, parts: undefined, underWay: new Set() };
  const clock = { now: () => new Date(world.schedule.now()) };
  const agenda = agendaOf(world, host);
  const ground: Ground = {
    log,
    clocks: { business: clock, real: clock },
    db: databaseOf(world, host),
    followers: {
      now: clock.now,
      // The bus hears of facts from the outbox itself.
      announce: () => {},
      hasRoom: (of) => of === "facts" || agenda.hasRoom(),
      take: agenda.take,
    },
    agenda,
    connect: () => world.network.connect(host),
    vault,
  };
  Promise.resolve(wire(ground)).then(
    (parts) => {
      host.parts = parts;
    },
    (error) => {
      world.schedule.tell(`${name} does not start: ${error}`);
      if (host.alive) world.crash(host);
    },
  );
  return host;
}

function databaseOf(world: World, host: Host): Database {
  const { schedule, weather } = world;
  const schema = world.schemas[host.service] as Schema;
  const chance = schedule.chance(`store/${host.service}`);
  const unknown = () => new Unavailable("STORE_UNAVAILABLE", "the database cannot be reached now; try again");

  function operate<R>(work: () => R): Promise<R> {
    return new Promise((resolve, reject) => {
      schedule.after(chance.between(1, 12), () => {
        // What was sent before its process died is done, or is not.
        if (!host.alive) return void (chance.percent(50) && attempt(work));
        const lost = weather.strikes("store lost");
        if (lost && chance.percent(50)) return reject(unknown());
        const done = attempt(work);
        if (weather.strikes("crash")) return world.crash(host);
        if (lost) reject(unknown());
        else if ("error" in done) reject(done.error);
        else resolve(done.value);
      });
    });
  }

  return {
    pool: undefined as never,
    schema: host.service,
    reader: world.readers[host.service]?.(schema, operate) ?? {},
    query: (statement, values = []) => operate(() => schema.run(statement, values) as never),
    close: async () => {},
  };
}

function attempt<R>(work: () => R): { readonly value: R } | { readonly error: unknown } {
  try {
    return { value: work() };
  } catch (error) {
    return { error };
  }
}

function agendaOf(world: World, host: Host): Agenda {
  const chance = world.schedule.chance(`agenda/${host.service}`);
  return {
    hasRoom: () => chance.percent(90),
    take: (steps: LeasedStep[]) => {
      for (const step of steps) world.agenda.perform(host, step);
    },
    poke: () => {},
    finish: (step) => world.agenda.finish(host, step),
    dueCount: async () => 0,
    start: () => {},
    pause: async () => {},
    resume: () => {},
    stop: async () => {},
  };
}

/** The handler of a path in a process that is up. */
export function handlerOf(implementations: readonly Implementation[], path: string) {
  for (const { contract, handlers } of implementations) {
    const [name] = Object.entries(contract).find(([, method]) => method.path === path) ?? [];
    // biome-ignore lint/suspicious/noExplicitAny: any handler of any contract
    if (name) return (handlers as any)[name] as (request: unknown, call: unknown) => Promise<unknown>;
  }
  throw new Error(`nobody answers ${path}`);
}
