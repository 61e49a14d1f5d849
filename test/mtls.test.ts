// A mesh with mTLS on every hop: who gets in where, and a return from the customer's request to the settled refund.
import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { request } from "node:https";
import { connect } from "node:tls";
import { promisify } from "node:util";
import { ChannelCredentials, Client, credentials, status } from "@grpc/grpc-js";
import { HealthService } from "#gen/grpc/health/v1/health.js";
import { makeApiKey } from "#kit/apiKeys.js";
import { newAuthority, type Pair } from "#kit/local/authority.js";
import { hours } from "#kit/testing/certificates.js";
import { until } from "#kit/testing/peers.js";
import { serviceNames } from "../scripts/mesh/services.js";
import { type Mesh, openMesh } from "./mesh.js";
import { type Secured, secure } from "./secure.js";
import { openShop, type Shop } from "./shop.js";

describe("a mesh with mTLS on every hop", function () {
  this.timeout(60_000);
  let secured: Secured;
  let mesh: Mesh;
  let shop: Shop;
  before(async () => {
    secured = await secure();
    mesh = await openMesh({ secured });
    shop = await openShop(mesh.doors);
  });
  after(async () => {
    shop?.close();
    await mesh?.stop();
    await secured?.close();
  });

  /** How somebody comes, and what they meet: in plain text, or with this certificate or none. */
  type Comer = Pair | "plain" | "without";

  /** The outcome of a health call: a gRPC code. */
  function health(port: number, as: Comer): Promise<string> {
    const ca = Buffer.from(secured.certificates.authority.cert);
    const { key = null, cert = null } =
      typeof as === "string" ? {} : { key: Buffer.from(as.key), cert: Buffer.from(as.cert) };
    const channel = as === "plain" ? credentials.createInsecure() : ChannelCredentials.createSsl(ca, key, cert);
    const { path, requestSerialize, responseDeserialize } = HealthService.check;
    const client = new Client(`localhost:${port}`, channel);
    const options = { deadline: Date.now() + 5_000 };
    return new Promise((resolve) => {
      client.makeUnaryRequest(path, requestSerialize, responseDeserialize, { service: "" }, options, (error) => {
        client.close();
        resolve(status[error?.code ?? status.OK] as string);
      });
    });
  }

  /** The outcome of GET /readyz: an HTTP status, or CLOSED. */
  async function readiness(port: number, as: Comer): Promise<string> {
    if (as === "plain")
      return fetch(`http://127.0.0.1:${port}/readyz`).then(
        ({ status }) => String(status),
        () => "CLOSED",
      );
    const ca = secured.certificates.authority.cert;
    const pair = as === "without" ? {} : as;
    return new Promise((resolve) => {
      const asked = request(`https://127.0.0.1:${port}/readyz`, { ca, ...pair, agent: false }, (answer) => {
        answer.resume();
        resolve(String(answer.statusCode));
      });
      asked.once("error", () => resolve("CLOSED"));
      asked.end();
    });
  }

  for (const service of serviceNames) {
    const edge = service === "gateway";
    it(`${service}: lets in the right certificate on its port, and nobody else`, async () => {
      const { pairFor } = secured.certificates;
      const right = edge ? "ingress" : "operator";
      const strangers = await newAuthority("test", hours(-1, 1));
      const comers: Record<string, Comer> = {
        plaintext: "plain",
        "no certificate": "without",
        "self-signed": await newAuthority(`${right}.test.internal`, hours(-1, 1)),
        "of another authority": await pairFor([right], hours(-1, 1), strangers),
        "of another name": await pairFor([edge ? "operator" : "somebody"]),
        expired: await pairFor([right], hours(-2, -1)),
        "not valid yet": await pairFor([right], hours(1, 2)),
        right: await pairFor([right]),
      };
      const met = edge ? readiness : health;
      // An edge is ready when it has met every service.
      const ready = async () => (await readiness(mesh.port(service), comers.right as Comer)) === "200";
      if (edge) await until("the edge is ready", ready);
      const outcomes: Record<string, string> = {};
      for (const [how, comer] of Object.entries(comers)) outcomes[how] = await met(mesh.port(service), comer);
      const closed = edge ? "CLOSED" : "UNAVAILABLE";
      assert.deepEqual(outcomes, {
        plaintext: closed,
        "no certificate": closed,
        "self-signed": closed,
        "of another authority": closed,
        "of another name": edge ? "403" : "PERMISSION_DENIED",
        expired: closed,
        "not valid yet": closed,
        right: edge ? "200" : "OK",
      });
    });
  }

  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  for (const tool of ["npx buf curl", "grpcurl"]) {
    it(`${tool}: an operator gets in as the README says`, async function () {
      if (tool === "grpcurl" && !installed(tool)) this.skip();
      const line = readme.split("\n").find((text) => text.startsWith(tool) && text.includes("-cacert")) ?? "";
      const { cert, key, ca } = secured.operator;
      const command = line
        .replace(/\S+ca\.crt/, ca)
        .replace(/\S+tls\.crt/, cert)
        .replace(/\S+tls\.key/, key)
        .replace("7060", String(mesh.port("partners")));
      const env = { ...process.env, TOKEN: await mesh.stage.token("OPERATOR", "olga") };
      const { stdout } = await promisify(execFile)("bash", ["-c", command], { env });
      assert.match(stdout, /"now": "2/);
    });
  }

  it("the gateway asks about keys with its certificate, too: one that nobody made is nobody's, not out of reach", async () => {
    const { fetch } = secured.doors;
    const answer = await fetch(`${mesh.gatewayUrl}/v1/resolutions`, {
      headers: { authorization: `Bearer ${makeApiKey().text}` },
    });
    assert.equal(answer.status, 401);
  });

  it("the gateway shows a renewed certificate without a restart", async () => {
    const shown = () =>
      new Promise<string>((resolve, reject) => {
        const { cert, key, ca } = secured.doors.identity.current();
        const socket = connect({ host: "127.0.0.1", port: mesh.port("gateway"), cert, key, ca }, () => {
          resolve(socket.getPeerCertificate().serialNumber);
          socket.destroy();
        });
        socket.once("error", reject);
      });
    const first = await shown();
    await secured.renewEdge();
    await until("another certificate", async () => (await shown()) !== first);
  });

  it("a return goes from the request to the settled refund, while every certificate is replaced", async () => {
    const order = await shop.order({ market: "KR", paidMinor: 50_000n });
    const { resolutionId, state } = await shop.ask(order, "RETURN");
    assert.equal(state, "RESOLUTION_STATE_OPEN");
    await secured.renew();
    await shop.pass(4);
    const closed = await shop.see(resolutionId);
    assert.equal(closed.state, "RESOLUTION_STATE_CLOSED");
    assert.deepEqual(closed.refunded, { currencyCode: "KRW", units: "47000", nanos: 0 });

    const post = async (subject: string, path: string, body: object) => shop.rest("LEAD", subject, "POST", path, body);
    const { json: erasure } = await post("lena", "/v1/erasures", { customerId: order.customerId });
    const at = `/v1/erasures/${erasure.erasureId}`;
    assert.equal((await post("lars", `${at}:confirm`, {})).status, 200);
    // Every service has one contract for it: whose certificate answers is known by the address that is asked.
    await until("the customer is forgotten everywhere", async () => {
      const { json } = await shop.rest("AGENT", "alice", "GET", at);
      return json.state === "ERASURE_STATE_ERASED";
    });
  });
});

function installed(tool: string): boolean {
  return spawnSync("bash", ["-c", `command -v ${tool}`]).status === 0;
}
