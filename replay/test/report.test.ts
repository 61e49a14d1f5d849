import assert from "node:assert/strict";
import { type ReplayTally, reference, renderReport, reportObject } from "../report.js";

describe("the report", () => {
  it("shows thousands, shares, and pounds with pence", () => {
    const text = renderReport(tally());
    assert.match(text, /^ {2}accepted +1,500 +75\.0 %$/m);
    assert.match(text, /^ {2}GBP +£1,234,567\.89 +£0\.05 +-£12\.00$/m);
    assert.match(text, /^ {2}KRW +₩1,234 +₩0 +₩0$/m);
  });

  it("ranks rules and reasons by how often they spoke", () => {
    const text = renderReport(tally());
    assert.match(text, /declined, by rule +300 .*\n {4}late +290 .*\n {4}hygiene +10 .*\n {2}refused, by reason +200 /);
  });

  it("says how the accepted ones stand, and what to know beside the numbers", () => {
    const text = renderReport(
      tally({ ends: { closed: 1490, "waits for a person": 10 }, notes: ["word ".repeat(60).trim()] }),
    );
    assert.match(text, /^ {2}accepted .*\n {4}closed +1,490 +74\.5 %\n {4}waits for a person +10 /m);
    assert.match(text, /^═+\n {2}word.*\n {2}word/m);
  });

  it("puts the reference beside what was read only where the whole record was played, and marks a difference", () => {
    assert.doesNotMatch(renderReport(tally({ whole: false })), /reference|same|DIFFERS/);
    const text = renderReport(tally({ record: { ...reference, over: 75 } }));
    assert.match(text, /unknown: .* +1,031 +1,031 +same$/m);
    assert.match(text, /over: .* +75 +76 +DIFFERS$/m);
  });

  it("says so when requests got no answer", () => {
    assert.doesNotMatch(renderReport(tally()), /NOT ANSWERED/);
    const requests = { sent: 5, accepted: 3, declined: {}, refused: { REFUND_STATE: 1 } };
    assert.match(renderReport(tally({ requests })), /NOT ANSWERED +1 +20\.0 %/);
  });

  it("names each check, wraps its detail, and gives a verdict", () => {
    const text = renderReport(tally());
    assert.match(text, /^ {2}ok {4}no unit twice$/m);
    assert.match(text, /^ {2}FAIL {2}money adds up\n {8}word/m);
    assert.match(text, /2 checks: 1 failed$/);
  });

  it("stays within 100 columns, without blanks at line ends, also when nothing was played", () => {
    const requests = { sent: 0, accepted: 0, declined: {}, refused: {} };
    const empty = tally({ requests, money: {}, checks: [], units: { requested: 0, accepted: 0, refunded: 0 } });
    for (const line of `${renderReport(tally())}\n${renderReport(empty)}`.split("\n")) {
      assert.ok(line.length <= 100, line);
      assert.equal(line, line.trimEnd());
    }
    assert.match(renderReport(empty), /none moved/);
  });

  it("is JSON with money as decimal text", () => {
    const object = JSON.parse(JSON.stringify(reportObject(tally())));
    assert.deepEqual(object.money.GBP, { requested: "1234567.89", refunded: "0.05", fees: "-12.00" });
    assert.deepEqual(object.money.KRW, { requested: "1234", refunded: "0", fees: "0" });
    assert.deepEqual([object.ok, object.reference.over, object.requests.sent], [false, 76, 2000]);
  });
});

function tally(changes: Partial<ReplayTally> = {}): ReplayTally {
  return {
    source: "online-retail.csv.gz",
    whole: true,
    record: reference,
    requests: { sent: 2000, accepted: 1500, declined: { hygiene: 10, late: 290 }, refused: { LINE_UNKNOWN: 200 } },
    units: { requested: 9000, accepted: 8000, refunded: 7999 },
    money: {
      KRW: { requestedMinor: 1234n, refundedMinor: 0n, feesMinor: 0n },
      GBP: { requestedMinor: 123456789n, refundedMinor: 5n, feesMinor: -1200n },
    },
    checks: [
      { name: "no unit twice", ok: true, detail: "" },
      { name: "money adds up", ok: false, detail: "word ".repeat(60).trim() },
    ],
    ...changes,
  };
}
