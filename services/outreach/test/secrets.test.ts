import assert from "node:assert/strict";
import { createHmac, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readConfig } from "#kit/config.js";
import { keyringSetting } from "#kit/sealing.js";
import { openSeal } from "../sealing.js";
import { newSecret, signed } from "../signature.js";

const key = () => randomBytes(32).toString("base64");
const keys = (text: string) => readConfig({ WEBHOOK_KEYS: text }, { keys: keyringSetting("WEBHOOK_KEYS") }).keys;

describe("a subscriber's secret", () => {
  it("signs as the specification's own example does", () => {
    // github.com/standard-webhooks/standard-webhooks, spec: id, time, body and secret with the signature they give.
    const headers = signed("msg_p5jXN8AQM9LWM0D4loKWxJek", new Date(1614265330_000), '{"test": 2432232314}', [
      "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    ]);
    assert.equal(headers["webhook-signature"], "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    assert.equal(headers["webhook-timestamp"], "1614265330");
  });

  it("is whsec_ and 24 to 64 bytes, another each time", () => {
    const [one, two] = [newSecret(), newSecret()];
    assert.match(one, /^whsec_[A-Za-z0-9+/]+=*$/);
    const { length } = Buffer.from(one.slice(6), "base64");
    assert.ok(length >= 24 && length <= 64);
    assert.notEqual(one, two);
  });

  it("signs under both secrets while one takes over from the other", () => {
    const secrets = [newSecret(), newSecret()];
    const at = new Date(1_700_000_000_000);
    const given = signed("res_1.2", at, "{}", secrets)["webhook-signature"]?.split(" ");
    const wanted = secrets.map((secret) => {
      const mac = createHmac("sha256", Buffer.from(secret.slice(6), "base64"));
      return `v1,${mac.update("res_1.2.1700000000.{}").digest("base64")}`;
    });
    assert.deepEqual(given, wanted);
  });

  it("is sealed under the first key, and opens under an older one", () => {
    const [older, newer] = [key(), key()];
    const sealed = openSeal(keys(`a:${older}`)).seal("whs_1", "whsec_x");
    const seal = openSeal(keys(`b:${newer},a:${older}`));
    assert.equal(seal.open("whs_1", sealed), "whsec_x");
    assert.ok(!Buffer.from(sealed).includes("whsec_x"));
    assert.throws(() => openSeal(keys(`b:${newer}`)).open("whs_1", seal.seal("whs_2", "x")));
    assert.throws(() => openSeal(keys(`b:${newer}`)).open("whs_1", sealed), /"a" is not among/);
  });

  it("does not open once a bit of it is another", () => {
    const seal = openSeal(keys(`a:${key()}`));
    const sealed = Buffer.from(seal.seal("whs_1", "whsec_x"));
    for (let at = 2; at < sealed.length; at++) {
      const bent = Buffer.from(sealed);
      bent[at] = (bent[at] as number) ^ 1;
      assert.throws(() => seal.open("whs_1", bent), `byte ${at}`);
    }
  });

  it("has its keys in the settings or in a file they name, and a wrong one is said without telling it", () => {
    const dir = mkdtempSync(join(tmpdir(), "keys-"));
    try {
      writeFileSync(join(dir, "keys"), `a:${key()}\nb:${key()}\n`);
      assert.deepEqual([...keys(`file:${join(dir, "keys")}`).keys.keys()], ["a", "b"]);
      for (const wrong of ["", "a:c2hvcnQ=", key(), `a:${key()},a:${key()}`, `file:${dir}/none`]) {
        assert.throws(
          () => keys(wrong),
          (error: Error) => !/c2hvcnQ/.test(error.message),
          wrong,
        );
      }
    } finally {
      rmSync(dir, { recursive: true });
    }
  });
});
