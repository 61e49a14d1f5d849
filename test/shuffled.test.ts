// The first delivery of facts, in any order. The services that announce are cut off from the bus while a parcel goes its
// way; then the resolution service is told what piled up in their outboxes, one fact after the other, in an order of the
// test's own. Last they get their bus back, and announce all of it once more. The end is that of the orderly run.
import assert from "node:assert/strict";
import { createHash, randomInt } from "node:crypto";
import { Twist } from "#gen/backhaul/sandbox/v1/scenario_service.js";
import { until } from "#kit/testing/peers.js";
import { type Gate, openGate } from "./gate.js";
import { breaches } from "./invariants.js";
import { type Mesh, openMesh } from "./mesh.js";
import { type OrderOptions, openShop, type Shop } from "./shop.js";
import { openTeller, type Place, type Teller } from "./teller.js";

type Journey = {
  readonly title: string;
  readonly order: OrderOptions;
  readonly reason?: string;
  readonly twist?: { readonly twist: Twist; readonly units?: number; readonly times?: number };
  /** Until all is inspected. */
  readonly days: number;
  /** What the resolution hears, were nothing late. */
  readonly orderly: readonly string[];
  /** What the provider pays back, and the units accepted of two. */
  readonly refunded: string;
  readonly accepted: number;
};

const journeys: readonly Journey[] = [
  {
    title: "KR: a return refunded at the pickup scan",
    order: { market: "KR", paidMinor: 50_000n },
    days: 4.1,
    orderly: ["ParcelPickedUp", "RefundSucceeded", "ParcelReceived", "InspectionCompleted"],
    refunded: "47000",
    accepted: 2,
  },
  {
    title: "KR: a return picked up at the third attempt",
    order: { market: "KR", paidMinor: 50_000n },
    twist: { twist: Twist.TWIST_PICKUP_FAILED, times: 2 },
    days: 8,
    orderly: [
      "PickupAttemptFailed",
      "PickupAttemptFailed",
      "ParcelPickedUp",
      "RefundSucceeded",
      "ParcelReceived",
      "InspectionCompleted",
    ],
    refunded: "47000",
    accepted: 2,
  },
  {
    title: "KR: a return of which one of two units is accepted",
    order: { market: "KR", paidMinor: 300_001n },
    reason: "NOT_AS_DESCRIBED",
    twist: { twist: Twist.TWIST_DAMAGED, units: 1 },
    days: 5,
    orderly: ["ParcelPickedUp", "ParcelReceived", "InspectionCompleted", "RefundSucceeded"],
    refunded: "150000",
    accepted: 1,
  },
  {
    title: "TW: a return refunded after the inspection",
    order: { market: "TW", paidMinor: 120_000n },
    days: 4.1,
    orderly: ["ParcelPickedUp", "ParcelReceived", "InspectionCompleted", "RefundSucceeded"],
    refunded: "1200",
    accepted: 2,
  },
];

/** All that is announced on these journeys, those that nobody waits for too. */
const tale = [
  "CollectionScheduled",
  "PickupAttemptFailed",
  "ParcelPickedUp",
  "RefundGranted",
  "RefundSucceeded",
  "ParcelDelivered",
  "ParcelReceived",
  "InspectionCompleted",
  "GoodsSentBack",
];
const inTale: Place = ({ name, nth }) => tale.indexOf(name) * 10 + nth;

/** SHUFFLE_SEED of a run that failed repeats its shuffles. */
const seed = process.env.SHUFFLE_SEED ?? String(randomInt(2 ** 31));
const shuffle = (number: number): Place => {
  return ({ name, nth }) => createHash("sha256").update(`${seed} ${number} ${name} ${nth}`).digest().readUInt32BE();
};

const orders: readonly { readonly name: string; readonly place: Place }[] = [
  { name: "in order", place: inTale },
  { name: "in reversed order", place: (fact) => -inTale(fact) },
  ...Array.from({ length: 10 }, (_, n) => ({ name: `shuffle ${n} of SHUFFLE_SEED=${seed}`, place: shuffle(n) })),
];

