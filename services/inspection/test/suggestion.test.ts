import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { suggest } from "../core/suggestion.js";
import { openGuides } from "../guides.js";

describe("inspection: suggestions", () => {
  const guides = openGuides();
  const seen = (change = {}) =>
    ({ condition: "SELLABLE", unopened: false, scratches: 0, partsMissing: false, ...change }) as const;
  const best = (category: string, change = {}) => {
    const { grade, options } = suggest(seen(change), guides.figures(category));
    return [grade, options[0]?.disposition];
  };

  it("grade by what was counted, and put what brings most first", () => {
    assert.deepEqual(best("homeware", { unopened: true }), ["UNOPENED", "RESTOCKED"]);
    assert.deepEqual(best("electronics", { scratches: 2 }), ["GOOD", "RESALE_GRADED"]);
    assert.deepEqual(best("electronics", { scratches: 3 }), ["FAIR", "RESALE_GRADED"]);
    assert.deepEqual(best("electronics", { scratches: 4 }), ["UNSELLABLE", "DISPOSE"]);
    assert.deepEqual(best("cosmetics"), ["UNSELLABLE", "DISPOSE"]);
    assert.deepEqual(best("electronics", { condition: "DEFECTIVE" }), ["UNSELLABLE", "RETURN_TO_VENDOR"]);
    assert.deepEqual(best("phones", { condition: "CARRIER_DAMAGED" }), ["UNSELLABLE", "REFURBISH"]);
    assert.deepEqual(best("phones", { condition: "HAZMAT" }), ["UNSELLABLE", "DISPOSE"]);
    assert.deepEqual(best("phones", { condition: "EMPTY_BOX" }), ["UNSELLABLE", "RETURN_TO_CUSTOMER"]);
  });

  it("are in the languages of every market, and general where a category has none of its own", () => {
    assert.equal(guides.checklist("umbrellas").category, "general");
    for (const category of ["electronics", "phones", "fashion", "cosmetics", "fresh", "homeware", "general"]) {
      const { points } = guides.checklist(category);
      assert.ok(points.length > 0, category);
      for (const point of points) assert.deepEqual(Object.keys(point.text), ["en-GB", "ko-KR", "zh-TW"], point.pointId);
    }
  });

  it("rest on what workshops did with the goods of a category", function () {
    const record = new URL("../../../../shared/data/open-repair/open-repair-partners.csv.gz", import.meta.url);
    if (!existsSync(record)) this.skip();
    const outcomes = new Map<string, { fixed: number; all: number }>();
    for (const line of gunzipSync(readFileSync(record)).toString().split("\n").slice(1)) {
      // Categories and outcomes stand before the only column that holds commas and quotes of its own.
      const known =
        /,(Mobile|Tablet|Laptop|Desktop computer|Headphones|Printer\/scanner|Hi-Fi separates|Flat screen),.*?,(Fixed|Repairable|End of life),/.exec(
          line,
        );
      const category = known && (known[1] === "Mobile" || known[1] === "Tablet" ? "phones" : "electronics");
      if (!category) continue;
      const { fixed, all } = outcomes.get(category) ?? { fixed: 0, all: 0 };
      outcomes.set(category, { fixed: fixed + (known[2] === "Fixed" ? 1 : 0), all: all + 1 });
    }
    for (const category of ["electronics", "phones"]) {
      const { fixed, all } = outcomes.get(category) ?? { fixed: 0, all: 0 };
      assert.ok(all > 1_000, category);
      const { successPercent } = guides.figures(category).repair;
      assert.ok(
        Math.abs((100 * fixed) / all - successPercent) <= 5,
        `${category}: ${((100 * fixed) / all).toFixed(1)}`,
      );
    }
  });
});
