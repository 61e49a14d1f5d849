import assert from "node:assert/strict";
import { setTimeout as wait } from "node:timers/promises";
import { openPace } from "../pace.js";

const now = new Date("2026-11-23T12:00:00Z");
const ago = (seconds: number) => new Date(now.getTime() - seconds * 1000);

describe("how histories come in", () => {
  it("is in time while they are of now, or say no time", () => {
    const pace = openPace();
    assert.ok(!pace.behind());
    pace.heard(ago(4), now);
    pace.heard(undefined, now);
    assert.ok(!pace.behind());
  });

  it("is behind with the first that is late, whatever comes in between, until a while after the last", async () => {
    const pace = openPace();
    pace.heard(ago(600), now);
    pace.heard(ago(0), now);
    assert.ok(pace.behind());
    await wait(1_050);
    assert.ok(!pace.behind());
  });
});
