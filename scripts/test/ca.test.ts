import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { certificateNames, filesIn, holders, openCertificateFolder, operatorIdentity } from "../mesh/certificates.js";

const run = fileURLToPath(new URL("../run.mjs", import.meta.url));
const domain = "mesh.example";

describe("npm run ca", function () {
  this.timeout(60_000);
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "backhaul-ca-"));
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  const certificateOf = (name: string) => new X509Certificate(readFileSync(filesIn(dir)(name).cert));

  it("makes a certificate for everybody, and keys that nobody else may read", () => {
    const { status, stderr } = spawnSync(process.execPath, [run, "ca", "--dir", dir, "--domain", domain], {
      encoding: "utf8",
    });
    assert.equal(status, 0, stderr);
    const authority = new X509Certificate(readFileSync(join(dir, "ca.crt")));
    for (const name of holders) {
      const { key } = filesIn(dir)(name);
      assert.ok(certificateOf(name).verify(authority.publicKey), name);
      assert.ok(certificateOf(name).checkHost(`${name}.${domain}`), name);
      assert.equal(statSync(key).mode & 0o777, 0o600);
    }
    assert.equal(statSync(join(dir, "ca.key")).mode & 0o777, 0o600);
    assert.ok(!certificateOf("refund").checkHost(`gateway.${domain}`));
  });

  it("gives the sandbox the name of every outside system that it plays", () => {
    const names = certificateNames("partners");
    for (const name of ["partners", "sandbox", "order", "payment", "taxdocument"])
      assert.ok(names.includes(name), name);
  });

  it("renews what was asked for or is half over, and leaves the rest and the authority alone", async () => {
    const folder = await openCertificateFolder(dir, domain, 30);
    const names = ["refund", "gateway"];
    assert.deepEqual(await folder.renewOld(names), names);
    const first = names.map((name) => certificateOf(name).serialNumber);
    await folder.renew("refund");
    const again = await openCertificateFolder(dir, domain, 30);
    assert.deepEqual(await again.renewOld(names), []);
    const second = names.map((name) => certificateOf(name).serialNumber);
    assert.deepEqual([second[0] === first[0], second[1] === first[1]], [false, true]);
    // Certificates of two minutes are half over: they hold from five minutes ago, for clocks that are slow.
    const brief = await openCertificateFolder(dir, domain, 2 / 1440);
    await brief.renew("gateway");
    assert.deepEqual(await brief.renewOld(names), ["gateway"]);
  });

  it("makes what an operator's tools call with", async () => {
    const folder = await openCertificateFolder(dir, "backhaul.internal", 30);
    await folder.renew("operator");
    const identity = operatorIdentity(folder);
    assert.deepEqual(identity.names, ["operator"]);
    identity.close();
  });

  it("says what is wrong with what was typed", () => {
    const { status, stderr } = spawnSync(process.execPath, [run, "ca", "--dir", dir, "--days", "soon"], {
      encoding: "utf8",
    });
    assert.deepEqual([status, stderr.trim()], [2, "ca: --days is a number up to 365; see npm run ca -- --help"]);
  });
});
