import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { watchLaps } from "#kit/laps.js";

const compute = (ms: number) => {
  const end = process.cpuUsage().user + ms * 1000;
  while (process.cpuUsage().user < end);
};
const ticked = () => new Promise((resolve) => setTimeout(resolve, 30));

describe("laps of the event loop", () => {
  it("are held by what computes, and by a call that blocks", async () => {
    const laps = watchLaps();
    await ticked();
    laps.takeHeld();
    compute(150);
    await ticked();
    assert.ok(laps.takeHeld() > 100);
    execFileSync("sleep", ["0.15"]);
    await ticked();
    assert.ok(laps.takeHeld() > 100);
    laps.stop();
  });

  it("are late, and not held, while the thread is ready and has no core", async () => {
    const laps = watchLaps(() => performance.now()); // as if it had never had one
    await ticked();
    [laps.takeLate(), laps.takeHeld()];
    compute(150);
    await ticked();
    assert.ok(laps.takeLate() > 100);
    assert.equal(laps.takeHeld(), 0);
    laps.stop();
  });
});
