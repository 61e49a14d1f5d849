import assert from "node:assert/strict";
import { confirm, renewCode, setDoorMemo, type Word } from "../core/confirm.js";
import { isWatched } from "../core/dwell.js";
import { proofOf, triesLeft, wrongCodesMax } from "../core/handOver.js";
import { type HandOver, handOverOf } from "../core/handOverTypes.js";
import { report } from "../core/tracking.js";
import { type Collection, type Outcome, scans } from "../core/types.js";
import { checkNumber, enterWaybill, plainNumber } from "../core/waybill.js";
import { openHandOverCodes } from "../handOverCodes.js";
import { at, collection, said } from "./builders.js";

const now = at(30);
const asked = (change: Partial<HandOver> = {}, more: Partial<Collection> = {}): Collection =>
  collection({ method: "PICKUP_IN_PERSON", handOver: handOverOf({ verification: "OTP", ...change }), ...more });
const word = (change: Partial<Word> = {}): Word => ({
  driverId: "d-7",
  code: "RIGHT",
  inPerson: false,
  swapped: false,
  check: undefined,
  ...change,
});
const names = ({ facts }: Outcome) => facts.map(({ name }) => name);
const bodyOf = ({ facts }: Outcome, name: string) => facts.find((fact) => fact.name === name)?.body as object;

describe("collection: hand-over", () => {
  it("is proved by the customer's code, once", () => {
    const first = confirm(asked(), word(), now);
    assert.deepEqual(names(first), ["HandOverConfirmed"]);
    assert.equal(proofOf(first.next), "CONFIRMED");
    const again = confirm(first.next, word({ code: "WRONG" }), now);
    assert.equal(again.next, first.next);
    assert.deepEqual(again.facts, []);
  });

  it("is proved in person without a code where the policy asks for no more", () => {
    const before = asked({ verification: "IN_PERSON" });
    assert.throws(() => confirm(before, word({ code: "NONE" }), now), { reason: "COLLECTION_STATE" });
    assert.equal(proofOf(confirm(before, word({ code: "NONE", inPerson: true }), now).next), "CONFIRMED");
  });

  it("counts wrong codes, and locks with the fifth: no right one opens it any more", () => {
    let current = asked();
    for (let wrong = 1; wrong <= wrongCodesMax; wrong++) {
      const guessed = confirm(current, word({ code: "WRONG" }), now);
      assert.deepEqual(names(guessed), wrong === wrongCodesMax ? ["HandOverLocked"] : []);
      current = guessed.next;
      assert.equal(triesLeft(current), wrongCodesMax - wrong);
    }
    assert.equal(proofOf(current), "LOCKED");
    assert.throws(() => confirm(current, word(), now), { reason: "HAND_OVER_LOCKED" });
  });

  it("counts no try of a driver who tells no code, and says that one is wanted", () => {
    assert.throws(() => confirm(asked(), word({ code: "NONE", inPerson: true }), now), {
      reason: "HAND_OVER_CODE_WRONG",
      metadata: { tracking_number: "CJ1", tries_left: "5" },
    });
  });

  it("opens again with a code made anew", () => {
    const locked = asked({ wrongCodes: wrongCodesMax });
    const { next } = renewCode(locked, now);
    assert.deepEqual([proofOf(next), next.handOver?.codeRound], ["AWAITED", 1]);
    assert.equal(proofOf(confirm(next, word(), now).next), "CONFIRMED");
    for (const over of [asked({}, { state: "PICKED_UP" }), asked({ verification: "NONE" }), collection()])
      assert.throws(() => renewCode(over, now), { reason: "HAND_OVER_CODE_NONE" });
  });

  it("takes the goods' scan without a proof, marks it, and calls a person", () => {
    const taken = report(asked(), said("PICKED_UP"), now);
    assert.equal(taken.next.state, "PICKED_UP");
    assert.equal(proofOf(taken.next), "MISSING");
    assert.deepEqual(names(taken), ["ParcelPickedUp", "HandOverUnverified"]);
    assert.equal((bodyOf(taken, "ParcelPickedUp") as { unverified: boolean }).unverified, true);
  });

  it("asks nothing of a scan once it is proved, nor where nobody asked or no driver comes", () => {
    const proved = confirm(asked(), word(), now).next;
    const dropped = asked({}, { method: "DROP_OFF_CVS" });
    for (const before of [proved, collection(), dropped]) {
      const taken = report(before, said(before === dropped ? "DROPPED_OFF" : "PICKED_UP"), now);
      assert.deepEqual(names(taken), ["ParcelPickedUp"]);
      assert.equal((bodyOf(taken, "ParcelPickedUp") as { unverified: boolean }).unverified, false);
    }
  });

  it("is proved late, too, by a driver who was out of reach, and after a cancellation", () => {
    const taken = report(asked(), said("PICKED_UP"), now).next;
    assert.equal(proofOf(confirm(taken, word(), now).next), "CONFIRMED");
    assert.equal(proofOf(confirm(asked({}, { state: "CANCELED" }), word(), now).next), "CONFIRMED");
  });

  it("ends the same, whether the driver's word comes before the scan or after it", () => {
    const wordFirst = report(confirm(asked(), word(), now).next, said("PICKED_UP", { eventId: "e" }), now).next;
    const scanFirst = confirm(report(asked(), said("PICKED_UP", { eventId: "e" }), now).next, word(), now).next;
    assert.deepEqual(scanFirst, wordFirst);
  });

  it("tells with the scan that the replacement was handed out, only where a driver brought one", () => {
    const swap = asked({ verification: "NONE" }, { method: "SWAP_AT_DOOR" });
    const swapped = confirm(swap, word({ code: "NONE", swapped: true }), now).next;
    assert.equal(
      (bodyOf(report(swapped, said("PICKED_UP"), now), "ParcelPickedUp") as { swapped: boolean }).swapped,
      true,
    );
    const late = confirm(report(swap, said("PICKED_UP"), now).next, word({ code: "NONE", swapped: true }), now);
    assert.equal((bodyOf(late, "HandOverConfirmed") as { swapped: boolean }).swapped, true);
    assert.throws(() => confirm(asked(), word({ swapped: true }), now), { reason: "COLLECTION_STATE" });
  });

  it("keeps what the driver saw, and has the photos passed on to the custody chain", () => {
    const photos = [{ mediaId: "med_1", sha256: "a".repeat(64) }];
    const seen = confirm(asked(), word({ check: { unitsSeen: 1, rightItem: true, photos } }), now);
    assert.deepEqual(seen.next.handOver?.confirmation?.check?.photos, photos);
    assert.deepEqual(seen.todo, [{ step: "pass-photos", payload: {} }]);
    assert.deepEqual(confirm(asked(), word(), now).todo, []);
  });

  it("confirms nothing where no driver comes", () => {
    const dropped = collection({ method: "DROP_OFF_CVS" });
    assert.throws(() => confirm(dropped, word(), now), { reason: "COLLECTION_STATE" });
  });
});