describe("a journey whose facts come in any order", function () {
  this.timeout(60_000);
  let gate: Gate;
  let mesh: Mesh;
  let shop: Shop;
  let teller: Teller;
  const schema = (service: string) => mesh.stage.env(service).DATABASE_SCHEMA ?? service;

  before(async () => {
    gate = await openGate(() => mesh.stage.nats.port);
    const settings = { NATS_URL: gate.url };
    mesh = await openMesh({ settings: { collection: settings, inspection: settings, refund: settings } });
    shop = await openShop(mesh.doors);
    teller = await openTeller(mesh.stage.databaseUrl, mesh.stage.nats.url, schema);
  });
  beforeEach(() => gate.shut());
  after(async () => {
    await teller?.close();
    shop?.close();
    await mesh?.stop();
    await gate?.close();
  });

  /**
   * A clock that settles waits for the bus, and those behind the gate have none. Half a day at a time, until nothing more
   * is announced: hours lie between a driver's attempts, and one that is told after the pick-up counts no more.
   */
  async function pass(days: number): Promise<void> {
    for (let left = days; left > 0; left -= 0.5) {
      const to = new Date((await shop.now()).getTime() + Math.min(left, 0.5) * 86_400_000);
      await shop.clocks.advanceClock({ to, noWait: true });
      for (let before = -1, now = 0; before !== now; ) {
        before = now;
        await new Promise((resolve) => setTimeout(resolve, 150));
        now = (await teller.counts()).announced;
      }
    }
  }

  async function begin({ order: options, reason = "NO_LONGER_NEEDED", twist }: Journey) {
    const order = await shop.order(options);
    if (twist) await shop.scenario({ ...twist, orderId: order.orderId });
    const { resolutionId } = await shop.ask(order, "RETURN", { reason });
    return { orderId: order.orderId, resolutionId };
  }

  async function announced(resolutionId: string, name: string): Promise<void> {
    await until(`${name} of ${resolutionId}`, async () =>
      (await teller.piled(resolutionId)).some((f) => f.name === name),
    );
  }

  async function endOf(orderId: string, resolutionId: string) {
    const { state, goods, money, stock, onHold, lines, refunded } = await shop.see(resolutionId);
    const provider = (await shop.providerRefunds(orderId)).map(({ amount }) => amount);
    const counted = lines.map(({ accepted, rejected }) => ({ accepted, rejected }));
    return { state, goods, money, stock, onHold, lines: counted, refunded, provider };
  }

  for (const journey of journeys) {
    it(`${journey.title} ends like the orderly one, refunded once`, async () => {
      const begun = await Promise.all(orders.map(async (order) => ({ ...order, ...(await begin(journey)) })));
      await Promise.all(begun.map(({ resolutionId }) => announced(resolutionId, "CollectionScheduled")));
      await pass(journey.days);
      await Promise.all(begun.map(({ resolutionId }) => announced(resolutionId, "InspectionCompleted")));

      const ended = await Promise.all(
        begun.map(async ({ name, place, orderId, resolutionId }) => {
          const told = (await teller.tellAll(resolutionId, place)).filter((fact) => fact.concerns);
          const words = told.map((fact) => fact.name);
          const timeline = (await shop.timeline(resolutionId)).map((entry) => entry.name);
          return {
            order: `${name}: ${words.join(", ")}`,
            words,
            timeline: timeline.filter((entry) => words.includes(entry)),
            end: await endOf(orderId, resolutionId),
          };
        }),
      );

      const [orderly] = ended;
      assert.deepEqual(orderly?.words, journey.orderly);
      assert.equal(orderly?.end.state, "RESOLUTION_STATE_CLOSED");
      assert.equal(orderly?.end.lines[0]?.accepted, journey.accepted);
      assert.deepEqual(
        orderly?.end.provider.map((amount) => String(amount?.units)),
        [journey.refunded],
      );
      for (const { order, words, timeline, end } of ended) {
        assert.deepEqual(timeline, words, `taken in otherwise than told: ${order}`);
        assert.deepEqual(end, orderly?.end, `another end: ${order}`);
      }

      gate.open();
      await shop.pass(0.01);
      const { announced: facts, onTheBus } = await teller.counts();
      assert.equal(onTheBus, facts, "the relays' own announcements are known to the broker");
      assert.deepEqual(await breaches(mesh.stage.databaseUrl, mesh.stage.nats.url, schema), []);
    });
  }
});
