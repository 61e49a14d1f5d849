import assert from "node:assert/strict";
import { isTurnedAway, type Load, nextOpenMax, pressureOf, type Standing } from "../load.js";

const idle: Load = { open: 0, openMax: 100, openAtService: 0, serviceMax: 75, loopDelayMs: 0, loopDelayMaxMs: 200 };

describe("what an edge takes on", () => {
  const cases: readonly (readonly [string, Partial<Load>, number, readonly Standing[]])[] = [
    ["everything when nothing is under way", {}, 0, []],
    ["everything below six tenths", { open: 59 }, 0.59, []],
    ["no strangers from there on", { open: 60 }, 0.6, ["stranger"]],
    ["nothing new from eight tenths on", { open: 80 }, 0.8, ["stranger", "begins"]],
    ["what goes on, to the last place", { open: 99 }, 0.99, ["stranger", "begins"]],
    ["nothing when it is full", { open: 100 }, 1, ["stranger", "begins", "goesOn"]],
    [
      "nothing for a service that holds its share",
      { open: 75, openAtService: 75 },
      1,
      ["stranger", "begins", "goesOn"],
    ],
    ["what is for another service", { open: 75 }, 0.75, ["stranger"]],
    ["less when the event loop is late, whatever is open", { loopDelayMs: 160 }, 0.8, ["stranger", "begins"]],
    ["nothing when it is too late", { loopDelayMs: 400 }, 2, ["stranger", "begins", "goesOn"]],
    [
      "anything where nothing is watched",
      { open: 1e6, openMax: 0, openAtService: 1e6, serviceMax: 0, loopDelayMs: 1e6, loopDelayMaxMs: 0 },
      0,
      [],
    ],
  ];
  for (const [title, change, pressure, turnedAway] of cases) {
    it(title, () => {
      const load = { ...idle, ...change };
      assert.equal(pressureOf(load), pressure);
      const standings: readonly Standing[] = ["stranger", "begins", "goesOn"];
      assert.deepEqual(
        standings.filter((standing) => isTurnedAway(standing, load)),
        turnedAway,
      );
    });
  }
});

describe("how many an edge lets in", () => {
  const after = (openMax: number, ...delaysMs: number[]) =>
    delaysMs.reduce((max, delayMs) => nextOpenMax(max, 200, delayMs), openMax);
  const late = 100;

  it("is all it may while its event loop is on time", () => assert.equal(after(200, 0, 15), 200));
  it("falls as long as the loop is late", () => {
    assert.equal(after(200, late), 160);
    assert.equal(after(200, late, late), 128);
  });
  it("never falls below half, however late the loop is", () => {
    assert.equal(after(200, ...Array<number>(50).fill(late)), 100);
  });
  it("rises again within a second of a loop on time", () =>
    assert.equal(after(100, ...Array<number>(10).fill(0)), 200));
  it("is any where nothing is set", () => assert.equal(nextOpenMax(0, 0, late), 0));
});
