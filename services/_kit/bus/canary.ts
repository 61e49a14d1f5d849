// Whether the bus works, seen by using it: its API answers and a message that is published is acknowledged, each within a
// second. A server whose disk is full says that it is healthy, and hangs.
import { type JetStreamManager, jetstream } from "@nats-io/jetstream";
import type { NatsConnection } from "nats";
import { failpoint } from "#kit/failpoint.js";
import { canarySubject } from "./declared.js";

const patienceMs = 1_000;

/** @returns how long it took @throws Error if either did not happen within a second */
export async function sing(nc: NatsConnection, jsm: JetStreamManager, service: string): Promise<number> {
  const startedAt = performance.now();
  await within(jsm.getAccountInfo(), "the API of JetStream");
  const js = jetstream(nc, { timeout: patienceMs });
  failpoint("publish", "canary", "before");
  await within(js.publish(canarySubject(service), new Date().toISOString()), "an acknowledgement");
  failpoint("publish", "canary", "after");
  return performance.now() - startedAt;
}

async function within(work: Promise<unknown>, what: string): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} did not come within ${patienceMs} ms`)), patienceMs);
  });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
