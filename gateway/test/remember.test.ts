import assert from "node:assert/strict";
import { remember } from "../remember.js";

describe("what the edge remembers of others' answers", () => {
  it("is asked for once at a time and again when it is old, counted from when it was asked for", async () => {
    let now = 0;
    let asked = 0;
    const memory = remember<number>(4000, 10, () => now);
    const load = async () => {
      now += 1500; // an answer takes its time
      return ++asked;
    };
    assert.deepEqual(await Promise.all([memory("a", load), memory("a", load)]), [1, 1]);
    now = 3999;
    assert.equal(await memory("a", load), 1);
    now = 4000;
    assert.equal(await memory("a", load), 2);
  });

  it("is never a failure, and never more than there is room for", async () => {
    const memory = remember<string>(4000, 2, () => 0);
    await assert.rejects(memory("a", () => Promise.reject(new Error("away"))));
    assert.equal(await memory("a", async () => "back"), "back");
    await memory("b", async () => "b");
    await memory("c", async () => "c");
    assert.equal(await memory("a", async () => "again"), "again", "the oldest went");
  });
});
