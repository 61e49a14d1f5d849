import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import type { ReplayTally } from "../report.js";
import { openRest, type Rest } from "../rest.js";
import { runReplay } from "../run.js";
import { type FakeMesh, type Flaws, fakeMesh } from "./fake-mesh.js";

const file = fileURLToPath(new URL("../excerpt/online-retail-excerpt.csv", import.meta.url));

describe("a replay of the excerpt", function () {
  this.timeout(20_000);
  let mesh: FakeMesh;
  let rest: Rest;
  const kept = new Map<string, number>();

  const run = (part: { from?: string; to?: string } = {}) =>
    runReplay({
      file,
      ...part,
      rest,
      sandbox: mesh.sandbox,
      token: async (role, subject) => `${role}:${subject}`,
      shifts: { find: (name) => kept.get(name), keep: (name, shiftMs) => void kept.set(name, shiftMs) },
    });
  const open = async (flaws: Flaws = {}) => {
    mesh = await fakeMesh(flaws);
    rest = openRest(mesh.url);
    kept.clear();
  };
  const failed = ({ checks }: ReplayTally) =>
    checks.filter(({ ok }) => !ok).map(({ name, detail }) => `${name}: ${detail}`);

  afterEach(() => {
    rest.close();
    mesh.close();
  });

  it("sends every request once, as its customer, at its minute, and balances to the penny", async () => {
    await open();
    const tally = await run();
    assert.deepEqual(failed(tally), []);
    const { sent, accepted, declined, refused } = tally.requests;
    const refusals = Object.values(refused).reduce((sum, count) => sum + count, 0);
    assert.deepEqual([sent, accepted + refusals, declined], [83, 83, {}]);
    assert.equal(new Set(mesh.heard.map(({ key }) => key)).size, 83);
    const first = mesh.heard.find(({ key }) => key.startsWith("C536734-"));
    assert.equal(first?.who, "CUSTOMER:16042");
    // Recorded on Thu 2 Dec 2010 at 12:50, which is Thu 26 Nov 2026 for a mesh that starts on Fri 20 Nov.
    assert.equal(first?.at.toISOString(), "2026-11-26T12:50:00.000Z");
  });

  it("waits for the mesh at every midnight, and not at the minutes between", async () => {
    await open();
    await run({ to: "2010-12-03" });
    const midnights = mesh.moves.filter(({ wait }) => wait).map(({ to }) => to.toISOString());
    assert.deepEqual(
      midnights.slice(0, 4),
      ["25", "26", "27", "28"].map((day) => `2026-11-${day}T00:00:00.000Z`),
    );
    const times = mesh.moves.map(({ to }) => to.getTime());
    assert.deepEqual(
      times,
      [...times].sort((a, b) => a - b),
      "business time only goes forward",
    );
  });

  it("gets the same answers when it is played again, and says so", async () => {
    await open();
    const first = await run();
    const again = await run();
    assert.deepEqual(failed(again), []);
    assert.deepEqual([again.requests, again.money, again.ends], [first.requests, first.money, first.ends]);
    assert.match(again.notes?.join(" ") ?? "", /was played before/);
    assert.equal(mesh.heard.length, 83, "the mesh was asked nothing new");
  });

  it("sends a request again, under the same key, when the mesh is busy", async () => {
    await open({ busyEvery: 3 });
    assert.deepEqual(failed(await run()), []);
  });

  it("finds a penny that is missing, and says where", async () => {
    await open({ skim: 1n });
    assert.match(
      failed(await run()).join(),
      /^each refund is accepted units × price paid, less fees: res_1 of order \d+: £.* reckoned;/,
    );
  });

  it("finds money that left the provider beside our list", async () => {
    await open({ extra: 500n });
    assert.match(
      failed(await run()).join(),
      /^the provider paid that and nothing else: .* left the provider meanwhile/,
    );
  });

  it("finds units given back twice, and impossible requests that were accepted", async () => {
    await open({ accepts: "everything" });
    const names = failed(await run()).join("\n");
    assert.match(names, /what is impossible was refused, and nothing else: .*of units that were not there/);
    assert.match(names, /no unit was given back twice: .* taken back of /);
  });

  it("finds a request that is open and waits for nothing", async () => {
    await open({ forgetsOne: true });
    assert.match(failed(await run()).join(), /^every accepted request is closed, .*: res_1 is open/);
  });

  it("does not take a shift from a mesh that is gone", async () => {
    await open();
    await run({ to: "2010-12-03" });
    const [[part = "", shiftMs = 0] = []] = [...kept];
    mesh.close();
    await open();
    kept.set(part, shiftMs - 7 * 86_400_000);
    await run({ to: "2010-12-03" });
    assert.equal(kept.get(part), shiftMs);
  });

  it("says so when there is nothing on those days", async () => {
    await open();
    await assert.rejects(run({ from: "2009-01-01", to: "2009-02-01" }), /nothing to play/);
  });
});
