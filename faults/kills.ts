// Processes that end, or stand still: at a moment drawn at random, or exactly where the code passes a boundary.
import { spawnSync } from "node:child_process";
import { setTimeout as wait } from "node:timers/promises";
import type { Chance } from "../prove/chance.js";
import { type ServiceName, serviceNames } from "../scripts/mesh/services.js";
import type { Fault, Kind, Struck } from "./fault.js";
import type { House } from "./house.js";
import { type Point, points } from "./points.js";

/** Beyond ten seconds the bus and fifteen seconds the leases give a fact or a step to somebody else. */
const stillMs = { least: 10_500, most: 16_500 };

/** How a process ends, as a failpoint's action and as a signal. */
const ends = { kill: ["SIGKILL", "kill -9"], term: ["SIGTERM", "SIGTERM to"] } as const;
type End = keyof typeof ends;

/** At any moment. */
function ended(service: ServiceName, how: End): Fault {
  const [signal, said] = ends[how];
  return {
    what: `${said} ${service}`,
    strike: async (house) => {
      // Its death is what counts, not how long it took to leave in good order.
      await house.mesh.kill(service, signal);
      return restarted(house, service, Date.now());
    },
  };
}

/** Where it passes a boundary for the nth time. */
function endedAt({ service, name }: Point, nth: number, how: End): Fault {
  return {
    what: `${ends[how][1]} ${service} at ${name}, passing ${nth}`,
    prepare: (house) => armed(house, service, `${name}:${nth}:${how}`),
    strike: async (house, given) => {
      // It may have passed there before it was even ready.
      const at = house.mesh.pids()[service].length === 0 ? Date.now() : await house.died(service, given);
      if (at === undefined) return { hit: false, since: Date.now() };
      house.armed.delete(service);
      return restarted(house, service, at);
    },
  };
}

/** Stands still for longer than anybody waits for it, and then goes on as if nothing had been. */
function stood(service: ServiceName, ms: number): Fault {
  return {
    what: `${service} stands still for ${(ms / 1000).toFixed(1)} s`,
    strike: async (house) => {
      const [pid = 0] = house.mesh.pids()[service];
      process.kill(pid, "SIGSTOP");
      return wokenAfter(pid, ms);
    },
  };
}

function stoodAt({ service, name }: Point, nth: number, ms: number): Fault {
  return {
    what: `${service} stands still for ${(ms / 1000).toFixed(1)} s at ${name}, passing ${nth}`,
    prepare: (house) => armed(house, service, `${name}:${nth}:stop`),
    strike: async (house, given) => {
      const [pid = 0] = house.mesh.pids()[service];
      while (!given.aborted && !standsStill(pid)) await wait(100);
      if (!standsStill(pid)) return { hit: false, since: Date.now() };
      house.armed.delete(service);
      return wokenAfter(pid, ms);
    },
  };
}

async function wokenAfter(pid: number, ms: number): Promise<Struck> {
  await wait(ms);
  process.kill(pid, "SIGCONT");
  return { hit: true, since: Date.now() };
}

/** Started anew with a failpoint; one that is passed in starting ends it before it ever answers. */
async function armed(house: House, service: ServiceName, failpoint: string): Promise<void> {
  house.armed.add(service);
  await house.mesh.kill(service);
  await house.mesh.restart(service, undefined, { FAILPOINT: failpoint }).catch((error) => {
    if (house.mesh.pids()[service].length > 0) throw error;
  });
}

async function restarted(house: House, service: ServiceName, since: number): Promise<Struck> {
  await house.mesh.restart(service);
  return { hit: true, since, readyMs: Date.now() - since };
}

function standsStill(pid: number): boolean {
  return /^T/.test(spawnSync("ps", ["-o", "stat=", "-p", `${pid}`], { encoding: "utf8" }).stdout.trim());
}

const nth = (chance: Chance) => (chance.percent(70) ? 1 : chance.between(2, 4));

export const kills: readonly Kind[] = [
  {
    name: "kill",
    about: "kill -9 of a process at any moment",
    share: 12,
    draw: (chance) => ended(chance.pick(serviceNames), "kill"),
  },
  {
    name: "crash",
    about: "kill -9 of a process where it passes a boundary",
    share: 32,
    draw: (chance) => endedAt(chance.pick(points), nth(chance), "kill"),
  },
  {
    name: "term",
    about: "SIGTERM at any moment, or at a boundary",
    share: 6,
    draw: (chance) =>
      chance.percent(50) ? ended(chance.pick(serviceNames), "term") : endedAt(chance.pick(points), nth(chance), "term"),
  },
  {
    name: "stop",
    about: "SIGSTOP beyond every lease, then SIGCONT, at any moment or at a boundary",
    share: 4,
    draw: (chance) => {
      const ms = chance.between(stillMs.least, stillMs.most);
      return chance.percent(50) ? stood(chance.pick(serviceNames), ms) : stoodAt(chance.pick(points), nth(chance), ms);
    },
  },
];
