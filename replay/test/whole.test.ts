import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type History, readHistory } from "../history.js";
import { newLedger } from "../ledger.js";
import { type Matching, matchHistory } from "../match.js";
import { readRecord } from "../record.js";
import { recordTally, reference } from "../report.js";

/** Seen from the project's root. */
const place = "../shared/data/online-retail/online-retail.csv.gz";
const path = fileURLToPath(new URL(`../../${place}`, import.meta.url));
const excerpt = fileURLToPath(new URL("../excerpt/online-retail-excerpt.csv", import.meta.url));
const present = existsSync(path);

describe(`the whole record${present ? "" : ` (skipped: ${place} is not there)`}`, () => {
  let history: History;
  let matching: Matching;

  before(async function () {
    if (!present) this.skip();
    this.timeout(60_000);
    history = await readHistory(readRecord(path));
    matching = matchHistory(history);
  });

  it("has as many invoices, sales and cancelled lines as its description says", () => {
    assert.deepEqual(recordTally(history.counts, matching.counts), reference);
  });

  it("has its traps in the numbers described, and no line that is unclear", () => {
    assert.deepEqual(history.counts, {
      lines: 541_909,
      kinds: {
        sold: 527_758,
        fee: 2_345,
        free: 1_179,
        writeOff: 1_336,
        cancelled: 8_539,
        cancelledAnonymous: 165,
        cancelledFee: 584,
        adjustment: 3,
        unclear: 0,
      },
      invoices: 25_900,
      plainInvoices: 22_061,
      cancellationInvoices: 3_836,
      adjustmentInvoices: 3,
      sales: 19_959,
      orders: 19_773,
      guestOrders: 1_371,
      withoutCustomer: 135_080,
      withoutDescription: 1_454,
      duplicateRows: 5_268,
      invoicesWithTwoTimes: 43,
      invoicesRepeatingSku: 2_793,
      negativeOutsideCancellations: 1_336,
      zeroPrice: 2_515,
      roundedPrices: 4,
    });
  });

  it("has an earlier purchase for 87.9 % of the cancelled lines, and a request for every one of them", () => {
    const { lines, kinds, onOneLine, partOfOneLine, spread, withoutOrder } = matching.counts;
    assert.equal(((100 * (lines - kinds.unknown)) / lines).toFixed(1), "87.9");
    assert.equal(onOneLine + spread, kinds.matched);
    assert.deepEqual([partOfOneLine, spread, withoutOrder], [4_822, 47, 403]);
    const kindsSent = { matched: 0, unknown: 0, over: 0 };
    for (const request of matching.requests) kindsSent[request.kind] += 1;
    assert.deepEqual(kindsSent, { matched: 3_725, unknown: 488, over: 76 });
  });

  it("would have every matched request accepted, every unknown one refused, and 74 of 76 over ones", () => {
    const ledger = newLedger();
    const refused = { matched: 0, unknown: 0, over: 0 };
    for (const request of matching.requests) {
      if (ledger.mustRefuse(request)) refused[request.kind] += 1;
      else ledger.accept(request);
    }
    assert.deepEqual(refused, { matched: 0, unknown: 488, over: 74 });
  });

  it("makes of the excerpt's customers the requests it makes of them alone", async () => {
    const alone = matchHistory(await readHistory(readRecord(excerpt))).requests;
    const customers = new Set(alone.map((request) => request.customerId));
    assert.deepEqual(
      alone,
      matching.requests.filter((request) => customers.has(request.customerId)),
    );
  });
});
