import assert from "node:assert/strict";
import fc from "fast-check";
import { delayMs } from "../pure/backoff.js";
import { check, DomainError } from "../pure/check.js";
import { allows, assertComplete, type Moves, reachable } from "../pure/moves.js";

type Light = "RED" | "GREEN" | "DARK";
const light = { RED: ["GREEN", "DARK"], GREEN: ["RED"], DARK: [] } as const satisfies Moves<Light>;
const words = ["RED", "GREEN", "DARK"];

describe("moves", () => {
  it("allows what the table says and nothing else", () => {
    assert.ok(allows(light, "RED", "GREEN"));
    assert.ok(!allows(light, "GREEN", "DARK"));
    assert.ok(!allows(light, "DARK", "RED"));
    assert.ok(!allows<string>(light, "toString", "RED"));
  });

  it("accepts a table that holds every word and reaches every state", () => {
    assertComplete(light, words, ["RED"]);
    assert.deepEqual([...reachable(light, ["DARK"])], ["DARK"]);
  });

  it("names every fault of a table at once", () => {
    const broken: Moves<string> = { RED: ["GREEN"], GREEN: ["BLUE"], DARK: [], PINK: [] };
    assert.throws(
      () => assertComplete(broken, ["RED", "GREEN", "DARK", "AMBER"], ["RED"]),
      (error: Error) => {
        for (const fault of [
          "AMBER has no row",
          "row PINK is not a word",
          "BLUE is entered but has no row",
          "DARK cannot be reached",
          "PINK cannot be reached",
        ]) {
          assert.ok(error.message.includes(fault), fault);
        }
        return true;
      },
    );
  });
});

describe("check", () => {
  it("throws a DomainError with its reason and metadata", () => {
    check(true, "NEVER", "not thrown");
    assert.throws(
      () => check(false, "REFUND_STATE", "grant it first", { state: "QUOTED" }),
      (error) => {
        assert.ok(error instanceof DomainError && error instanceof Error);
        assert.deepEqual([error.name, error.reason, error.message], ["DomainError", "REFUND_STATE", "grant it first"]);
        assert.deepEqual(error.metadata, { state: "QUOTED" });
        return true;
      },
    );
    assert.deepEqual(new DomainError("ANY", "text").metadata, {});
  });
});

describe("backoff", () => {
  it("doubles its bound up to the cap and jitters over all of it", () => {
    const policy = { baseMs: 100, capMs: 1000 };
    assert.deepEqual(
      [1, 2, 3, 4, 5, 6000].map((attempt) => delayMs(attempt, policy, 0.999999)),
      [99, 199, 399, 799, 999, 999],
    );
    assert.equal(delayMs(9, policy, 0), 0);
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5000 }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (n, r) => {
          const ms = delayMs(n, policy, r);
          assert.ok(Number.isInteger(ms) && ms >= 0 && ms < 1000);
        },
      ),
    );
  });

  it("refuses a retry number below one and a random outside [0, 1)", () => {
    for (const attempt of [0, 1.5, Number.NaN])
      assert.throws(() => delayMs(attempt, { baseMs: 1, capMs: 1 }, 0), RangeError);
    for (const random of [-0.1, 1, Number.NaN])
      assert.throws(() => delayMs(1, { baseMs: 1, capMs: 1 }, random), RangeError);
  });
});
