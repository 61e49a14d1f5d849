import assert from "node:assert/strict";
import { setTimeout as wait } from "node:timers/promises";
import { remembered } from "../remembered.js";

describe("eligibility: what is remembered", () => {
  /** Knows every key but "nobody", and notes what it was asked. */
  const source = () => {
    const asked: string[][] = [];
    const load = async (missing: string[]) => {
      asked.push(missing);
      return new Map(missing.filter((key) => key !== "nobody").map((key) => [key, `${key} ${asked.length}`]));
    };
    return { asked, load };
  };

  it("is asked for once, and only what is missing is asked for", async () => {
    const { asked, load } = source();
    const ask = remembered<string>(60_000, 10);
    await ask(["a", "b"], false, load);
    assert.deepEqual([...(await ask(["a", "c"], false, load))].sort(), [
      ["a", "a 1"],
      ["c", "c 2"],
    ]);
    await ask(["a", "b", "c"], false, load);
    assert.deepEqual(asked, [["a", "b"], ["c"]]);
  });
  it("is asked for again when its time is over", async () => {
    const { asked, load } = source();
    const ask = remembered<string>(20, 10);
    await ask(["a"], false, load);
    await wait(30);
    assert.equal((await ask(["a"], false, load)).get("a"), "a 2");
    assert.equal(asked.length, 2);
  });
  it("is loaded anew for those who may not lean on it, and remembered for the others", async () => {
    const { asked, load } = source();
    const ask = remembered<string>(60_000, 10);
    await ask(["a"], false, load);
    assert.equal((await ask(["a"], true, load)).get("a"), "a 2");
    assert.equal((await ask(["a"], false, load)).get("a"), "a 2");
    assert.equal(asked.length, 2);
  });
  it("is never absence, nor a failure", async () => {
    const { asked, load } = source();
    const ask = remembered<string>(60_000, 10);
    assert.equal((await ask(["nobody"], false, load)).size, 0);
    await ask(["nobody"], false, load);
    assert.equal(asked.length, 2);
    await assert.rejects(
      ask(["a"], false, () => Promise.reject(new Error("away"))),
      /away/,
    );
    assert.equal((await ask(["a"], false, load)).get("a"), "a 3");
  });
  it("is bounded: the oldest answer goes first", async () => {
    const { asked, load } = source();
    const ask = remembered<string>(60_000, 2);
    for (const key of ["a", "b", "c", "a"]) await ask([key], false, load);
    assert.deepEqual(asked, [["a"], ["b"], ["c"], ["a"]]);
  });
  it("is nothing at all with a time of 0", async () => {
    const { asked, load } = source();
    const ask = remembered<string>(0, 10);
    await ask(["a"], false, load);
    await ask(["a"], false, load);
    assert.equal(asked.length, 2);
  });
});