describe("collection: door memo", () => {
  it("is told to the driver when it changes, from the row: nothing personal lies in the agenda", () => {
    const written = setDoorMemo(collection(), "behind the gate, 4711#", now);
    assert.equal(written.next.handOver?.doorMemo, "behind the gate, 4711#");
    assert.deepEqual(written.todo, [{ step: "note-driver", payload: {} }]);
    assert.deepEqual(written.facts, []);
    const again = setDoorMemo(written.next, "behind the gate, 4711#", now);
    assert.equal(again.next, written.next);
  });

  it("is forgotten with the first scan, whichever that is", () => {
    for (const scan of scans) {
      const before = collection({ handOver: handOverOf({ doorMemo: "4711#" }) });
      assert.equal(report(before, said(scan), now).next.handOver?.doorMemo, "", scan);
    }
  });

  it("is for a driver who is still to come", () => {
    for (const gone of [collection({ state: "PICKED_UP" }), collection({ method: "DROP_OFF_CVS" })])
      assert.throws(() => setDoorMemo(gone, "x", now), { reason: "COLLECTION_STATE" });
  });
});

describe("collection: waybill", () => {
  const ships = (change: Partial<Collection> = {}) =>
    collection({ method: "CUSTOMER_SHIPS", slot: undefined, ...change });
  const waybill = { carrier: "lotte", trackingNumber: "123456789012" };

  it("gives the collection its number, and calls our own label off", () => {
    const entered = enterWaybill(ships(), waybill, now);
    assert.deepEqual(entered.next.booking, { ...waybill, bookingId: "" });
    assert.deepEqual(names(entered), ["WaybillEntered"]);
    assert.deepEqual(entered.todo, [{ step: "cancel-booking", payload: { bookingId: "bkg-1" } }]);
  });

  it("can be mended until the first scan, and not after", () => {
    const entered = enterWaybill(ships(), waybill, now).next;
    const mended = enterWaybill(entered, { ...waybill, trackingNumber: "123456789023" }, now);
    assert.equal(mended.next.booking?.trackingNumber, "123456789023");
    assert.deepEqual(mended.todo, [], "there is no booking of ours any more");
    const scanned = report(entered, said("DROPPED_OFF"), now).next;
    assert.throws(() => enterWaybill(scanned, waybill, now), { reason: "COLLECTION_STATE" });
  });

  it("is taken only where the customer ships", () => {
    assert.throws(() => enterWaybill(collection(), waybill, now), { reason: "COLLECTION_STATE" });
    assert.throws(() => enterWaybill(ships({ state: "CREATED", booking: undefined }), waybill, now), {
      reason: "COLLECTION_STATE",
    });
  });

  it("has somebody look for a parcel of a carrier that never reports, and for no other before its first scan", () => {
    assert.equal(isWatched(enterWaybill(ships(), waybill, now).next), false);
    const other = enterWaybill(ships(), { carrier: "other", trackingNumber: "ABC123456" }, now);
    assert.equal(isWatched(other.next), true);
    assert.deepEqual(
      other.todo.map(({ step }) => step),
      ["cancel-booking", "watch"],
    );
    assert.deepEqual(enterWaybill(other.next, waybill, now).dropped, ["watch"]);
  });

  const fits: readonly [string, string][] = [
    ["cj", "123456789012"],
    ["cj", "1234567890"],
    ["hanjin", "123456789012"],
    ["koreapost", "6123456789012"],
    ["koreapost", "RR473124829GB"],
    ["royalmail", "RR473124829GB"],
    ["dhl_express", "1234567891"],
    ["ups", "1Z999AA10123456784"],
    ["seven", "SV00012345"],
    ["other", "XY-1234"],
  ];
  for (const [carrier, number] of fits)
    it(`takes ${number} of ${carrier}`, () => checkNumber({ carrier, trackingNumber: plainNumber(number) }));

  const misfits: readonly [string, string, string][] = [
    ["dhl_express", "1234567890", "CHECK_DIGIT"],
    ["cj", "12345", "SHAPE"],
    ["royalmail", "RR473124828GB", "CHECK_DIGIT"],
    ["royalmail", "473124829", "SHAPE"],
    ["somebody", "123456789012", "CARRIER"],
    ["other", "12", "SHAPE"],
  ];
  for (const [carrier, number, problem] of misfits)
    it(`refuses ${number} of ${carrier}: ${problem}`, () =>
      assert.throws(
        () => checkNumber({ carrier, trackingNumber: number }),
        (error: { reason?: string; metadata?: { problem?: string } }) =>
          error.reason === "WAYBILL_INVALID" && error.metadata?.problem === problem,
      ));

  it("finds every slip of one digit in a number of the post", () => {
    const good = "RR473124829GB";
    for (let place = 2; place < 11; place++) {
      const slipped = good.slice(0, place) + ((Number(good[place]) + 1) % 10) + good.slice(place + 1);
      const read = () => checkNumber({ carrier: "royalmail", trackingNumber: slipped });
      assert.throws(read, { reason: "WAYBILL_INVALID" }, slipped);
    }
  });

  it("reads a number as it is printed", () => {
    assert.equal(plainNumber("1234-5678 9012"), "123456789012");
    assert.equal(plainNumber("rr 473 124 829 gb"), "RR473124829GB");
  });
});

