import assert from "node:assert/strict";
import { Fault } from "#gen/backhaul/type/v1/kind.js";
import { at } from "./builders.js";
import { openStored, type Stored } from "./stored.js";

describe("collection: carriers' scores", () => {
  let house: Stored;
  before(async () => {
    house = await openStored();
  });
  after(() => house?.close());

  const scores = (change: object = {}) =>
    house.store.ledger.scores({ market: "", carrier: "", startTime: at(0), endTime: at(60), ...change });

  it("counts attempts by fault, hours to the first scan, losses and stalls, per market and carrier", async () => {
    house.setDay(0);
    const kr = [await house.booked(), await house.booked(), await house.booked(), await house.booked()];
    const tw = await house.booked({ market: "TW", method: "DROP_OFF_CVS" }, "seven");
    const [one, two, three] = kr as [(typeof kr)[0], (typeof kr)[0], (typeof kr)[0]];
    await house.tell(one, "ATTEMPT_FAILED", { fault: "CUSTOMER" });
    await house.tell(one, "ATTEMPT_FAILED", { fault: "LOGISTICS" });
    await house.tell(two, "ATTEMPT_FAILED", { fault: "LOGISTICS" });
    house.setDay(1);
    await house.tell(one, "PICKED_UP");
    house.setDay(2);
    await house.tell(two, "PICKED_UP");
    house.setDay(3);
    await house.tell(three, "PICKED_UP");
    await house.tell(one, "DELIVERED");
    await house.tell(two, "LOST");
    await house.db.query({ name: "test.stall", text: "UPDATE collection SET stalls = 2 WHERE collection_id = $1" }, [
      three.collectionId,
    ]);
    const [cj, seven, ...more] = await scores();
    assert.deepEqual(more, []);
    assert.deepEqual(cj, {
      market: "KR",
      carrier: "cj",
      collections: 4n,
      handedOver: 3n,
      delivered: 1n,
      attempts: 6n,
      failedAttempts: [
        { fault: Fault.FAULT_CUSTOMER, attempts: 1n },
        { fault: Fault.FAULT_LOGISTICS, attempts: 2n },
      ],
      firstScanHoursP50: 48,
      firstScanHoursP90: 67.2,
      lost: 1n,
      stalled: 1n,
    });
    assert.deepEqual(
      [seven?.market, seven?.carrier, seven?.collections, seven?.attempts, seven?.firstScanHoursP50],
      ["TW", "seven", 1n, 0n, undefined],
    );
    assert.equal(tw.booking?.carrier, "seven");
  });

  it("scores only the market, the carrier and the time that were asked for", async () => {
    house.setDay(100);
    await house.booked({ market: "GB" }, "hermes");
    const start = { startTime: at(100 * 24 * 60), endTime: at(100 * 24 * 60 + 1) };
    assert.deepEqual(
      (await scores(start)).map((s) => s.carrier),
      ["hermes"],
    );
    assert.deepEqual(await scores({ ...start, market: "KR" }), []);
    assert.deepEqual(await scores({ ...start, carrier: "cj" }), []);
    assert.deepEqual(
      await scores({ startTime: at(100 * 24 * 60 + 1), endTime: at(200 * 24 * 60) }),
      [],
      "the end is open",
    );
  });

  it("counts attempts of before there was evidence", async () => {
    house.setDay(200);
    const old = await house.booked({ market: "GB" }, "hermes");
    const attempts = JSON.stringify([{ number: 1, outcome: "FAILED", fault: "GENERAL", code: "X", time: at(0) }]);
    const text = "UPDATE collection SET attempts = $2::jsonb WHERE collection_id = $1";
    await house.db.query({ name: "test.old", text }, [old.collectionId, attempts]);
    const [attempt] = (await house.store.find(old.collectionId)).attempts;
    assert.deepEqual([attempt?.time, attempt?.evidence, attempt?.nextAttemptTime], [at(0), undefined, undefined]);
    const [score] = await scores({ startTime: at(200 * 24 * 60), endTime: at(201 * 24 * 60) });
    assert.deepEqual(score?.failedAttempts, [{ fault: Fault.FAULT_GENERAL, attempts: 1n }]);
  });
});
