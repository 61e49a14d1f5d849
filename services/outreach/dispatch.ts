// Sends what is due: claims lanes, signs, posts, books. Every replica does; leases keep them apart, and what one of them
// held when it died goes out again under the same webhook-id when its lease is over.
import type { Clocks } from "#kit/clock.js";
import type { Log } from "#kit/log.js";
import { measure } from "#kit/telemetry.js";
import { disabledBy, judge } from "./core/schedule.js";
import type { DisabledReason } from "./core/types.js";
import type { Job, Lanes, Shares } from "./lanes.js";
import type { Post } from "./post.js";
import type { Seal } from "./sealing.js";
import { signed } from "./signature.js";

export type DispatchParts = {
  readonly lanes: Lanes;
  readonly post: Post;
  readonly seal: Seal;
  readonly clocks: Clocks;
  readonly log: Log;
  readonly random: () => number;
  readonly shares: Shares;
  /** Requests under way from this process. */
  readonly atOnce: number;
  readonly disableAfterMs: number;
  /** Stops a subscription. */
  readonly disable: (subscriptionId: string, reason: DisabledReason) => Promise<void>;
};

const pollMs = 1_000;

export function openDispatch(parts: DispatchParts) {
  const { lanes, post, seal, clocks, log, random, shares, atOnce, disableAfterMs, disable } = parts;
  const running = new Set<Promise<void>>();
  let timer: NodeJS.Timeout | undefined;
  let looking: Promise<void> | undefined;
  let lookAgain = false;
  let open = false;

  function secretsOf({ subscriptionId, secret, former }: Job, now: Date): string[] {
    const sealed = former && former.until > now ? [secret, former.secret] : [secret];
    return sealed.map((it) => seal.open(subscriptionId, it));
  }

  async function deliver(job: Job): Promise<void> {
    const startTime = clocks.real.now();
    const startedAt = performance.now();
    const answer = await post(job.url, signed(job.eventId, startTime, job.body, secretsOf(job, startTime)), job.body);
    const now = clocks.real.now();
    const verdict = judge(answer, job.tries + 1, random());
    const booked = await lanes.record(job, verdict, answer, startTime, now);
    measure("webhook", startedAt, { service: "outreach", outcome: booked ? verdict.state : "lease lost" });
    if (!booked) return;
    const reason = disabledBy(answer, booked.failingSince, now, disableAfterMs);
    if (reason) await disable(job.subscriptionId, reason);
  }

  /** Does one job; one that cannot even be booked comes again when its lease is over. */
  async function perform(job: Job): Promise<void> {
    try {
      await deliver(job);
    } catch (error) {
      log.error({ error, delivery_id: job.deliveryId }, "webhook not delivered; it goes out again");
    }
  }

  async function claimAndStart(): Promise<number> {
    const jobs = await lanes.claim(clocks.real.now(), shares, atOnce - running.size);
    for (const job of jobs) {
      const work = perform(job).finally(() => {
        running.delete(work);
        if (open) poke();
      });
      running.add(work);
    }
    return jobs.length;
  }

  async function look(): Promise<void> {
    do {
      lookAgain = false;
      if (running.size >= atOnce) return;
      await claimAndStart().catch((error) => log.info({ error: (error as Error).message }, "no webhooks claimed"));
    } while (lookAgain && open);
  }

  function poke(): void {
    if (!open) return;
    lookAgain = true;
    looking ??= look().finally(() => {
      looking = undefined;
    });
  }

  return {
    /** Looks for due deliveries now. */
    poke,
    /** Sends what is due at this moment, and what becomes due by it, until nothing is; says how much that was. */
    drain: async (): Promise<number> => {
      let sent = 0;
      for (let more = 1; more > 0; ) {
        more = await claimAndStart();
        sent += more;
        await Promise.all(running);
      }
      return sent;
    },
    start: (): void => {
      open = true;
      timer = setInterval(poke, pollMs);
    },
    stop: async (): Promise<void> => {
      open = false;
      clearInterval(timer);
      await looking;
      await Promise.all(running);
    },
  };
}
