import assert from "node:assert/strict";
import fc from "fast-check";
import { held, takeIn } from "../core/dock.js";
import { complete, expectAgain } from "../core/inspection.js";
import { dispose } from "../core/quarantine.js";
import { discrepancies } from "../core/receipts.js";
import { type Inspection, noTerms, type Terms } from "../core/types.js";
import { bench, fine, inspection, lampTerms, missing, mugsAndLamp, onePm, refused } from "./builders.js";

describe("inspection: the dock", () => {
  const scan = (change = {}) => ({
    trackingNumber: "TN-1",
    centre: "LHR1",
    items: [] as { sku: string; quantity: number; serial: string }[],
    empty: false,
    weightGrams: 0,
    note: "",
    scanner: "dora",
    time: onePm,
    ...change,
  });
  const items = (...of: [string, number, string?][]) =>
    of.map(([sku, quantity, serial = ""]) => ({ sku, quantity, serial }));
  const ids = () => {
    let n = 0;
    return () => `qrn_${++n}`;
  };
  const kinds = (i: Inspection) => discrepancies(i).map((d) => [d.kind, d.sku, d.expected, d.counted]);

  it("starts the clocks with the first parcel, and takes in the others beside it", () => {
    const first = takeIn(inspection(), scan(), ids());
    assert.deepEqual([first.next.state, first.next.receiveTime], ["REGISTERED", onePm]);
    const second = takeIn(first.next, scan({ trackingNumber: "TN-2" }), ids());
    assert.deepEqual([second.next.receipts.length, second.facts], [2, []]);
    assert.throws(
      () => takeIn(second.next, scan(), ids()),
      refused("PARCEL_ALREADY_SCANNED", { tracking_number: "TN-1" }),
    );
  });

  it("says what is short, over, wrong, empty, of another serial number and in the wrong centre", () => {
    const whole = items(["MUG-RED", 3], ["LAMP-1", 1, "SN-1"]);
    const of = (change: object, terms: Terms = lampTerms) =>
      kinds(takeIn(inspection({ terms }), scan(change), ids()).next);
    assert.deepEqual(of({ items: whole }), []);
    assert.deepEqual(of({}), []);
    assert.deepEqual(of({ items: items(["MUG-RED", 2], ["LAMP-1", 1]) }), [["SHORT", "MUG-RED", 3, 2]]);
    assert.deepEqual(of({ items: [...whole, ...items(["MUG-RED", 2])] }), [["OVER", "MUG-RED", 3, 5]]);
    assert.deepEqual(of({ items: [...whole, ...items(["VASE", 1])] }), [["WRONG_ITEM", "VASE", 0, 1]]);
    assert.deepEqual(of({ items: items(["MUG-RED", 3], ["LAMP-1", 1, "SN-9"]) }), [
      ["SERIAL_MISMATCH", "LAMP-1", 1, 1],
    ]);
    assert.deepEqual(
      of({ empty: true }).map(([kind]) => kind),
      ["EMPTY", "SHORT", "SHORT"],
    );
    assert.deepEqual(of({ items: whole }, { ...lampTerms, centre: "MAN2" }), [["WRONG_CENTRE", "", 0, 0]]);
  });

  it("puts what does not belong into quarantine, so that every unit counted is in one place", () => {
    const count = fc.array(fc.tuple(fc.constantFrom("MUG-RED", "LAMP-1", "VASE"), fc.integer({ min: 1, max: 5 })), {
      maxLength: 6,
    });
    fc.assert(
      fc.property(fc.array(count, { maxLength: 4 }), (parcels) => {
        let at = inspection();
        const newId = ids();
        let strays = 0;
        for (const [n, parcel] of parcels.entries()) {
          const { next, quarantined = [] } = takeIn(
            at,
            scan({ trackingNumber: `TN-${n}`, items: items(...parcel) }),
            newId,
          );
          at = next;
          strays += quarantined.reduce((all, q) => all + q.items.reduce((sum, i) => sum + i.quantity, 0), 0);
        }
        const counted = at.receipts.flatMap((r) => r.items).reduce((all, i) => all + i.quantity, 0);
        assert.equal(
          counted + strays,
          parcels.flat().reduce((all, [, quantity]) => all + quantity, 0),
        );
        for (const { sku, quantity } of mugsAndLamp) {
          const here = at.receipts.flatMap((r) => r.items).filter((i) => i.sku === sku);
          assert.ok(here.reduce((all, i) => all + i.quantity, 0) <= quantity);
        }
      }),
    );
  });

  it("accepts no unit that was not counted, once parcels are counted", () => {
    const { next } = takeIn(inspection(), scan({ items: items(["MUG-RED", 2], ["LAMP-1", 1]) }), ids());
    const all = [fine("mugs", 3), fine("lamp")];
    assert.throws(
      () => complete(next, all, "wendy", onePm),
      refused("UNITS_NOT_RECEIVED", { sku: "MUG-RED", counted: "2", found: "3" }),
    );
    const honest = [fine("mugs", 2), missing("mugs"), fine("lamp")];
    assert.equal(complete(next, honest, "wendy", onePm).next.state, "INSPECTED");
  });

  it("posts what is nobody's to stock once, and nothing that leaves the house", () => {
    const goods = held("qrn_1", "BLIND", scan({ items: items(["VASE", 2]) }));
    const by = { decider: "lea", note: "nobody asked", now: onePm };
    const { next, steps } = dispose(goods, "DONATE", by);
    assert.deepEqual(
      steps?.map((s) => s.payload),
      [
        {
          lines: [
            { sku: "VASE", quantity: 2, disposition: "DONATE", units: [{ lineId: "item-1", first: 1, quantity: 2 }] },
          ],
        },
      ],
    );
    assert.throws(() => dispose(next, "DISPOSE", by), refused("QUARANTINE_STATE", { state: "DISPOSED" }));
    assert.equal(dispose(goods, "RETURN_TO_CUSTOMER", by).steps, undefined);
  });

  it("joins tracking numbers of the same goods, and takes a later deadline from its caller", () => {
    const given = (terms: Partial<Terms>) => ({
      ...inspection(),
      lines: mugsAndLamp,
      now: onePm,
      terms: { ...noTerms, ...terms },
    });
    const first = expectAgain(bench(), given({ trackingNumbers: ["TN-1"], dueTime: onePm })).next;
    assert.deepEqual([first.terms.trackingNumbers, first.terms.dueTime, first.terms.centre], [["TN-1"], onePm, ""]);
    assert.deepEqual(first.terms.deductionCauses, ["HANDLING"]);
    assert.equal(expectAgain(first, given({ trackingNumbers: ["TN-1"] })).next.version, first.version);
  });
});
