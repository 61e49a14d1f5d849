import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { passingFolder } from "#kit/local/folder.js";
import { gapsIn } from "../failpoints/gaps.js";
import { failpoints, type Place, placesOf } from "../failpoints/places.js";
import { parse, sourcesOf } from "../failpoints/source.js";
import { root } from "../mesh/places.js";

describe("the check that every boundary has its failpoints", () => {
  const nats = `import { jetstream } from "@nats-io/jetstream";\n`;
  const http = `import { request as ask } from "node:https";\n`;
  const before = `failpoint("http", "x", "before");`;
  const after = `failpoint("http", "x", "after");`;

  for (const [what, code, gap] of [
    ["a publication", `${nats}async function f(js) { await js.publish("a", b); }`, "2 publish()"],
    ["an ack", `${nats}function f(m) { m.ack(); }`, "2 ack()"],
    ["a nak", `${nats}const f = (m) => m.nak(5);`, "2 nak()"],
    ["the end of a delivery", `${nats}function f(m) {\n\n  m.term(); }`, "4 term()"],
    ["a gRPC call", "function f(c) { return c.makeUnaryRequest(a); }", "1 makeUnaryRequest()"],
    ["a fetch", "const f = () => fetch(url);", "1 fetch()"],
    ["a request over HTTP", `${http}const f = () => ask(url);`, "2 the request"],
    ["a choice of requests", `${http}const f = () => (secure ? ask : other)(url);`, "2 the request"],
    ["a file that is written", "const f = () => appendFile(path, text);", "1 appendFile()"],
    ["a fact's handler", `${nats}const f = (handler) => handler(fact);`, "2 handler()"],
    ["a step's handler", "const f = (handler) => handler.run(step);", "1 handler.run()"],
    ["the end of a step's tries", "const f = (handler) => handler.giveUp(step);", "1 handler.giveUp()"],
    ["a write by Prisma", "const f = () => prisma.refund.update({});", "1 update()"],
    ["raw SQL", `const f = (client) => client.query("DELETE FROM refund");`, "1 the statement"],
    ["a statement past the pool", "const f = (client, sql) => client.query(sql);", "1 the statement"],
    ["a transaction's end", `const f = (c) => c.query("COMMIT");`, "1 the statement"],
  ] as const) {
    it(`finds ${what} without any`, () => {
      assert.deepEqual(gapsIn([parse("services/refund/x.ts", code)]), [
        `services/refund/x.ts:${gap} has no failpoint before and none after it`,
      ]);
    });
  }

  it("finds one that has none on one side", () => {
    const gapsOf = (code: string) => gapsIn([parse("services/refund/x.ts", code)]);
    assert.deepEqual(gapsOf(`async function f() { ${before} await fetch(url); }`), [
      "services/refund/x.ts:1 fetch() has no failpoint after it",
    ]);
    assert.deepEqual(gapsOf(`async function f() { await fetch(url); ${after} }`), [
      "services/refund/x.ts:1 fetch() has no failpoint before it",
    ]);
    assert.deepEqual(gapsOf(`async function f() { ${before} await fetch(url); ${after} }`), []);
  });

  it("finds two that have none between them", () => {
    const code = `async function f() { ${before}\n await fetch(one);\n await fetch(two);\n ${after} }`;
    assert.deepEqual(gapsIn([parse("services/refund/x.ts", code)]), [
      "services/refund/x.ts:2 fetch() has no failpoint after it",
      "services/refund/x.ts:3 fetch() has no failpoint before it",
    ]);
  });

  it("misses each one of the code's, were it taken away", () => {
    const spared: string[] = [];
    let tried = 0;
    for (const { path } of sourcesOf(root).filter((it) => it.path !== failpoints)) {
      const text = readFileSync(join(root, path), "utf8");
      for (const { 0: call, index } of text.matchAll(/\bfailpoint\([^;]*\);/g)) {
        tried++;
        const without = `${text.slice(0, index)};${text.slice(index + call.length)}`;
        if (gapsIn([parse(path, without)]).length === 0) spared.push(`${path} ${call}`);
      }
    }
    assert.ok(tried > 40, `only ${tried} were tried`);
    assert.deepEqual(spared, []);
  });

  it("takes none that is only passed on another way", () => {
    const code = `async function f() { ${before} if (x) { ${before} g(); ${after} }\n await fetch(url); if (x) { ${after} } }`;
    assert.deepEqual(gapsIn([parse("services/refund/x.ts", code)]), [
      "services/refund/x.ts:2 fetch() has no failpoint after it",
    ]);
  });

  it("takes none that stands in another function", () => {
    const code = `function f() { ${before} }\nfunction g() { return fetch(url); }\nfunction h() { ${after} }`;
    for (const around of [code, `function open() { ${code} }`, `const open = () => { ${code} };`]) {
      assert.deepEqual(gapsIn([parse("services/refund/x.ts", around)]), [
        "services/refund/x.ts:2 fetch() has no failpoint before and none after it",
      ]);
    }
    const handed = `async function f() { ${before} await new Promise((done) => done(fetch(url))); ${after} }`;
    assert.deepEqual(gapsIn([parse("services/refund/x.ts", handed)]), []);
  });

  it("finds a statement that writes under a name that nobody can list", () => {
    const query = (text: string) => `const f = (db, id) => db.query({ name: "x." + id, text: "${text}" });`;
    assert.deepEqual(gapsIn([parse("services/refund/x.ts", query("DELETE FROM x"))]), [
      "services/refund/x.ts:1 writes under a name that is put together: nobody can list it",
    ]);
    assert.deepEqual(gapsIn([parse("services/refund/x.ts", query("SELECT FROM x FOR UPDATE"))]), []);
  });

  it("asks each failpoint for its kind and its moment", () => {
    const code = `const f = (kind) => failpoint(kind, "x", "before");`;
    assert.throws(() => gapsIn([parse("services/refund/x.ts", code)]), /services\/refund\/x\.ts:1 must write out/);
  });
});

