import assert from "node:assert/strict";
import { gather, gatherEach } from "#kit/gather.js";

describe("asks that are gathered", () => {
  it("in one turn are one call, each with its own answer, and the same ask is asked once", async () => {
    const calls: string[][] = [];
    const ask = gather(
      async (asks: readonly string[]) => {
        calls.push([...asks]);
        return asks.map((it) => it.toUpperCase());
      },
      (it) => it,
    );
    assert.deepEqual(await Promise.all([ask("a"), ask("b"), ask("a")]), ["A", "B", "A"]);
    assert.equal(await ask("a"), "A");
    assert.deepEqual(calls, [["a", "b"], ["a"]]);
  });

  it("after a call has begun get one of their own: no answer is older than its question", async () => {
    let version = 1;
    let begin = () => {};
    const begun = new Promise<void>((resolve) => {
      begin = resolve;
    });
    const ask = gather(
      async (asks: readonly string[]) => {
        const seen = version;
        begin();
        await new Promise(setImmediate);
        return asks.map(() => seen);
      },
      (it) => it,
    );
    const first = ask("template");
    await begun;
    version = 2;
    assert.deepEqual(await Promise.all([first, ask("template")]), [1, 2]);
  });

  it("that fail have all failed, and the next are asked again", async () => {
    let away = true;
    const ask = gather(
      async (asks: readonly string[]) => {
        if (away) throw new Error("away");
        return asks;
      },
      (it) => it,
    );
    const both = await Promise.allSettled([ask("a"), ask("b")]);
    assert.deepEqual(
      both.map(({ status }) => status),
      ["rejected", "rejected"],
    );
    away = false;
    assert.equal(await ask("a"), "a");
  });

  it("where one spoils it for all, are asked one by one", async () => {
    const calls: string[][] = [];
    const ask = gatherEach(
      async (asks: readonly string[]) => {
        calls.push([...asks]);
        if (asks.includes("poison")) throw new Error("gone");
        return asks.map((it) => it.toUpperCase());
      },
      (it) => it,
    );
    const all = await Promise.allSettled([ask("a"), ask("poison"), ask("b")]);
    assert.deepEqual(
      all.map((it) => (it.status === "fulfilled" ? it.value : it.reason.message)),
      ["A", "gone", "B"],
    );
    assert.deepEqual(calls, [["a", "poison", "b"], ["a"], ["poison"], ["b"]]);
    await assert.rejects(ask("poison"), /gone/);
    assert.equal(calls.length, 5, "alone it is asked once");
  });

  it("may fail one by one", async () => {
    const ask = gather(
      async (asks: readonly string[]) => asks.map(async (it) => (it === "b" ? Promise.reject(new Error("gone")) : it)),
      (it) => it,
    );
    const both = await Promise.allSettled([ask("a"), ask("b")]);
    assert.deepEqual(
      both.map(({ status }) => status),
      ["fulfilled", "rejected"],
    );
  });
});
