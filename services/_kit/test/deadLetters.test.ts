import assert from "node:assert/strict";
import type { Bus } from "#kit/bus.js";
import { openDeadLetters } from "#kit/operator/deadLetters.js";
import type { Database, Statement } from "#kit/postgres.js";
import { DomainError } from "#kit/pure/check.js";

describe("kit: a dead letter that fails again", () => {
  it("says why by a reason or an error's name, and never quotes what people wrote", async () => {
    const failed: unknown[] = [];
    const letter = { eventId: "evt_1", subject: "s", body: Buffer.alloc(0), state: "OPEN" };
    const db = {
      query: async ({ name }: Statement, values: unknown[]) => {
        if (name === "dead_letter.fail") failed.push(values);
        return name === "dead_letter.read" ? [{ token_fingerprint: null }] : [letter];
      },
    } as unknown as Database;
    const bus = { replay: () => Promise.reject(new TypeError('"ring 010-1234-5678" is no number')) } as unknown as Bus;
    const letters = openDeadLetters(db, {} as never, bus, () => new Date());
    const token = { kind: "request", principal: "p", requestId: "r", fingerprint: Buffer.alloc(1) } as const;
    const spend = { token, answer: () => undefined, keep: () => Buffer.alloc(0), recall: () => undefined };
    await assert.rejects(letters.replay("evt_1", "mended", spend), (error) => {
      assert.ok(error instanceof DomainError && error.reason === "DEAD_LETTER_REFUSED");
      assert.doesNotMatch(error.message + JSON.stringify(error.metadata), /1234/);
      return true;
    });
    assert.equal(failed.length, 1);
    assert.doesNotMatch(JSON.stringify(failed), /1234/);
  });
});
