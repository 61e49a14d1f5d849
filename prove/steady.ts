// The same load for minutes: what the processes hold in memory grows at first, and then no more.
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { serviceNames } from "../scripts/mesh/services.js";
import type { Desk } from "./desk.js";
import type { Draw } from "./options.js";
import { number, type Proof, type Say } from "./proof.js";
import { loaded, underLoad } from "./rolling/load.js";

const perSecond = 50;
const everyMs = 2_000;
const mostMiB = 512;
/** A leak of a kilobyte a request would be more. */
const slopeMaxMiB = 1.5;

type Sample = { readonly minute: number; readonly mib: number };

/** @param draw `count` is the number of minutes */
export async function provenSteady(desk: Desk, say: Say, { count: minutes = 6 }: Draw): Promise<Proof[]> {
  const samples = new Map<string, Sample[]>(serviceNames.map((name) => [name, []]));
  const startedAt = performance.now();
  const minute = () => (performance.now() - startedAt) / 60_000;
  const load = await underLoad(loaded(desk), { perSecond }, async () => {
    for (let told = 0; minute() < minutes; ) {
      const pids = desk.mesh.pids();
      for (const name of serviceNames) {
        for (const pid of pids[name]) samples.get(name)?.push({ minute: minute(), mib: residentMiB(pid) });
      }
      if (Math.floor(minute()) > told) say(`  minute ${(told = Math.floor(minute()))} of ${minutes}`);
      await sleep(everyMs);
    }
  });
  const rows = serviceNames.map((name) => {
    const all = samples.get(name) ?? [];
    const later = all.filter((sample) => sample.minute > minutes / 2);
    return { name, most: Math.max(...all.map(({ mib }) => mib)), slope: floorSlope(later) };
  });
  const over = rows.filter(({ most, slope }) => most > mostMiB || slope > slopeMaxMiB).map(({ name }) => name);
  return [
    {
      asked: `${perSecond} requests/s for ${minutes} minutes: no process over ${mostMiB} MiB, none that goes on growing`,
      counted:
        `${number(load.sent)} requests, ${load.failed.all.length === 0 ? "0 failed" : `failed: ${load.failed}`}; ` +
        `${over.length} over${over.map((name) => ` ${name}`).join("")}`,
      ok: over.length === 0 && load.failed.all.length === 0,
      rows: [
        ["process", "at most", "growth a minute, second half"],
        ...rows.map(({ name, most, slope }) => [name, `${most.toFixed(0)} MiB`, `${slope.toFixed(2)} MiB`]),
      ],
    },
  ];
}

function residentMiB(pid: number): number {
  const [, kb = "0"] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(kb) / 1024;
}

/**
 * How fast the floor rises, per minute: between two collections of garbage memory always grows, so of every tenth of the
 * time only the least counts, and a line goes through these.
 */
function floorSlope(samples: readonly Sample[]): number {
  const size = Math.max(1, Math.ceil(samples.length / 10));
  const floor: Sample[] = [];
  for (let at = 0; at < samples.length; at += size) {
    floor.push(samples.slice(at, at + size).reduce((least, sample) => (sample.mib < least.mib ? sample : least)));
  }
  const mean = (of: (sample: Sample) => number) => floor.reduce((sum, sample) => sum + of(sample), 0) / floor.length;
  const [x, y] = [mean(({ minute }) => minute), mean(({ mib }) => mib)];
  const spread = floor.reduce((sum, sample) => sum + (sample.minute - x) ** 2, 0);
  return spread === 0 ? 0 : floor.reduce((sum, sample) => sum + (sample.minute - x) * (sample.mib - y), 0) / spread;
}
