import { nothingBreaks } from "./edge/fuzz.js";
import { owaspHolds } from "./edge/owasp.js";
import { pagesHold } from "./edge/pages.js";
import { streamsGoOn } from "./edge/resume.js";
import type { Stand } from "./edge/stand.js";
import { openMesh } from "./mesh.js";
import { openBackstage } from "./posts/backstage.js";
import { openShop } from "./shop.js";

describe("the edge of the mesh", function () {
  this.timeout(120_000);
  let stand: Stand;
  before(async () => {
    // Its books are made to disagree, for somebody to explain.
    const mesh = await openMesh({ settings: { reconciler: { RECONCILE_PAUSE_MS: "0" } }, leftSound: false });
    stand = { mesh, shop: await openShop(mesh.doors), backstage: await openBackstage(mesh) };
  });
  after(async () => {
    stand?.backstage.close();
    stand?.shop.close();
    await stand?.mesh.stop();
  });

  describe("lists", () => pagesHold(() => stand));
  describe("the OWASP API Security Top 10", () => owaspHolds(() => stand));
  describe("bad input", () => nothingBreaks(() => stand));
  describe("streams", () => streamsGoOn(() => stand));
});