describe("collection: hand-over codes", () => {
  const of = (collectionId: string, codeRound = 0) => ({ collectionId, handOver: handOverOf({ codeRound }) });
  const codes = openHandOverCodes("a secret of the mesh, 32 characters");

  it("are six digits, the same whenever they are asked for", () => {
    for (let i = 0; i < 200; i++) {
      const code = codes.codeOf(of(`col_${i}`));
      assert.match(code, /^\d{6}$/);
      assert.equal(code, codes.codeOf(of(`col_${i}`)));
      assert.ok(codes.fits(of(`col_${i}`), code));
    }
  });

  it("differ by collection, by round and by secret", () => {
    const seen = new Set(Array.from({ length: 500 }, (_, i) => codes.codeOf(of(`col_${i}`))));
    assert.ok(seen.size > 490, `${seen.size} of 500`);
    assert.notEqual(codes.codeOf(of("col_1", 0)), codes.codeOf(of("col_1", 1)));
    assert.notEqual(codes.codeOf(of("col_1")), openHandOverCodes("another secret").codeOf(of("col_1")));
  });

  it("fit nothing else, of whatever length, and are sealed where they are remembered", () => {
    const code = codes.codeOf(of("col_1"));
    for (const told of ["", code.slice(1), `${code}0`, String((Number(code) + 1) % 1_000_000).padStart(6, "0")])
      assert.equal(codes.fits(of("col_1"), told), false, told);
    assert.ok(!codes.sealed(code).includes(code));
    assert.notEqual(codes.sealed(code), openHandOverCodes("another secret").sealed(code));
  });
});
