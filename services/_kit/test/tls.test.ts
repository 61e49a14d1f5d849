import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { namesIn } from "#kit/certificates.js";
import { ConfigError } from "#kit/config.js";
import { newAuthority } from "#kit/local/authority.js";
import { createLog } from "#kit/log.js";
import { type Certificates, domain, hours, openCertificates } from "#kit/testing/certificates.js";
import { keptLog } from "#kit/testing/keptLog.js";
import { until } from "#kit/testing/peers.js";
import { openIdentity, serverOf, type TlsSettings } from "#kit/tls.js";

describe("kit: a process's identity", () => {
  let certificates: Certificates;
  let right: TlsSettings;
  before(async () => {
    certificates = await openCertificates();
    right = await certificates.settings("refund");
  });
  after(() => certificates.close());

  const silent = createLog("test", "silent");
  function problemOf(settings: Partial<TlsSettings>): string {
    try {
      openIdentity({ ...right, ...settings }, silent)?.close();
      return "none";
    } catch (error) {
      assert.ok(error instanceof ConfigError, String(error));
      return error.problems.join("\n");
    }
  }
  /** The problem of a certificate that differs from the right one. */
  async function withPair(name: string, pair: { cert: string; key: string }): Promise<string> {
    const { cert, key, ca } = certificates.write(name, pair);
    return problemOf({ tlsCert: cert, tlsKey: key, tlsCa: ca });
  }

  it("is none where no file is named, so that a mesh on one machine needs no certificates", () => {
    assert.equal(openIdentity({ ...right, tlsCert: "", tlsKey: "", tlsCa: "" }, silent), undefined);
  });

  it("says which setting is missing when only some are there", () => {
    assert.match(problemOf({ tlsKey: "" }), /^TLS_KEY is not set: set all three/);
    assert.match(problemOf({ tlsCert: "", tlsCa: "" }), /^TLS_CERT is not set.*\nTLS_CA is not set/);
  });

  it("says what is wrong with which file, and never what is in it", async () => {
    const { key } = await certificates.pairFor(["refund"]);
    const { cert } = await certificates.pairFor(["refund"]);
    const broken = join(certificates.folder, "broken");
    writeFileSync(broken, "hello");
    assert.match(problemOf({ tlsCert: "/nowhere.crt" }), /no such file or directory, open '\/nowhere.crt'/);
    assert.match(problemOf({ tlsCert: broken }), /broken holds no PEM certificate/);
    assert.match(problemOf({ tlsKey: broken }), /broken holds no PEM private key/);
    assert.match(problemOf({ tlsCa: broken }), /broken holds no PEM certificate/);
    assert.match(await withPair("mixed", { cert, key }), /mixed.key is not the key of .*mixed.crt/);
  });

  it("is not opened with a certificate that expired, does not hold yet, or is of another authority", async () => {
    const strangers = await newAuthority("strangers", hours(-1, 1));
    const of = certificates.pairFor;
    assert.match(await withPair("old", await of(["refund"], hours(-2, -1))), /old.crt expired on/);
    assert.match(await withPair("young", await of(["refund"], hours(1, 2))), /young.crt does not hold before/);
    assert.match(
      await withPair("other", await of(["refund"], hours(-1, 1), strangers)),
      /issued by nobody in .*other-ca/,
    );
  });

  it("keeps what it has when a new file is broken, says so, and takes the next one that is right", async () => {
    const log = keptLog();
    const settings = await certificates.settings("kept");
    const identity = openIdentity(settings, log);
    assert.ok(identity);
    const first = identity.current().own.serialNumber;
    const said = (message: string) => until(message, async () => log.lines.find(([text]) => text === message));
    certificates.put("kept.crt", "half of a certi");
    const [, fields] = await said("certificate not replaced");
    assert.match(String(fields.problem), /kept.crt holds no PEM certificate/);
    assert.equal(identity.current().own.serialNumber, first);
    certificates.write("kept", await certificates.pairFor(["kept"]));
    await said("certificate replaced");
    assert.notEqual(identity.current().own.serialNumber, first);
    identity.close();
  });

  it("is told of in time when nobody renews it", async () => {
    const log = keptLog();
    const { cert, key, ca } = certificates.write("late", await certificates.pairFor(["late"], hours(-9, 1)));
    const identity = openIdentity({ ...right, tlsCert: cert, tlsKey: key, tlsCa: ca }, log);
    await until("a warning", async () => log.lines.some(([text]) => text === "certificate about to expire"));
    identity?.close();
  });

  it("goes by the names in its certificate that are in the mesh's domain, and by no other", () => {
    const names = `DNS:refund.${domain}, DNS:refund.elsewhere.${domain}, DNS:localhost, IP Address:127.0.0.1, DNS:x${domain}`;
    assert.deepEqual(namesIn(names, domain), ["refund"]);
    assert.deepEqual(namesIn(`DNS:*.${domain}`, domain), []);
    assert.deepEqual(namesIn(undefined, domain), []);
  });

  it("expects of a server the name of its contract, whoever's address it is", () => {
    assert.equal(serverOf("/backhaul.refund.v1.RefundService/GetRefund"), "refund");
    assert.equal(serverOf("/backhaul.partner.taxdocument.v1.TaxDocumentService/GetTaxDocument"), "taxdocument");
  });
});
