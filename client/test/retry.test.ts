import assert from "node:assert/strict";
import { RetryBudget } from "../budget.js";
import { pauseMs } from "../retry.js";

const policy = { attempts: 3, baseMs: 100, capMs: 150 };
const away = { code: "UNAVAILABLE", retryAfterMs: undefined } as const;

describe("retries", () => {
  it("wait a random part of their turn's bound, and never less than the other side asks", () => {
    const waits = [0, 0.5, 0.999].map((random) => [1, 2].map((attempt) => pauseMs(away, attempt, policy, random)));
    assert.deepEqual(waits, [
      [0, 0],
      [50, 75],
      [99, 149],
    ]);
    assert.equal(pauseMs({ ...away, retryAfterMs: 1000 }, 1, policy, 0.5), 1050);
    assert.equal(pauseMs({ code: "RESOURCE_EXHAUSTED", retryAfterMs: 1000 }, 1, policy, 0), 1000);
  });

  it("end with the last attempt, and begin only for what may pass", () => {
    assert.equal(pauseMs(away, 3, policy, 0), undefined);
    assert.equal(pauseMs({ code: "RESOURCE_EXHAUSTED", retryAfterMs: undefined }, 1, policy, 0), undefined);
    for (const code of ["ABORTED", "INTERNAL", "DEADLINE_EXCEEDED", "NOT_FOUND", "UNKNOWN"] as const)
      assert.equal(pauseMs({ code, retryAfterMs: 1 }, 1, policy, 0), undefined, code);
  });

  it("cost a service 10 at first, one more for every ten answers, and never more than 10 at once", () => {
    const budget = new RetryBudget();
    const taken = () => Array.from({ length: 50 }, () => budget.take()).filter(Boolean).length;
    const answer = (times: number) => Array.from({ length: times }, () => budget.answered());
    assert.equal(taken(), 10);
    answer(31);
    assert.equal(taken(), 3);
    answer(1000);
    assert.equal(taken(), 10);
  });
});
