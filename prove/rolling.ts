// Two replicas of every service, and customers who go on while one replica after the other is restarted: nobody notices.
import type { ServiceName } from "../scripts/mesh/services.js";
import type { Desk } from "./desk.js";
import type { Draw } from "./options.js";
import { counter, number, type Proof, type Say } from "./proof.js";
import { type Load, loaded, underLoad } from "./rolling/load.js";
import { type Restart, restartOne, rolled } from "./rolling/restarts.js";

const offered = { perSecond: 100, atOnceMax: 16 };
const most = { notReadyMs: 1_000, exitMs: 10_000, readyMs: 5_000 };

type Rolled = { readonly restarts: readonly Restart[]; readonly load: Load; readonly lost: number };

/** Restarts so many replicas under load; then looks whether every return that was accepted is there. */
async function roll(desk: Desk, count: number, say: Say): Promise<Rolled> {
  const restarts: Restart[] = [];
  const tell = counter(say, "restarts", count);
  const load = await underLoad(loaded(desk), offered, async () => {
    for (let at = 0; at < count; at++) {
      const service = rolled[at % rolled.length] as ServiceName;
      restarts.push(await restartOne(desk, service, Math.floor(at / rolled.length) % 2));
      tell(restarts.length);
    }
  });
  const kept = await desk.books<{ resolution_id: string }>("resolution", "SELECT resolution_id FROM {}.resolution");
  const there = new Set(kept.map((row) => row.resolution_id));
  return { restarts, load, lost: load.resolutions.filter((id) => !there.has(id)).length };
}

export async function provenRolling(desk: Desk, say: Say, { count = 100 }: Draw): Promise<Proof[]> {
  const { restarts, load, lost } = await roll(desk, count, say);
  const worst = (of: keyof typeof most) => Math.max(...restarts.map((restart) => restart[of]));
  const failed = load.failed.all.reduce((sum, [, n]) => sum + n, 0);
  const rows = rolled.map((service) => {
    const own = restarts.filter((restart) => restart.service === service);
    const max = (of: keyof typeof most) => `${Math.round(Math.max(0, ...own.map((restart) => restart[of])))} ms`;
    return [service, `${own.length}`, max("notReadyMs"), max("exitMs"), max("readyMs")];
  });
  const slow = Object.entries(most).filter(([of, ms]) => worst(of as keyof typeof most) > ms);
  return [
    {
      asked: `${count} rolling restarts, two replicas of every service, ${offered.perSecond} requests/s: 0 failed, 0 lost`,
      counted:
        `${number(load.sent)} requests in ${Math.round(load.seconds)} s, ${number(load.resolutions.length)} of them returns begun; ${failed} failed` +
        `${failed > 0 ? ` (${load.failed})` : ""}, ${lost} lost; p99 ${Math.round(load.p99Ms)} ms, longest ${Math.round(load.longestMs)} ms`,
      ok: failed === 0 && lost === 0 && restarts.length === count,
      rows: [["service", "restarts", "not ready within", "ended within", "ready within"], ...rows],
    },
    {
      asked: "not ready within 1 s of the signal, ended within 10 s, ready within 5 s of the start",
      counted: `at most ${Math.round(worst("notReadyMs"))} ms, ${Math.round(worst("exitMs"))} ms, ${Math.round(worst("readyMs"))} ms`,
      ok: slow.length === 0,
    },
  ];
}
