// The bus is away for minutes, and customers keep coming at a steady rate: each is taken at the first try, and once the bus
// is back everything that was said meanwhile arrives.
import { setTimeout as wait } from "node:timers/promises";
import { newId } from "#kit/ids.js";
import { number, Tally } from "../prove/proof.js";
import { natsOf } from "./bus.js";
import { drained } from "./drain.js";
import { openHouse } from "./house.js";
import { type Begun, bought, type Journey, journeys } from "./journeys.js";
import { seconds } from "./report.js";
import { settled, verdict } from "./verdict.js";

export type Away = { readonly minutes: number; readonly rate: number };

/** Once it is back, all must have arrived within a minute; how long it really takes is said. */
const drainedWithinMs = 60_000;
/** Thousands of journeys are told to their end on a machine that does everything itself. */
const patienceMs = 1_800_000;

export async function away({ minutes, rate }: Away, say: (line: string) => void): Promise<number> {
  const house = await openHouse();
  try {
    const { customers } = house;
    const nats = natsOf(house);
    const answers = new Tally();
    const promised: Begun[] = [];
    const once = async (journey: Journey) => {
      const { orderId, customerId, lineId } = await bought(customers, journey);
      const { kind, reason = "NO_LONGER_NEEDED", more } = journey;
      const body = { orderId, kind: `KIND_${kind}`, lines: [{ lineId, quantity: 2, reason, ...more }] };
      const { status, json } = await customers.shop
        .rest("CUSTOMER", customerId, "POST", "/v1/resolutions", body, newId("key"))
        .catch((error: Error) => ({ status: 0, json: error.message }));
      answers.add(status === 200 ? "accepted" : `${status} ${json?.reason ?? json}`);
      if (status === 200) promised.push({ journey, orderId, customerId, resolutionId: json.resolutionId });
    };
    const told = journeys.filter(({ withdrawn, times }) => !withdrawn && !times);

    await nats.kill();
    const count = Math.round(minutes * 60 * rate);
    const startedAt = Date.now();
    const asking: Promise<void>[] = [];
    for (let nth = 0; nth < count; nth++) {
      await wait(Math.max(0, startedAt + (nth * 1000) / rate - Date.now()));
      asking.push(once(told[nth % told.length] as Journey));
      if (nth % (rate * 30) === 0) say(`  ${number(nth)} of ${number(count)} asked: ${answers}`);
    }
    await Promise.all(asking);
    const awayMs = Date.now() - startedAt;
    await nats.restart();
    const drainedMs = await drained(house, patienceMs, say);
    say(`  drained after ${seconds(drainedMs)}; the journeys go on to their end`);
    await settled(house, promised, patienceMs);
    const complaints = await verdict(house, promised, false);

    console.log(`nats-server away for ${seconds(awayMs)}, ${rate} requests a second: ${answers}`);
    console.log(`all arrived ${seconds(drainedMs)} after it was back; ${number(promised.length)} journeys settled`);
    for (const complaint of complaints) console.log(`✘ ${complaint}`);
    const ok = complaints.length === 0 && answers.of("accepted") === count && drainedMs <= drainedWithinMs;
    console.log(ok ? "✔ all accepted, none lost, none paid twice, every invariant holds" : "✘ not as it should be");
    return ok ? 0 : 1;
  } finally {
    await house.close(false);
  }
}
