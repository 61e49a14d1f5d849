import assert from "node:assert/strict";
import type { Case } from "../core/case.js";
import { cell, csvLine } from "../core/csv.js";
import { type Dwell, diagnose } from "../core/diagnosis.js";
import { cellsOf, type Export, forbidden, namesOf } from "../core/export.js";
import * as core from "../core/resolution.js";
import type { Resolution } from "../core/types.js";
import { later, requested, scene, told } from "./builders.js";

const caseOf = (r: Resolution, change: Partial<Case> = {}): Case => ({
  ...r,
  reasons: ["COLOR", "SIZE_TOO_SMALL"],
  moveTime: r.updateTime,
  dueTime: undefined,
  heldBack: undefined,
  assignee: "",
  queueId: "",
  assignTime: undefined,
  ...change,
});

describe("resolution: tables for a spreadsheet", () => {
  it("a cell that would be a formula is text, and what would break a line is quoted", () => {
    for (const formula of ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"]) {
      assert.ok(cell(formula).replace(/^"/, "").startsWith("'"), formula);
    }
    assert.equal(cell('say "no", please'), '"say ""no"", please"');
    assert.equal(cell("two\nlines"), '"two\nlines"');
    assert.equal(cell('=HYPERLINK("x","y")'), `"'=HYPERLINK(""x"",""y"")"`);
    assert.equal(cell("반품"), "반품");
    assert.equal(csvLine(["a", "", "b"]), "a,,b\r\n");
  });

  it("shows its columns in their order, and what is personal only to leads and finance", () => {
    const table: Export = {
      exportId: "e",
      title: "E",
      filter: {},
      columns: ["REASONS", "CUSTOMER_ID", "STATE", "DUE_TIME"],
      byteOrderMark: false,
      version: 1,
      editor: "alice",
      updateTime: later(0).now,
    };
    const { next } = requested("RETURN");
    assert.deepEqual(namesOf(table), ["reasons", "customer_id", "state", "due_time"]);
    assert.deepEqual(cellsOf(table, caseOf(next)), ["COLOR SIZE_TOO_SMALL", "c-1", "OPEN", ""]);
    assert.deepEqual(forbidden(table, "AGENT"), ["CUSTOMER_ID"]);
    assert.deepEqual([forbidden(table, "LEAD"), forbidden(table, "OPERATOR")], [[], ["CUSTOMER_ID"]]);
  });
});

describe("resolution: why something does not move", () => {
  const dwells: readonly Dwell[] = [
    { market: "*", state: "COLLECTING", hours: 500 },
    { market: "KR", state: "COLLECTING", hours: 300 },
    { market: "*", state: "HOLDING", hours: 4 },
    { market: "TW", state: "HOLDING", hours: 1 },
  ];

  it("says what gave up, what is waited for and what to do, most urgent first", () => {
    const stuck = told(
      requested("EXCHANGE", { replacement: true, exchange: "STANDARD" }),
      (r) => core.gaveUp(r, "stock.hold", { requestId: "r-1" }, "refused", scene()),
      (r) => core.parcelSilent(r, "nothing is heard of parcel 1", scene()),
    ).next;
    const awaited = [
      { step: "stalled", due: later(1).now, tries: 0 },
      { step: "collection.schedule", due: later(0).now, tries: 3 },
    ];
    const found = diagnose(stuck, caseOf(stuck), awaited, dwells);
    assert.match(found.waitsFor[0] ?? "", /stock\.hold again/);
    assert.match(found.advice[0] ?? "", /^retry stock\.hold: it asks the inventory/);
    assert.ok(
      found.tried.some((text) => /refused/.test(text)) && found.tried.some((text) => /tried 3 times/.test(text)),
    );
    assert.deepEqual(
      found.awaited.map(({ step }) => step),
      ["collection.schedule"],
      "what only watches is nothing that is waited for",
    );
    assert.equal(found.limit?.getTime(), later(4 / 24).now.getTime(), "the shortest of its states, by its own market");
  });

  it("what has ended waits for nothing but what somebody has to see to, and has no limit", () => {
    const { next } = told(requested("RETURN"), (r) => core.withdraw(r, scene()));
    const found = diagnose(next, caseOf(next), [], dwells);
    assert.deepEqual([found.waitsFor, found.advice, found.limit], [[], [], undefined]);
  });
});
