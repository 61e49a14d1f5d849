// Whether the mesh is at rest: everybody is asked twice. If all of them had nothing to do both times, and nobody committed
// anything in between, then at the moment between the two rounds there was nothing under way anywhere.
import { setTimeout as wait } from "node:timers/promises";
import { DomainError } from "#kit/pure/check.js";
import type { Answer, Joined } from "./joined.js";

/** What the sandbox itself has left to do. */
export type OwnWork = () => Promise<{ readonly agenda: number; readonly moves: number }>;

/** What one round found. */
type Round = { readonly busy: readonly string[]; readonly mark: string };

const leastPauseMs = 5;
const longestPauseMs = 20;

/**
 * Resolves when the mesh is at rest.
 * @param ended resolves when there is no time left to wait
 * @throws DomainError CLOCK_NOT_SETTLED that names what is waited for
 */
export async function settle(joined: Joined, ownWork: OwnWork, ended: Promise<"ended">): Promise<void> {
  let last: Round | undefined;
  for (let pauseMs = leastPauseMs; ; ) {
    const round = await Promise.race([ask(joined, ownWork), ended]);
    if (round === "ended") throw notSettled([...joined.absent(), ...(last?.busy ?? [])]);
    const quiet = round.busy.length === 0;
    if (quiet && last?.busy.length === 0 && last.mark === round.mark) return;
    last = round;
    if (quiet) continue;
    if ((await Promise.race([wait(pauseMs), ended])) === "ended") throw notSettled(round.busy);
    pauseMs = Math.min(longestPauseMs, pauseMs * 2);
  }
}

/** Resolves when every process has the new offset. @throws DomainError CLOCK_NOT_SETTLED */
export async function told(joined: Joined, ended: Promise<"ended">): Promise<void> {
  if ((await Promise.race([joined.tell(false), ended])) === "ended") throw notSettled(joined.absent());
}

async function ask(joined: Joined, ownWork: OwnWork): Promise<Round> {
  const [answers, own] = await Promise.all([joined.tell(true), ownWork()]);
  const busy = [...answers.flatMap(busyWith), ...joined.absent().map((instance) => `${instance} is away`)];
  if (own.agenda > 0) busy.push(`partners agenda ${own.agenda}`);
  const mark = [`partners ${own.moves}`, ...answers.map(({ instance, work }) => `${instance} ${work?.commits}`)].join();
  return { busy, mark };
}

function busyWith({ instance, work }: Answer): string[] {
  if (!work) return [`${instance} cannot tell`];
  const left = (["agenda", "outbox", "bus"] as const).filter((what) => work[what] > 0n);
  return left.map((what) => `${instance} ${what} ${work[what]}`);
}

function notSettled(waitingFor: readonly string[]): DomainError {
  const names = waitingFor.join(", ") || "two rounds alike";
  return new DomainError("CLOCK_NOT_SETTLED", `the time is set; still under way: ${names}`, { waiting_for: names });
}
