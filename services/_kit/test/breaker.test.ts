import assert from "node:assert/strict";
import { status } from "@grpc/grpc-js";
import { NotAsked, openBreakers, outcomeOf } from "#kit/breakers.js";
import { RpcError } from "#kit/errors.js";
import { ask, type Breaker, type BreakerPolicy, closedBreaker, hear, type Outcome, waitMs } from "#kit/pure/breaker.js";

const policy: BreakerPolicy = { windowMs: 1_000, callsMin: 4, failShare: 0.5, openMs: 100, openMaxMs: 300 };

/** One call after the other, each at its time; what the breaker was after each, and "-" where the call did not go out. */
function told(calls: readonly [atMs: number, outcome: Outcome][]): string {
  let breaker: Breaker = closedBreaker(0);
  const words = calls.map(([atMs, outcome]) => {
    const [goes, next] = ask(breaker, policy, atMs);
    breaker = goes ? hear(next, outcome, policy, atMs) : next;
    return goes ? breaker.word : "-";
  });
  return words.join(" ");
}

const fail = (...at: number[]) => at.map((ms): [number, Outcome] => [ms, "FAILED"]);
const answer = (...at: number[]) => at.map((ms): [number, Outcome] => [ms, "ANSWERED"]);

describe("kit: a breaker", () => {
  const cases: readonly [title: string, calls: [number, Outcome][], words: string][] = [
    ["opens at the fourth failure of four", fail(0, 1, 2, 3), "CLOSED CLOSED CLOSED OPEN"],
    ["tells nothing by fewer calls than that", fail(0, 1, 2), "CLOSED CLOSED CLOSED"],
    [
      "stays closed while more than half are answered",
      [...answer(0, 1, 2, 3, 4), ...fail(5, 6, 7, 8)],
      Array(9).fill("CLOSED").join(" "),
    ],
    ["opens when half have failed", [...answer(0, 1), ...fail(2, 3)], "CLOSED CLOSED CLOSED OPEN"],
    ["forgets what is older than its window", fail(0, 1, 2, 1_500), "CLOSED CLOSED CLOSED CLOSED"],
    ["remembers half a window back", fail(0, 1, 2, 700), "CLOSED CLOSED CLOSED OPEN"],
    ["asks nobody while it is open", [...fail(0, 1, 2, 3), ...answer(50, 102)], "CLOSED CLOSED CLOSED OPEN - -"],
    ["closes when its probe is answered", [...fail(0, 1, 2, 3), ...answer(103)], "CLOSED CLOSED CLOSED OPEN CLOSED"],
    [
      "stays open twice as long after a probe that failed, up to the most",
      [...fail(0, 1, 2, 3, 103, 302, 303, 602, 603, 902, 903)],
      "CLOSED CLOSED CLOSED OPEN OPEN - OPEN - OPEN - OPEN",
    ],
    [
      "learns nothing from a probe that its caller gave up, and tries the next one",
      [...fail(0, 1, 2, 3), [103, "NOTHING"], [104, "ANSWERED"]],
      "CLOSED CLOSED CLOSED OPEN OPEN CLOSED",
    ],
    [
      "does not count what a caller gave up",
      [0, 1, 2, 3, 4].map((at) => [at, "NOTHING"]),
      Array(5).fill("CLOSED").join(" "),
    ],
  ];
  for (const [title, calls, words] of cases) it(title, () => assert.equal(told(calls), words));

  it("lets one probe out at a time, and another when nothing was heard of it for long", () => {
    let breaker: Breaker = { word: "OPEN", untilMs: 100, openMs: 100 };
    const goes = [100, 101, 399, 400].map((at) => {
      const [did, next] = ask(breaker, policy, at);
      breaker = next;
      return did;
    });
    assert.deepEqual(goes, [true, false, false, true]);
    assert.equal(waitMs(breaker, policy, 450), 250);
  });

  it("takes an answer that was on its way when it opened for no probe's", () => {
    const open: Breaker = { word: "OPEN", untilMs: 100, openMs: 100 };
    assert.deepEqual(hear(open, "ANSWERED", policy, 50), open);
  });
});

describe("kit: the breaker before a contract", () => {
  const failed = (code: status, reason = "") => new RpcError(code, reason, "", {}, "/a.B/C");

  it("takes a refusal for an answer, and nobody at home for a failure", () => {
    const cases: readonly [RpcError | undefined, givenMs: number, Outcome][] = [
      [undefined, 5_000, "ANSWERED"],
      [failed(status.FAILED_PRECONDITION, "REFUND_STATE"), 5_000, "ANSWERED"],
      [failed(status.INTERNAL, "INTERNAL"), 5_000, "ANSWERED"],
      [failed(status.NOT_FOUND), 5_000, "ANSWERED"],
      [failed(status.UNAVAILABLE), 5_000, "FAILED"],
      [failed(status.UNAVAILABLE, "STORE_UNAVAILABLE"), 5_000, "FAILED"],
      [failed(status.UNAVAILABLE, "OVERLOADED"), 5_000, "FAILED"],
      [failed(status.UNAVAILABLE, "UPSTREAM_UNAVAILABLE"), 5_000, "ANSWERED"],
      [failed(status.DEADLINE_EXCEEDED), 5_000, "FAILED"],
      [failed(status.DEADLINE_EXCEEDED), 200, "NOTHING"],
      [failed(status.CANCELLED), 5_000, "NOTHING"],
    ];
    for (const [error, givenMs, outcome] of cases) {
      assert.equal(outcomeOf(error, givenMs), outcome, `${error?.code} ${error?.reason} of ${givenMs} ms`);
    }
  });

  it("says who is not asked, that it may pass, and when to come again", () => {
    let now = 0;
    const breakers = openBreakers(() => now);
    const guard = breakers.before("a.B");
    for (let i = 0; i < 20; i++) guard.passing("/a.B/C")("FAILED");
    assert.deepEqual(breakers.all(), [{ contract: "a.B", word: "OPEN" }]);
    now = 400;
    assert.throws(
      () => guard.passing("/a.B/C"),
      (error: NotAsked) => error instanceof NotAsked && error.retryable && error.retryAfterMs === 600,
    );
    now = 1_000;
    guard.passing("/a.B/C")("ANSWERED");
    assert.deepEqual(breakers.all(), [{ contract: "a.B", word: "CLOSED" }]);
    breakers.close();
  });
});
