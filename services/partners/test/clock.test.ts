import assert from "node:assert/strict";
import { ClockServiceService } from "#gen/backhaul/sandbox/v1/clock_service.js";
import { createMinter } from "#kit/access.js";
import { openAddress } from "#kit/client.js";
import { type JoinedClock, joinClock, type WorkLeft } from "#kit/clock.js";
import { meshSecret, openStage, type Stage } from "#kit/testing/stage.js";
import { hour, reason, type Sandbox, sandbox } from "./builders.js";

/** A process of the mesh, as far as the clock sees it: the kit's own side of the stream, with work made up. */
async function join(port: number, service: string, work: Partial<WorkLeft> = {}) {
  const left = { agenda: 0, outbox: 0, bus: 0, commits: 0, ...work };
  const seen = { asked: 0, moved: 0 };
  const opened = openAddress(`127.0.0.1:${port}`, {
    service,
    mint: createMinter(service, meshSecret),
    deadlineMs: 5_000,
  });
  const workLeft = async () => {
    seen.asked++;
    return { ...left };
  };
  const joined: JoinedClock = await joinClock(opened.connect, service, workLeft, () => seen.moved++);
  const stop = () => {
    joined.stop();
    opened.close();
  };
  return { left, seen, clock: joined.clock, reached: joined.reached, stop };
}

type Fake = Awaited<ReturnType<typeof join>>;

describe("partners: the clock", () => {
  let stage: Stage;
  let box: Sandbox;
  let fakes: Fake[] = [];

  before(async () => {
    stage = await openStage();
    box = await sandbox(stage);
  });
  afterEach(async () => {
    for (const fake of fakes) fake.stop();
    fakes = [];
    // Whoever went away is expected back for a second; no test shall wait for another's.
    await box.go(1);
  });
  after(async () => {
    await box?.stop();
    await stage?.close();
  });

  const joins = async (service: string, work: Partial<WorkLeft> = {}) => {
    const fake = await join(box.running.port, service, work);
    fakes.push(fake);
    return fake;
  };
  const offset = async () => Number((await box.clock.getClock({})).offsetMs);
  const inHours = async (hours: number) => new Date((await box.clock.getClock({})).now!.getTime() + hours * hour);

  it("goes forward only", async () => {
    const to = await inHours(24);
    const { now } = await box.clock.advanceClock({ to, noWait: false });
    assert.ok(now! >= to);
    await assert.rejects(box.clock.advanceClock({ to: await inHours(-1), noWait: false }), reason("CLOCK_BACKWARDS"));
  });

  it("tells whoever joins the time, and everybody when it moves", async () => {
    const [one, two] = [await joins("refund"), await joins("collection")];
    const before = await offset();
    assert.ok(Math.abs(one.clock.now().getTime() - Date.now() - before) < 1_000);
    const to = await inHours(10);
    await box.clock.advanceClock({ to, noWait: true });
    assert.ok(one.clock.now() >= to && two.clock.now() >= to);
    assert.deepEqual([one.seen.moved, one.seen.asked], [2, 0], "joined, then moved; not asked for work");
  });

  it("is no earlier for whoever missed a move than for those who tell of what came after it, and again the same", async () => {
    const fake = await joins("refund");
    const told = await inHours(3);
    fake.reached(told);
    assert.ok(fake.clock.now() >= told);
    assert.equal(fake.seen.moved, 2, "what waits for that time is looked for");
    fake.reached(await inHours(1));
    fake.reached(new Date(Number.NaN));
    assert.equal(fake.seen.moved, 2);
    assert.ok(fake.clock.now().getTime() - told.getTime() < 1_000);
    const to = await inHours(2);
    await box.clock.advanceClock({ to, noWait: true });
    assert.ok(Math.abs(fake.clock.now().getTime() - to.getTime()) < 1_000);
  });

  it("waits until nobody has anything left to do, twice in a row", async () => {
    const fake = await joins("refund", { agenda: 2, outbox: 1 });
    const slow = setTimeout(() => Object.assign(fake.left, { agenda: 0, outbox: 0 }), 150);
    const started = Date.now();
    await box.go(1);
    clearTimeout(slow);
    assert.ok(Date.now() - started >= 140);
    assert.ok(fake.seen.asked >= 3);
  });

  it("does not call it rest while somebody commits between two rounds", async () => {
    const fake = await joins("refund");
    // Nothing is left whenever it is asked, yet for ten rounds something was done in between.
    Object.defineProperty(fake.left, "commits", { enumerable: true, get: () => Math.min(fake.seen.asked, 10) });
    await box.go(1);
    assert.equal(fake.seen.asked, 11);
  });

  it("says whom it waits for when time runs out", async () => {
    await joins("refund", { bus: 3 });
    const client = openAddress(`127.0.0.1:${box.running.port}`, {
      service: "test",
      mint: () => createMinter("test", meshSecret)({ subject: "op", role: "OPERATOR", via: "" }),
      deadlineMs: 400,
    });
    const impatient = client.connect(ClockServiceService);
    const before = await offset();
    await assert.rejects(impatient.advanceClock({ to: await inHours(5), noWait: false }), (error) => {
      reason("CLOCK_NOT_SETTLED")(error);
      assert.match((error as Error).message, /refund@.* bus 3/);
      return true;
    });
    assert.ok((await offset()) >= before + 5 * hour - 1_000, "the time is set all the same");
    client.close();
  });

  it("waits for one who cannot tell", async () => {
    const fake = await joins("refund");
    let broken = true;
    Object.defineProperty(fake.left, "agenda", {
      enumerable: true,
      get: () => {
        if (broken) throw new Error("database away");
        return 0;
      },
    });
    setTimeout(() => (broken = false), 100);
    await box.go(1);
    assert.equal(broken, false);
  });

  it("forgets who has gone, after giving them a moment to come back", async () => {
    const fake = await joins("refund", { agenda: 7 });
    fake.stop();
    const started = Date.now();
    await box.go(1);
    assert.ok(Date.now() - started < 3_000);
  });

  it("takes less than a moment when there is nothing to do", async () => {
    await Promise.all(
      ["resolution", "eligibility", "collection", "inspection", "refund"].map((service) => joins(service)),
    );
    await box.go(1);
    const started = performance.now();
    for (let i = 0; i < 50; i++) await box.go(24);
    const ms = (performance.now() - started) / 50;
    if (process.env.SHOW_NUMBERS) console.log(`      advance with five services at rest: ${ms.toFixed(1)} ms`);
    assert.ok(ms < 100, `${ms} ms`);
  });

  it("is where it was after a restart, and those who join again are told at once", async () => {
    const own = await openStage();
    let first = await sandbox(own);
    await first.go(1_000);
    const before = Number((await first.clock.getClock({})).offsetMs);
    const fake = await join(first.running.port, "refund");
    const started = Date.now();
    await first.stop();
    assert.ok(Date.now() - started < 2_000, "the streams do not hold the doors open");
    first = await sandbox(own, { PORT: String(first.running.port) });
    assert.equal(Number((await first.clock.getClock({})).offsetMs), before);
    await first.go(1);
    assert.ok(fake.seen.asked > 0, "nobody is at rest before those who followed had time to come back");
    fake.stop();
    await first.stop();
    await own.close();
  });
});