describe("the list of failpoints", () => {
  let places: readonly Place[];
  before(async () => {
    places = await placesOf(root);
  });

  for (const name of [
    "refund.commit.refund.insert.before",
    "refund.commit.operator.act.after",
    "refund.commit.migrations.before",
    "refund.write.refund.savePayment.after",
    "refund.write.outbox.mark.before",
    "refund.write.retention.refund.words.before",
    "resolution.write.forget.guest_code.after",
    "resolution.write.retention.guest_code.before",
    "partners.write.payment.payBack.after",
    "refund.publish.backhaul.refund.v1.RefundGranted.after",
    "resolution.fact.backhaul.refund.v1.RefundSucceeded.done",
    "resolution.fact.unheard.acked",
    "refund.step.pay.claimed",
    "resolution.step.guest.code.givenUp",
    "resolution.step.desk-bulk.done",
    "partners.step.visit.failed",
    "refund.call.backhaul.partner.payment.v1.PaymentService/RefundPayment.after",
    "collection.call.backhaul.sandbox.v1.ClockService/JoinClock.before",
    "gateway.call.backhaul.refund.v1.RefundService/GrantGoodwill.after",
    "outreach.http.webhook.before",
    "payment-adapter.http.provider.after",
    "gateway.http.keys.before",
    "refund.seal.stream.after",
  ]) {
    it(`has ${name}`, () => assert.ok(places.some((place) => place.name === name)));
  }

  it("has none where a process never comes", () => {
    const wrong = places.filter(
      ({ name }) =>
        /^(gateway|payment-adapter)\.(commit|write|publish|fact|step)\./.test(name) ||
        /^(outreach|partners|reconciler)\.write\.subject_key\./.test(name) ||
        /^(partners|gateway)\.(publish\.backhaul|write\.outbox)\./.test(name) ||
        /\.never\./.test(name),
    );
    assert.deepEqual(wrong, []);
  });

  it("says of each where it stands", () => {
    const lost = places.filter(({ at }) => !existsSync(join(root, at.split(":")[0]!)));
    assert.deepEqual(lost, []);
  });
});

describe("a production build", function () {
  this.timeout(60_000);
  // As in the image: package.json says where the processes find their parts.
  const image = passingFolder("production");
  const dist = join(image, "dist");
  after(() => rmSync(image, { recursive: true, force: true }));
  before(() => {
    copyFileSync(join(root, "package.json"), join(image, "package.json"));
    symlinkSync(join(root, "node_modules"), join(image, "node_modules"));
    const args = [join(root, "scripts", "build.mjs"), "--production", `--dist=${dist}`];
    const { status, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
    assert.equal(status, 0, stderr);
  });

  it("is what the image holds", () => {
    assert.match(readFileSync(join(root, "deploy", "Dockerfile"), "utf8"), /npm run build -- --production\n/);
  });

  it("knows neither the setting nor the names", () => {
    const files = ["services", "gateway", "adapters"].flatMap((folder) =>
      readdirSync(join(dist, folder), { recursive: true })
        .map((name) => join(folder, `${name}`))
        // Tests are not in the image.
        .filter((name) => /\.(js|json)$/.test(name) && !/\/test\//.test(name)),
    );
    assert.ok(files.length > 400, `${files.length} files`);
    const telling = files.filter((file) => /FAILPOINT|SIGSTOP/.test(readFileSync(join(dist, file), "utf8")));
    assert.deepEqual(telling, []);
    assert.ok(!existsSync(join(dist, "services", "_kit", "failpoints.json")));
  });

  it("goes past every place, whatever the environment says", () => {
    const { status, stderr } = spawnSync(process.execPath, [join(dist, "services", "refund", "main.js")], {
      encoding: "utf8",
      env: { PATH: process.env.PATH, FAILPOINT: "no.such.place.here:1" },
    });
    assert.equal(status, 2);
    assert.match(stderr, /DATABASE_URL is not set/);
    assert.doesNotMatch(stderr, /FAILPOINT/);
  });
});
