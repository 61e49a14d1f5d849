// A sample of the stories of `npm run simulate`, all that ever failed, and proof that they can.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import type { StepHandler } from "#kit/agenda.js";
import { newId } from "#kit/ids.js";
import type { Guarantee } from "../simulation/database/schema.js";
import { allOrders, type Report, type Scenario, simulate, type Telling } from "../simulation/simulate.js";
import type { Spoil } from "../simulation/world/world.js";

const stories = 25;
/** The rarest of these mistakes shows in one story of thirty. */
const seedsMax = 150;
const wholeStory = (seed: number): Scenario => ({ seed, orders: allOrders, without: [] });
const failedBefore: (Partial<Scenario> & { readonly about: string })[] = JSON.parse(
  readFileSync(new URL("../simulation/seeds.json", import.meta.url), "utf8"),
);

/** A service whose step is done otherwise. */
const otherwise =
  (of: string, name: string, change: (step: Parameters<StepHandler["run"]>[0]) => object): Spoil =>
  (service, parts) => {
    const handler = parts.steps?.[name];
    if (service !== of || !handler) return parts;
    const run: StepHandler["run"] = (step, call) => handler.run({ ...step, ...change(step) }, call);
    return { ...parts, steps: { ...parts.steps, [name]: { ...handler, run } } };
  };

const forgets = (guarantee: Guarantee): Telling => ({ forgotten: [guarantee] });
const planted: Readonly<Record<string, Telling>> = {
  "a database without its guard of versions": forgets("version guard"),
  "a database that keeps no answers to requests": forgets("request spent"),
  "a database that lets two requests hold one unit": forgets("units held"),
  "a refund that asks its provider under a new key when it asks again": {
    spoil: otherwise("refund", "pay", ({ attempt, payload }) => ({
      payload: { ...payload, key: attempt > 1 ? `${payload.key}-${attempt}` : payload.key },
    })),
  },
  "a resolution that forgets to take its fees off": {
    spoil: otherwise("resolution", "refund.issue", ({ payload }) => ({ payload: { ...payload, fees: [] } })),
  },
  "a resolution that asks for a replacement under a new id each time": {
    spoil: otherwise("resolution", "shipment.replace", ({ attempt, payload }) => ({
      payload: { ...payload, requestId: `${payload.requestId}-${attempt}` },
    })),
  },
};

describe("the cores in one process, in virtual time", () => {
  const reports: Report[] = [];
  before(async function () {
    this.timeout(120_000);
    for (let seed = 1; seed <= stories; seed++) reports.push(await simulate(wholeStory(seed)));
  });

  it(`keep every promise in ${stories} stories of weeks, and settle all that was begun`, () => {
    const failed = reports.filter(({ breaches }) => breaches.length > 0);
    assert.deepEqual(
      failed.map(({ scenario, breaches }) => ({ scenario, breaches })),
      [],
    );
  });

  it("keep them in the stories in which they once did not", async () => {
    for (const story of failedBefore) {
      const { breaches } = await simulate({ ...wholeStory(0), ...story });
      assert.deepEqual(breaches, [], story.about);
    }
  });

  it("tell the same story from the same seed, to the last byte, and another from another", async () => {
    for (const { scenario, digest } of reports.slice(0, 5)) assert.equal((await simulate(scenario)).digest, digest);
    assert.equal(new Set(reports.map(({ digest }) => digest)).size, reports.length);
  });

  it("tell it the same whatever else goes on in the process, which keeps its own time and chance", async () => {
    const times: number[] = [];
    const noise = setInterval(() => {
      times.push(Date.now() + Math.random() / 10);
      newId("evt");
      setTimeout(() => randomBytes(8), 1);
    }, 1);
    try {
      const { scenario, digest } = reports[0] as Report;
      assert.equal((await simulate(scenario)).digest, digest);
    } finally {
      clearInterval(noise);
    }
    assert.ok(times.length > 0, "there was noise");
    assert.ok(times.every((time) => Math.abs(Date.now() - time) < 60_000));
  });

  it("take time and chance from the simulation, and give them back", () => {
    assert.ok(Math.abs(Date.now() - performance.timeOrigin - performance.now()) < 60_000);
    assert.notEqual(Math.random(), Math.random());
  });

  for (const [bug, telling] of Object.entries(planted)) {
    it(`show within ${seedsMax} stories ${bug}`, async function () {
      this.timeout(60_000);
      for (let seed = 1; seed <= seedsMax; seed++) {
        const { breaches } = await simulate(wholeStory(seed), telling);
        if (breaches.length > 0) return;
      }
      assert.fail("nobody missed anything");
    });
  }
});
