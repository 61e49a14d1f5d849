import assert from "node:assert/strict";
import { calendarOf } from "#kit/pure/calendar.js";
import * as core from "../core/sellerCase.js";

const calendar = calendarOf({
  market: "KR",
  version: "t-1",
  timeZone: "Asia/Seoul",
  from: "2026-01-01",
  to: "2026-12-31",
  weekend: [0, 6],
  holidays: { "2026-11-26": "a holiday" },
  workdays: {},
});
const terms: core.SellerTerms = { market: "KR", answerDays: 3, reminderDaysBefore: [1], onSilence: "ACCEPT" };
// A Monday; the third working day is Friday, over the holiday.
const monday = new Date("2026-11-23T03:00:00Z");
const friday = new Date("2026-11-27T15:00:00Z");
const at = (now: Date, more: Partial<core.SellerTerms> = {}) => ({ now, calendar, terms: { ...terms, ...more } });
const ids = {
  sellerCaseId: "sca_1",
  resolutionId: "res_1",
  orderId: "ord_1",
  customerId: "c-1",
  sellerId: "s-1",
  market: "KR",
};
const asked = () => core.ask(ids, at(monday));
const said = { answer: "ACCEPT", statement: "", evidence: [], offer: undefined } as const;
const names = ({ steps }: core.SellerOutcome) => steps.map(({ step }) => step);

describe("a seller's case", () => {
  it("gives working days of the market's calendar, reminds before they end, and tells the seller", () => {
    const { next, steps } = asked();
    assert.equal(next.dueTime?.toISOString(), friday.toISOString());
    assert.deepEqual(
      steps.map(({ step, due }) => [step, due.toISOString().slice(0, 10)]),
      [
        ["seller.remind", "2026-11-25"],
        ["seller.silent", "2026-11-27"],
        ["seller.tell", "2026-11-23"],
      ],
    );
  });

  it("is accepted by silence when its time is over, recorded as such, and not before", () => {
    const { next } = asked();
    assert.equal(core.silent(next, at(new Date(friday.getTime() - 1))).next.state, "ASKED");
    const over = core.silent(next, at(friday)).next;
    assert.deepEqual([over.state, over.decidedReason, over.answer], ["ACCEPTED", "SELLER_SILENT", ""]);
    const left = core.silent(next, at(friday, { onSilence: "ESCALATE" }));
    assert.equal(left.next.state, "ESCALATED");
    assert.ok(names(left).includes("seller.desk"));
  });

  it("is answered once and in time; a dispute and a proposal call the desk", () => {
    const { next } = asked();
    const calls = {
      ACCEPT: [],
      DISPUTE: ["seller.desk"],
      PROPOSE_PARTIAL: ["seller.desk"],
      PROPOSE_KEEP_IT: ["seller.desk"],
    };
    for (const [answer, steps] of Object.entries(calls)) {
      const outcome = core.answer(next, { ...said, answer: answer as core.SellerAnswer }, monday);
      assert.deepEqual([names(outcome), outcome.dropped], [steps, ["seller.remind", "seller.silent"]]);
      assert.equal(outcome.next.decidedReason, "SELLER_ANSWERED");
      assert.throws(() => core.answer(outcome.next, said, monday), { reason: "SELLER_CASE_STATE" });
      assert.equal(core.silent(outcome.next, at(friday)).next.state, outcome.next.state, "silence comes too late");
    }
    assert.throws(() => core.answer(next, said, friday), { reason: "SELLER_CASE_STATE" });
  });

  it("keeps the days that are left while its clock is stopped, and may be answered all the same", () => {
    const { next } = asked();
    const tuesday = new Date("2026-11-24T03:00:00Z");
    const paused = core.pause(next, "CARRIER_DELAY", at(tuesday)).next;
    assert.deepEqual([paused.state, paused.daysLeft, paused.dueTime], ["PAUSED", 2, undefined]);
    assert.equal(core.silent(paused, at(friday)).next.state, "PAUSED");
    assert.equal(core.answer(paused, said, friday).next.state, "ACCEPTED");
    const resumed = core.resume(paused, at(new Date("2026-11-30T03:00:00Z")));
    assert.equal(resumed.next.dueTime?.toISOString(), "2026-12-02T15:00:00.000Z");
    assert.deepEqual(names(resumed), ["seller.remind", "seller.silent"]);
    assert.throws(() => core.resume(next, at(monday)), { reason: "SELLER_CASE_STATE" });
    assert.throws(() => core.pause(paused, "SYSTEM_OUTAGE", at(monday)), { reason: "SELLER_CASE_STATE" });
  });

  it("is settled by the desk where the desk was called, and nowhere else", () => {
    const disputed = core.answer(asked().next, { ...said, answer: "DISPUTE", statement: "it was whole" }, monday).next;
    const settled = core.settle(disputed, "the photo shows it whole", friday).next;
    assert.deepEqual([settled.state, settled.decidedReason], ["SETTLED", "the photo shows it whole"]);
    for (const one of [asked().next, settled]) {
      assert.throws(() => core.settle(one, "again", friday), { reason: "SELLER_CASE_STATE" });
    }
  });
});
