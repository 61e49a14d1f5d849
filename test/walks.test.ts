// A sample of the stories of `npm run prove -- --only walks`, which goes every edge.
import assert from "node:assert/strict";
import { chanceOf } from "../prove/chance.js";
import type { WalkReport } from "../prove/walks/ledger.js";
import { walkers } from "../prove/walks.js";

const seed = 20_261_126;
const walks = 200;

for (const [aggregate, { walk, orderFree }] of Object.entries(walkers)) {
  describe(`${aggregate}: ${walks} random walks from seed ${seed}`, () => {
    let report: WalkReport;
    before(() => {
      report = walk(walks, chanceOf(seed));
    });

    it("go all but a few edges of its table", () => {
      assert.ok(report.missed.length <= report.edges / 10, report.missed.join("; "));
    });

    it("are refused whatever is not in its table", () => {
      assert.deepEqual(report.allowed, []);
      assert.ok(report.refused > 0);
    });

    it(`end alike when they are heard late, doubled and shuffled: ${orderFree}`, () => {
      assert.deepEqual(report.unequal, []);
    });
  });
}
