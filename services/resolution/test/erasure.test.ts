import assert from "node:assert/strict";
import { ownCall } from "#kit/call.js";
import type { LeasedStep } from "#kit/commit.js";
import { ask, confirm, type Erasure, type ErasureOutcome } from "../core/erasure.js";
import { erasureSteps } from "../erasureSteps.js";
import type { ErasureStore } from "../erasureStore.js";

describe("an erasure", () => {
  const now = new Date("2026-11-23T09:00:00Z");
  const clock = { now: () => now };

  /** One that is confirmed; `forgot` is who was told to forget, in order. */
  function confirmed(away: Set<string>) {
    let erasure: Erasure = confirm(ask("ers_1", "cus_1", "lena", now).next, "lars", now).next;
    const forgot: string[] = [];
    const forget = (name: string) => async () => {
      if (away.has(name)) throw new Error(`${name} is away`);
      forgot.push(name);
      return { keys: 1 };
    };
    const store = {
      find: async () => erasure,
      obstacles: async () => [],
      resolutionsOf: async () => [],
      change: async (_id: string, _spend: unknown, decide: (before: Erasure) => ErasureOutcome) => {
        erasure = decide(erasure).next;
      },
    } as unknown as ErasureStore;
    const vault = {
      destroy: async () => {
        forgot.push("resolution");
        return 1;
      },
    };
    const services = {
      collection: { eraseSubjects: forget("collection") },
      refund: { eraseSubjects: forget("refund") },
    };
    const parts = { store, db: { query: async () => [] }, vault, clock, services } as never;
    return { forgot, state: () => erasure.state, erase: erasureSteps(parts).erase };
  }
  const step = { aggregateId: "ers_1", id: "stp_1", epoch: 1 } as LeasedStep;

  it("that waited for a service has all forget, also what they heard of the customer while it was away", async () => {
    const away = new Set(["refund"]);
    const { erase, forgot, state } = confirmed(away);
    const lost = await erase.run(step, ownCall("resolution")).catch((error: Error) => error);
    await erase.giveUp(step, lost as Error);
    assert.equal(state(), "DEFERRED");
    assert.deepEqual(forgot.splice(0), ["resolution", "collection"]);
    away.clear();
    await erase.run(step, ownCall("resolution"));
    assert.deepEqual(forgot, ["resolution", "collection", "refund"]);
    assert.equal(state(), "ERASED");
  });
});
