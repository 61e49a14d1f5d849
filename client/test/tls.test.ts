import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ServerCredentials } from "@grpc/grpc-js";
import { passingFolder } from "../../services/_kit/local/folder.js";
import { createBackhaul, type TlsOptions } from "../index.js";
import { selfSigned } from "./certificate.js";
import { type Desk, openDesk } from "./desk.js";

describe("TLS", () => {
  const mesh = selfSigned("mesh");
  const caller = selfSigned("shop");
  let folder: string;
  let desk: Desk;
  before(async () => {
    folder = passingFolder("tls");
    const pair = { private_key: Buffer.from(mesh.key), cert_chain: Buffer.from(mesh.cert) };
    const list = async () => ({ resolutions: [], nextPageToken: "" });
    desk = await openDesk({ list }, ServerCredentials.createSsl(Buffer.from(caller.cert), [pair], true));
  });
  after(() => {
    desk?.stop();
    rmSync(folder, { recursive: true });
  });

  async function ask(tls: TlsOptions | undefined) {
    const backhaul = createBackhaul({
      address: desk.address.replace("127.0.0.1", "localhost"),
      token: "t",
      tls,
      retry: { attempts: 1 },
      deadlineMs: 5000,
    });
    try {
      return (await backhaul.resolution.listResolutions({})).resolutions;
    } finally {
      backhaul.close();
    }
  }

  it("lets both sides know each other, by PEM or by files", async () => {
    assert.deepEqual(await ask({ ca: mesh.cert, cert: caller.cert, key: Buffer.from(caller.key) }), []);
    const file = (name: string, text: string) => {
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    };
    const files = {
      ca: file("ca.pem", mesh.cert),
      cert: file("cert.pem", caller.cert),
      key: file("key.pem", caller.key),
    };
    assert.deepEqual(await ask(files), []);
    await assert.rejects(ask({ ca: join(folder, "none.pem") }), /none\.pem is neither PEM nor a file/);
  });

  it("speaks with nobody whom it does not know, and is not let in without its own certificate", async () => {
    await assert.rejects(ask({ ca: caller.cert, cert: caller.cert, key: caller.key }), { name: "Unavailable" });
    await assert.rejects(ask({ ca: mesh.cert }), { name: "Unavailable" });
    await assert.rejects(ask(undefined), { name: "Unavailable" });
  });
});
