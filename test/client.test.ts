// The client package as others get it: packed, taken by a fresh project, compiled strictly, and run against the whole mesh;
// with the example that lives by it.
import assert from "node:assert/strict";
import { type ChildProcess, execFile, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { newId } from "#kit/ids.js";
import { passingFolder } from "#kit/local/folder.js";
import { until } from "#kit/testing/peers.js";
import { createBackhaul } from "../client/index.js";
import { readPage, root } from "../docs/pages.js";
import { type FreshProject, openProject } from "./freshProject.js";
import { type Mesh, openMesh } from "./mesh.js";
import { openShop, type Shop } from "./shop.js";

const example = "examples/restock-alerts";

/** Mistakes that must not compile, and a narrowing that must. */
const strict = `
import { createBackhaul, isReason, NotFound, type Reason } from "@backhaul/client";
import { createSandbox } from "@backhaul/client/sandbox";
import { RefundState } from "@backhaul/client/types/refund";
import type { Money } from "@backhaul/client/types/type";
const { resolution, refund } = createBackhaul({ address: "a:1", token: "t" });
// @ts-expect-error the contract demands an order, a kind and lines
resolution.createResolution({ orderId: "o" });
// @ts-expect-error there is no such field
resolution.getResolution({ resolutionId: "r", resolutionsId: "r" });
// @ts-expect-error this rpc gives no list
resolution.getResolution.each({ resolutionId: "r" });
// @ts-expect-error there is no such service in the mesh
createBackhaul({ addresses: { refunds: "a:1" }, token: "t" });
// @ts-expect-error nobody calls without a token
createSandbox({ address: "a:1" });
export async function narrow(error: unknown): Promise<Money | undefined> {
  // @ts-expect-error there is no such reason
  isReason(error, "WINDOW_CLOSED_PERHAPS");
  if (isReason(error, "REFUND_STATE", "REFUND_NOT_FOUND")) {
    const reason: "REFUND_STATE" | "REFUND_NOT_FOUND" = error.reason;
    console.log(reason);
  }
  if (error instanceof NotFound) { const any: Reason = error.reason; console.log(any); }
  for await (const one of refund.listRefunds.each({})) if (one.state === RefundState.REFUND_STATE_UNSPECIFIED) return;
  return (await refund.getRefund({ refundId: "r" })).refund?.quote?.amount;
}
`;

/** Asks for a return twice under one id, looks it up, and is refused somebody else's order. */
const consumer = `
import { createBackhaul, isReason, type CallReport } from "@backhaul/client";
import { Kind } from "@backhaul/client/types/type";
const domains = ["collection", "eligibility", "inspection", "reconciler", "refund", "resolution", "sandbox", "type"];
for (const domain of domains) await import("@backhaul/client/types/" + domain);
await import("@backhaul/client/sandbox");
const [address = "", token = "", orderId = "", lineId = "", requestId = ""] = process.argv.slice(2);
const reports: CallReport[] = [];
const backhaul = createBackhaul({ address, token, onCall: (report) => reports.push(report) });
const lines = [{ lineId, quantity: 1, reason: "NO_LONGER_NEEDED" }];
const ask = (id: string) => backhaul.resolution.createResolution({ orderId: id, kind: Kind.KIND_RETURN, lines }, { requestId });
const first = await ask(orderId);
const again = await ask(orderId);
const listed: string[] = [];
for await (const one of backhaul.resolution.listResolutions.each({ orderId, pageSize: 1 })) listed.push(one.resolutionId);
const refused = await backhaul.resolution
  .createResolution({ orderId: "ord_nobodys", kind: Kind.KIND_RETURN, lines })
  .then(() => "", (error: unknown) => (isReason(error, "ORDER_NOT_FOUND") ? error.name + " " + error.reason : String(error)));
backhaul.close();
console.log(JSON.stringify({
  first: first.resolution?.resolutionId, again: again.resolution?.resolutionId, listed, refused,
  replayed: reports.map((report) => report.replayed),
}));
`;

describe("the client package", function () {
  this.timeout(60_000);
  let folder: string;
  let project: FreshProject;
  let mesh: Mesh;
  let shop: Shop;
  let address: string;
  const children: ChildProcess[] = [];
  before(async () => {
    folder = passingFolder("client");
    project = openProject(folder);
    project.write("strict.ts", strict);
    project.write("consumer.ts", consumer);
    const blocks = [...readPage("client/README.md").matchAll(/^```ts\n(.*?)^```/gms)].map(([, code = ""]) => code);
    assert.ok(blocks.length > 0);
    blocks.forEach((code, i) => project.write(`readme${i}.ts`, code));
    for (const name of readdirSync(join(root, example)).filter((it) => it.endsWith(".ts")))
      project.write(`alerts/${name}`, readFileSync(join(root, example, name), "utf8"));
    mesh = await openMesh();
    shop = await openShop(mesh.doors);
    address = mesh.env("gateway").RESOLUTION_ADDRESS ?? "";
  });
  after(async () => {
    for (const child of children) child.kill("SIGKILL");
    shop?.close();
    await mesh?.stop();
    if (folder) rmSync(folder, { recursive: true, force: true });
  });

  it("holds what it is made of and nothing else, and runs nothing when it is installed", () => {
    const { stdout } = spawnSync("tar", ["-tzf", project.tarball], { encoding: "utf8" });
    const files = stdout.trim().split("\n");
    const strange = files.filter(
      (file) =>
        !/^package\/(package\.json|README\.md|LICENSE|dist\/(client|gen\/(backhaul|google|client)|services\/_kit)\/[\w/]+(\.js|\.d\.ts))$/.test(
          file,
        ),
    );
    assert.deepEqual(strange, []);
    assert.deepEqual(
      files.filter((file) => /\/tests?\//.test(file)),
      [],
    );
    assert.ok(statSync(project.tarball).size < 500_000, `${statSync(project.tarball).size} bytes`);
    const { scripts, dependencies, version } = JSON.parse(
      readFileSync(join(project.installed, "package.json"), "utf8"),
    );
    assert.deepEqual(Object.keys(scripts), ["prepack"]);
    const own = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    assert.equal(version, own.version);
    for (const [name, exact] of Object.entries(dependencies)) assert.equal(exact, own.dependencies[name], name);
  });

  it("is what the example says that it takes", () => {
    const { dependencies } = JSON.parse(readFileSync(join(root, example, "package.json"), "utf8"));
    assert.deepEqual(dependencies, { "@backhaul/client": `file:../../client/${basename(project.tarball)}` });
  });

  it("compiles in a strict project: its page, the example, and none of the mistakes", () => {
    assert.equal(project.compile(), "");
  });

  it("asks, repeats, lists and is refused, from a project that knows nothing of this one", async () => {
    const order = await shop.order();
    const token = await mesh.doors.token("CUSTOMER", order.customerId);
    const args = [join(folder, "dist/consumer.js"), address, token, order.orderId, order.lineId, newId("key")];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    const { first, ...said } = JSON.parse(stdout);
    assert.match(first, /^res_/);
    const replayed = [false, true, false, false];
    assert.deepEqual(said, { again: first, listed: [first], refused: "NotFound ORDER_NOT_FOUND", replayed });
  });

  it("follows a return over restarts, and the example writes what comes back when, without gap or repeat", async () => {
    const order = await shop.order({ market: "KR", quantity: 2, sku: "MUG-1" });
    const alerts = join(folder, "alerts.jsonl");
    writeFileSync(join(folder, "token"), await mesh.doors.token("OPERATOR", "olga"));
    const complaints: string[] = [];
    const start = () => {
      const env = { ...process.env, ALERTS_FILE: alerts, TOKEN_FILE: join(folder, "token"), EVERY_MS: "200" };
      const child = spawn(process.execPath, [join(folder, "dist/alerts/main.js")], {
        env: { ...env, RESOLUTION_ADDRESS: address },
        stdio: ["ignore", "ignore", "pipe"],
      });
      child.stderr.setEncoding("utf8").on("data", (text) => complaints.push(...text.trim().split("\n")));
      children.push(child);
      return child;
    };
    const token = await mesh.doors.token("CUSTOMER", order.customerId);
    const backhaul = createBackhaul({ address, token });
    const { resolutionId } = await shop.ask(order, "RETURN");
    const written = () =>
      (existsSync(alerts) ? readFileSync(alerts, "utf8") : "")
        .split("\n")
        .filter(Boolean)
        .map((line) => JSON.parse(line))
        .filter((alert) => alert.resolutionId === resolutionId);
    const says = (what: string) =>
      until(`it says ${what}`, async () => written().some((it) => it.what === what), 20_000);

    const first = start();
    await says("ASKED");
    const seen: number[] = [];
    const watching = (async () => {
      for await (const { entry } of backhaul.resolution.watchResolution({ resolutionId }))
        seen.push(Number(entry?.sequence));
    })();
    await until("the watch has begun", async () => seen.length > 0);
    await mesh.stopService("resolution");
    await mesh.startService("resolution");
    await shop.pass(1.5);
    await says("COMING");
    first.kill("SIGKILL");
    await once(first, "exit");
    await shop.pass(3);
    await watching;
    const second = start();
    await says("DONE");

    const entries = [];
    for await (const entry of backhaul.resolution.listTimeline.each({ resolutionId, pageSize: 2 })) entries.push(entry);
    backhaul.close();
    const sequences = entries.map(({ sequence }) => Number(sequence));
    assert.deepEqual(seen, sequences.slice(0, seen.length));
    assert.ok(entries[seen.length - 1]?.state, "to the end");
    assert.deepEqual(
      written().map(({ what, items }) => [what, items]),
      [
        ["ASKED", { "MUG-1": 2 }],
        ["COMING", { "MUG-1": 2 }],
        ["BACK", { "MUG-1": 2 }],
        ["DONE", {}],
      ],
    );
    second.kill("SIGTERM");
    const [code] = await once(second, "exit");
    assert.equal(code, 0, "it ends in good order");
    const strange = complaints.filter(
      (line) => !/^ResolutionService\/\w+: UNAVAILABLE: .*; it may be asked again$/.test(line),
    );
    assert.deepEqual(strange, []);
  });
});
