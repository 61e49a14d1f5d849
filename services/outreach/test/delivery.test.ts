import assert from "node:assert/strict";
import { setImmediate as turn } from "node:timers/promises";
import { newId } from "#kit/ids.js";
import { until } from "#kit/testing/peers.js";
import { replay } from "../core/subscription.js";
import { prune } from "../prune.js";
import { answered, type Got, type House, history, leaseMs, openHouse, subscribers } from "./house.js";

const hour = 3_600_000;
const day = 24 * hour;
/** Of looks at what is due next: a hundred deliveries come to their end in some hundreds. */
const roundsMax = 5_000;

/** Numbers that look random and are the same each time (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

describe("deliveries", function () {
  this.timeout(60_000);
  let house: House;
  before(async () => {
    house = await openHouse();
  });
  afterEach(() => house.clear());
  after(() => house?.close());

  /** A resolution with so many events, all taken in. */
  async function told(events: number, resolutionId: string = newId("res")): Promise<string> {
    for (const fact of house.record(resolutionId, history(events))) await house.hear(fact);
    return resolutionId;
  }
  const sequenceOf = ({ id }: Got) => Number(id.split(".")[1]);
  /** Whether anybody waits for somebody else's row. */
  const waiting = async () =>
    (await house.query("SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%delivery%'"))
      .length > 0;
  const states = async (id: string) => (await house.deliveriesOf(id)).map(({ state }) => state).reverse();

  for (const seed of [1, 2]) {
    it(`come in the order of the history, whatever fails and in whatever order facts came (seed ${seed})`, async () => {
      const random = seeded(seed);
      const ids = [await house.subscribe(), await house.subscribe()].map(({ id }) => id);
      const facts = Array.from({ length: 8 }, () => newId("res")).flatMap((id) => house.record(id, history(6)));
      const delivered = new Map<string, number>();
      const { post, got } = subscribers(async ({ url, id }) => {
        const [resolution = "", sequence] = id.split(".");
        const lane = `${url} ${resolution}`;
        // At least once, so the one before may come again; nothing ever overtakes.
        assert.ok(Number(sequence) <= (delivered.get(lane) ?? 0) + 1, `${id} came before ${delivered.get(lane)}`);
        for (let turns = Math.floor(random() * 4); turns > 0; turns--) await turn();
        const status = random() < 0.4 ? ([500, 429, 0, 503][Math.floor(random() * 4)] ?? 500) : 204;
        if (status === 204) delivered.set(lane, Number(sequence));
        return answered(status);
      });
      const replicas = [house.replica(post, { random }), house.replica(post, { random })];
      const shuffled = facts.map((fact) => ({ fact, at: random() })).sort((a, b) => a.at - b.at);
      for (const [i, { fact }] of shuffled.entries()) {
        await house.hear(fact);
        if (i % 5 === 0) await Promise.all(replicas.map((replica) => replica.drain()));
      }
      let rounds = 0;
      for (let due = await house.nextDue(); due; due = await house.nextDue()) {
        if (++rounds > roundsMax) assert.fail(`no end: ${JSON.stringify(await house.query("SELECT * FROM lane"))}`);
        house.pass(Math.max(0, due.getTime() - house.clock.now().getTime()));
        await Promise.all(replicas.map((replica) => replica.drain()));
      }
      for (const id of ids) {
        const all = await house.deliveriesOf(id);
        assert.equal(all.length, 48);
        assert.ok(all.every(({ state }) => state === "DELIVERED"));
      }
      // Two replicas, and yet each try was made by one of them.
      const [{ tries } = { tries: 0 }] = await house.query<{ tries: number }>(
        `SELECT sum(attempts)::int AS tries FROM delivery WHERE subscription_id = ANY($1)`,
        [ids],
      );
      assert.equal(got.length, tries);
    });
  }

  it("a gap is filled from the record, so an event waits for no fact that is late or lost", async () => {
    const { id } = await house.subscribe();
    const resolution = newId("res");
    const facts = house.record(resolution, history(5));
    await house.hear(facts[4]!);
    assert.deepEqual(house.reads, [resolution]);
    const { post, got } = subscribers(() => answered(200));
    await house.replica(post).drain();
    assert.deepEqual(got.map(sequenceOf), [1, 2, 3, 4, 5]);
    for (const fact of [...facts, ...facts]) await house.hear(fact);
    assert.equal((await house.deliveriesOf(id)).length, 5);
    assert.equal(await house.replica(post).drain(), 0);
  });

  it("a try that was sent but not booked is made again under the same webhook-id", async () => {
    await house.subscribe();
    await told(1);
    const { post, got } = subscribers(() => answered(200));
    const dies = house.replica(post, {
      lanes: { ...house.lanes, record: () => Promise.reject(new Error("killed")) },
    });
    await dies.drain();
    const survivor = house.replica(post);
    assert.equal(await survivor.drain(), 0);
    house.pass(leaseMs);
    await survivor.drain();
    assert.equal(got.length, 2);
    assert.equal(got[0]?.id, got[1]?.id);
  });

  it("a worker that wakes up after its lease went to another books nothing", async () => {
    const { id } = await house.subscribe();
    await told(2);
    const [late] = await house.lanes.claim(house.clock.now(), { perSubscription: 4, perSeller: 8 }, 64);
    house.pass(leaseMs);
    const [other] = await house.lanes.claim(house.clock.now(), { perSubscription: 4, perSeller: 8 }, 64);
    const now = house.clock.now();
    assert.ok(await house.lanes.record(other!, { state: "DELIVERED" }, answered(200), now, now));
    assert.equal(await house.lanes.record(late!, { state: "DEAD" }, answered(500), now, now), undefined);
    assert.deepEqual(await states(id), ["DELIVERED", "PENDING"]);
  });

  it("three days in vain are ten tries and a dead letter, and what waited behind it goes on", async () => {
    const { id } = await house.subscribe();
    await told(2);
    const begin = house.clock.now().getTime();
    const times: number[] = [];
    const { post, got } = subscribers((one) => {
      if (sequenceOf(one) === 2) return answered(200);
      times.push(house.clock.now().getTime() - begin);
      return answered(500);
    });
    const replica = house.replica(post);
    await replica.drain();
    for (let due = await house.nextDue(); due; due = await house.nextDue()) {
      assert.ok(!got.some((one) => sequenceOf(one) === 2));
      house.pass(due.getTime() - house.clock.now().getTime());
      await replica.drain();
    }
    assert.equal(times.length, 10);
    const took = times.at(-1) ?? 0;
    assert.ok(took > 3 * day && took < 3.5 * day, `${took / day} days`);
    assert.deepEqual(await states(id), ["DEAD", "DELIVERED"]);
    const [dead] = (await house.deliveries.list(id, { state: "DEAD", lane: undefined }, { pageSize: 0, pageToken: "" }))
      .rows;
    assert.equal((await house.deliveries.attempts(dead!.deliveryId)).length, 10);

    await house.deliveries.change(dead!.deliveryId, house.spend(), house.clock.now(), replay);
    const mended = subscribers(() => answered(200));
    await house.replica(mended.post).drain();
    assert.deepEqual(
      mended.got.map(({ id }) => id),
      [dead!.eventId],
    );
    assert.deepEqual(await states(id), ["DELIVERED", "DELIVERED"]);
  });

  it("a slow subscriber holds up nobody else, and is asked no more at once than is allowed", async () => {
    const [slow, fast] = [await house.subscribe({ url: "https://slow.example/" }), await house.subscribe()];
    for (let i = 0; i < 10; i++) await told(1);
    let open = (): void => {};
    const opened = new Promise<void>((resolve) => {
      open = resolve;
    });
    const { post, got } = subscribers(async ({ url }) => {
      if (url.includes("slow")) await opened;
      return answered(200);
    });
    const replica = house.replica(post);
    const drained = replica.drain();
    await until("the slow one is asked", async () => got.filter(({ url }) => url.includes("slow")).length === 4);
    // Where one replica waits for the slow one, another goes on with whatever else is due.
    const other = house.replica(post);
    await until("the fast one has all", async () => {
      await other.drain();
      return (await states(fast.id)).every((state) => state === "DELIVERED");
    });
    assert.equal(got.filter(({ url }) => url.includes("slow")).length, 4);
    assert.ok((await states(slow.id)).every((state) => state === "PENDING"));
    open();
    await drained;
    assert.ok((await states(slow.id)).every((state) => state === "DELIVERED"));
  });

  it("a seller holds up nobody else either, however many subscriptions they have", async () => {
    for (let i = 0; i < 6; i++) await house.subscribe({ url: "https://slow.example/" }, "s-1");
    const other = await house.subscribe();
    for (let i = 0; i < 3; i++) await told(1);
    const jobs = await house.lanes.claim(house.clock.now(), { perSubscription: 4, perSeller: 8 }, 64);
    const theirs = (of: typeof jobs) => of.filter(({ url }) => url.includes("slow")).length;
    assert.deepEqual([theirs(jobs), jobs.length - theirs(jobs)], [8, 3]);
    assert.equal((await house.lanes.claim(house.clock.now(), { perSubscription: 4, perSeller: 8 }, 64)).length, 0);
    const now = house.clock.now();
    for (const job of jobs) await house.lanes.record(job, { state: "DELIVERED" }, answered(200), now, now);
    const next = await house.lanes.claim(now, { perSubscription: 4, perSeller: 8 }, 64);
    assert.equal(theirs(next), 8);
    assert.ok((await states(other.id)).every((state) => state === "DELIVERED"));
  });

  it("410 stops the subscription and says so; made active again, it goes on where it was", async () => {
    const { id } = await house.subscribe();
    await told(2);
    const gone = subscribers(() => answered(410));
    await house.replica(gone.post).drain();
    assert.equal(gone.got.length, 1);
    const stopped = await house.subscriptions.find(id);
    assert.deepEqual([stopped.state, stopped.disabledReason], ["DISABLED", "GONE"]);
    const announced = await house.query(`SELECT subject FROM outbox WHERE aggregate_id = $1`, [id]);
    assert.deepEqual(announced, [{ subject: "backhaul.outreach.v1.SubscriptionDisabled" }]);
    house.pass(hour);
    assert.equal(await house.replica(gone.post).drain(), 0);

    await house.subscriptions.change(id, house.spend(), (it) => {
      return { next: { ...it, state: "ACTIVE", disabledReason: undefined, version: it.version + 1 } };
    });
    const back = subscribers(() => answered(200));
    await house.replica(back.post).drain();
    assert.deepEqual(back.got.map(sequenceOf), [1, 2]);
  });

  it("days of nothing but failures stop the subscription; one success in between begins them anew", async () => {
    const { id } = await house.subscribe();
    const { post: fails } = subscribers(() => answered(500));
    const { post: works } = subscribers(() => answered(200));
    const failing = house.replica(fails);
    await told(1);
    await failing.drain();
    house.pass(4 * day);
    await house.replica(works).drain();
    assert.equal((await house.subscriptions.find(id)).failingSince, undefined);
    for (let days = 0; days <= 5; days++) {
      await told(1);
      await failing.drain();
      assert.equal((await house.subscriptions.find(id)).state, days < 5 ? "ACTIVE" : "DISABLED");
      house.pass(day);
    }
    assert.equal((await house.subscriptions.find(id)).disabledReason, "FAILING");
  });

  it("what is replayed since a time comes again in order, and what is discarded lets the next go", async () => {
    const { id } = await house.subscribe();
    await told(3);
    const { post, got } = subscribers(() => answered(200));
    const replica = house.replica(post);
    await replica.drain();
    const since = house.clock.now();
    await house.subscriptions.replaySince(id, house.spend(), { since, now: since }, () => {});
    await replica.drain();
    assert.deepEqual(got.map(sequenceOf), [1, 2, 3, 1, 2, 3]);

    const later = await told(2);
    const [second, first] = await house.deliveriesOf(id);
    assert.equal(first?.lane, later);
    await house.deliveries.change(first!.deliveryId, house.spend(), since, (it) => {
      return { ...it, state: "DISCARDED", endTime: since, version: it.version + 1 };
    });
    got.length = 0;
    await replica.drain();
    assert.deepEqual(
      got.map(({ id }) => id),
      [second?.eventId],
    );
  });

  it("a former secret signs along until its time is over", async () => {
    const { id } = await house.subscribe();
    const until = new Date(house.clock.now().getTime() + day);
    await house.subscriptions.change(id, house.spend(), (it) => {
      const former = { secret: it.secret, until };
      return { next: { ...it, secret: house.seal.seal(id, "whsec_bmV3"), former, version: it.version + 1 } };
    });
    const { post, got } = subscribers(() => answered(200));
    await told(1);
    await house.replica(post).drain();
    house.pass(day);
    await told(1);
    await house.replica(post).drain();
    assert.deepEqual(
      got.map(({ headers }) => headers["webhook-signature"]?.split(" ").length),
      [2, 1],
    );
  });

  it("what is replayed while the logs are cut stays, and goes out", async () => {
    const { id } = await house.subscribe();
    const resolution = await told(1);
    const { post, got } = subscribers(() => answered(200));
    await house.replica(post).drain();
    const [delivery] = await house.deliveriesOf(id);
    const later = new Date(house.clock.now().getTime() + 1);
    const other = await house.db.pool.connect();
    try {
      // A replay that is under way: its row is written, and not yet to be seen.
      await other.query(`SET search_path = "${house.db.schema}"`);
      await other.query("BEGIN");
      await other.query("UPDATE delivery SET state = 'PENDING', end_time = NULL WHERE delivery_id = $1", [
        delivery!.deliveryId,
      ]);
      await other.query("UPDATE lane SET pending = 1, due_time = $2 WHERE lane = $1", [resolution, later]);
      const cut = prune(house.db, later, later);
      await Promise.race([cut, until("the cut waits for it, or is done without", async () => await waiting())]);
      await other.query("COMMIT");
      await cut;
    } finally {
      other.release();
    }
    house.pass(1);
    await house.replica(post).drain();
    assert.equal(got.length, 2);
  });

  it("the logs are cut to what ended since; what is on its way stays", async () => {
    const { id } = await house.subscribe();
    await told(2);
    const { post } = subscribers((one) => answered(sequenceOf(one) === 1 ? 200 : 500));
    await house.replica(post).drain();
    const later = new Date(house.clock.now().getTime() + 1);
    await house.query(
      `INSERT INTO notice VALUES ('res_1.a.SMS', 'res_1', 'received', 'SMS', 'ko', '', 0, '{}', 0, 'SENT', '', '2026-01-01')`,
    );
    await prune(house.db, later, later);
    assert.deepEqual(await house.query("SELECT notice_id FROM notice"), []);
    assert.deepEqual(await states(id), ["PENDING"]);
    const left = await house.query<{ n: number }>(
      "SELECT count(*)::int AS n FROM attempt WHERE delivery_id NOT IN (SELECT delivery_id FROM delivery)",
    );
    assert.deepEqual(left, [{ n: 0 }]);
  });
});
