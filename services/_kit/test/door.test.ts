import assert from "node:assert/strict";
import { Metadata } from "@grpc/grpc-js";
import { deadlineOf } from "#kit/deadline.js";
import { type Capacity, openDoor } from "#kit/door.js";
import { Unavailable } from "#kit/errors.js";
import { sentKey } from "#kit/trailers.js";

const capacity: Capacity = { callsMax: 2, streamsMax: 1, callMaxMs: 60_000 };
const never = Number.POSITIVE_INFINITY;
const reason = (wanted: string) => (error: { reason?: string }) => error.reason === wanted;

describe("kit: the door of a process", () => {
  const none = new Metadata();
  const sent = (value: string) => {
    const metadata = new Metadata();
    metadata.set(sentKey, value);
    return metadata;
  };

  it("lets in as many calls as it may, and the next one when one of them has left", () => {
    const door = openDoor(capacity);
    const first = door.enter("calls", none, never, false);
    door.enter("calls", none, never, false);
    assert.throws(
      () => door.enter("calls", none, never, false),
      (error: Unavailable) =>
        error instanceof Unavailable && error.reason === "OVERLOADED" && error.retryAfterMs === 500,
    );
    assert.equal(door.calls(), 2);
    first.leave();
    door.enter("calls", none, never, false);
  });

  it("counts streams apart, lets operators in however many there are, and with a maximum of 0 everybody", () => {
    const door = openDoor(capacity);
    door.enter("streams", none, never, false);
    assert.throws(() => door.enter("streams", none, never, false), reason("OVERLOADED"));
    for (let i = 0; i < 5; i++) door.enter("calls", none, never, true);
    const open = openDoor({ ...capacity, callsMax: 0 });
    for (let i = 0; i < 1_000; i++) open.enter("calls", none, never, false);
  });

  it("turns away a call that was sent by a clock more than ten minutes off, either way, and asks nobody for the time", () => {
    const door = openDoor({ ...capacity, callsMax: 0 }, () => 10_000_000);
    for (const at of [10_000_000 - 600_001, 10_000_000 + 600_001, "yesterday"]) {
      assert.throws(() => door.enter("calls", sent(String(at)), never, false), reason("CLOCK_SKEWED"));
    }
    for (const at of [10_000_000 - 600_000, 10_000_000 + 600_000]) door.enter("calls", sent(String(at)), never, false);
    door.enter("calls", none, never, false);
    assert.equal(door.calls(), 3, "who is turned away is not counted");
  });

  it("keeps 20 ms of a caller's time for the answer, and gives 60 s to who sets none", () => {
    assert.equal(deadlineOf(5_000, 60_000, 1_000), 4_980);
    assert.equal(deadlineOf(new Date(5_000), 60_000, 1_000), 4_980);
    assert.equal(deadlineOf(never, 60_000, 1_000), 61_000);
  });

  it("begins nothing with less than 100 ms left", () => {
    assert.equal(deadlineOf(1_100, 60_000, 1_000), 1_080);
    assert.throws(() => deadlineOf(1_099, 60_000, 1_000), reason("DEADLINE_EXCEEDED"));
    assert.throws(() => deadlineOf(900, 60_000, 1_000), reason("DEADLINE_EXCEEDED"));
    const door = openDoor(capacity, () => 1_000);
    assert.throws(() => door.enter("calls", none, 1_050, false), reason("DEADLINE_EXCEEDED"));
    assert.equal(door.calls(), 0);
  });
});
