// Processes killed as by kill -9 in the middle of their start and of their end, again and again: the next start finds what
// they left, and is ready as soon as ever.
import { setTimeout as sleep } from "node:timers/promises";
import { serviceNames } from "../scripts/mesh/services.js";
import { chanceOf } from "./chance.js";
import type { Desk } from "./desk.js";
import type { Draw } from "./options.js";
import { number, type Proof, type Say, Tally } from "./proof.js";

/** A start takes about so long on this machine alone; an end takes a third of it. */
const startMs = 1_500;
const endMs = 500;
const readyMaxMs = 5_000;

export async function provenStarts(desk: Desk, say: Say, { count = 10, seed }: Draw): Promise<Proof[]> {
  const chance = chanceOf(seed);
  const kills = new Tally();
  const rows: string[][] = [["process", "kills while it started", "while it ended", "ready within"]];
  const slow: string[] = [];
  for (const service of serviceNames) {
    let longestMs = 0;
    for (let at = 0; at < count; at++) {
      const when = at % 2 === 0 ? "starting" : "ending";
      // Whoever is killed while it starts was not up before.
      if (when === "starting") {
        await desk.mesh.kill(service, "SIGKILL");
        const starting = desk.mesh.restart(service).catch(() => {});
        await sleep(chance.below(startMs));
        await Promise.all([desk.mesh.kill(service, "SIGKILL"), starting]);
      } else {
        const ending = desk.mesh.kill(service, "SIGTERM");
        await sleep(chance.below(endMs));
        await Promise.all([desk.mesh.kill(service, "SIGKILL"), ending]);
      }
      kills.add(`${service} ${when}`);
      const startedAt = performance.now();
      await desk.mesh.restart(service);
      longestMs = Math.max(longestMs, performance.now() - startedAt);
    }
    if (longestMs > readyMaxMs) slow.push(service);
    const killed = (when: string) => number(kills.of(`${service} ${when}`));
    rows.push([service, killed("starting"), killed("ending"), `${Math.round(longestMs)} ms`]);
    say(`  ${service}: ${Math.round(longestMs)} ms at most`);
  }
  return [
    {
      asked: `kill -9 while it starts and while it ends, ${count} times each process: ready within 5 s of the next start`,
      counted: `${number(count * serviceNames.length)} kills; ${slow.length} too slow${slow.map((it) => ` ${it}`).join("")}`,
      ok: slow.length === 0,
      rows,
    },
  ];
}
