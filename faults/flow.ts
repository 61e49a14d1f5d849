// Whether work goes on: two requests made the moment a fault is over, and the time until everything they need at once has
// been done for them. They pass through the edge, eligibility, resolution, collection, inspection, refund, the bus, and
// the outside systems.
import { setTimeout as wait } from "node:timers/promises";
import type { Seen } from "../test/shop.js";
import type { Customers } from "./customers.js";
import { type Begun, begun, bought, probes } from "./journeys.js";

/** What the probes are about: bought beforehand, so that a shop that is away is not measured. */
export type Probes = Readonly<Record<keyof typeof probes, Awaited<ReturnType<typeof bought>>>>;

export async function probesBought(customers: Customers): Promise<Probes> {
  const [claim, pickup] = await Promise.all([bought(customers, probes.claim), bought(customers, probes.pickup)]);
  return { claim, pickup };
}

const lookMs = 50;
/** Where nothing has come of it by then, the books will say why. */
const patienceMs = 90_000;

/** Resolves when both are done, with what was promised; `flowing` is false where patience ended. */
export async function flows(customers: Customers, { claim, pickup }: Probes) {
  const [paid, fetched] = await Promise.all([
    begun(customers, probes.claim, claim),
    begun(customers, probes.pickup, pickup),
  ]);
  const end = Date.now() + patienceMs;
  const until = async ({ resolutionId }: Begun, done: (seen: Seen) => boolean): Promise<boolean> => {
    for (;;) {
      const seen = await customers.shop.see(resolutionId).catch(() => undefined);
      if (seen?.state && done(seen)) return true;
      if (Date.now() > end) return false;
      await wait(lookMs);
    }
  };
  const [closed, planned] = await Promise.all([
    until(paid, ({ state, onHold }) => state === "RESOLUTION_STATE_CLOSED" || onHold),
    until(fetched, ({ collectionId, inspectionId, onHold }) => (collectionId !== "" && inspectionId !== "") || onHold),
  ]);
  return { begun: [paid, fetched], flowing: closed && planned };
}
