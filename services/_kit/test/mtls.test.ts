import assert from "node:assert/strict";
import { ChannelCredentials, Client, credentials, type ServiceError, status } from "@grpc/grpc-js";
import { ListBreaksRequest, ReconcilerServiceService } from "#gen/backhaul/reconciler/v1/reconciler_service.js";
import { HealthService } from "#gen/grpc/health/v1/health.js";
import { type Caller, createMinter, createVerifier } from "#kit/access.js";
import { openAddress, type ServiceContract } from "#kit/client.js";
import { fromServiceError, RpcError } from "#kit/errors.js";
import { newAuthority, type Pair } from "#kit/local/authority.js";
import { type Implementation, type RunningServer, serve } from "#kit/server.js";
import { type Certificates, hours, openCertificates } from "#kit/testing/certificates.js";
import { keptLog } from "#kit/testing/keptLog.js";
import { until } from "#kit/testing/peers.js";
import { meshSecret } from "#kit/testing/stage.js";
import type { Identity } from "#kit/tls.js";

const contract = ReconcilerServiceService;
const everything = ListBreaksRequest.fromPartial({});
const operator: Caller = { subject: "olga", role: "OPERATOR", via: "" };

/** A reconciler that knows no breaks. */
function answering(): Implementation {
  const answer = async () => ({ breaks: [], nextPageToken: "" });
  const known: ServiceContract = contract;
  return {
    contract,
    handlers: Object.fromEntries(Object.keys(known).map((name) => [name, answer])),
  } as unknown as Implementation;
}

describe("kit: mTLS", () => {
  let certificates: Certificates;
  let identity: Identity;
  let server: RunningServer;
  const log = keptLog();
  before(async () => {
    certificates = await openCertificates();
    identity = await certificates.identity("reconciler", log);
    server = await serve([answering()], {
      host: "127.0.0.1",
      port: 0,
      verify: createVerifier({ issuer: "", audience: "", issuers: [] }, meshSecret),
      log,
      reflection: true,
      drainMs: 100,
      identity,
      callers: ["gateway", "resolution"],
      connectionAgeMs: 150,
    });
  });
  after(async () => {
    await server.stop();
    identity.close();
    certificates.close();
  });

  /** Calls as the holder of this certificate, with a token that `mintedBy` made; answers the reason of the refusal, or "OK". */
  async function calling(certificate: string, mintedBy: string): Promise<string> {
    const own = await certificates.identity(certificate);
    const opened = openAddress(`127.0.0.1:${server.port}`, {
      service: certificate,
      mint: () => createMinter(mintedBy, meshSecret)(operator),
      deadlineMs: 5_000,
      identity: own,
    });
    try {
      await opened.connect(contract).listBreaks(everything);
      return "OK";
    } catch (error) {
      assert.ok(error instanceof RpcError, String(error));
      return error.reason || status[error.code] || "";
    } finally {
      opened.close();
      own.close();
    }
  }

  /** Asks for its health as a tool would that knows nothing of the kit. */
  function asking(channel: ChannelCredentials): Promise<{ code: string; reason: string }> {
    const { path, requestSerialize, responseDeserialize } = HealthService.check;
    const client = new Client(`localhost:${server.port}`, channel);
    const options = { deadline: Date.now() + 3_000 };
    return new Promise((resolve) => {
      client.makeUnaryRequest(path, requestSerialize, responseDeserialize, { service: "" }, options, (error) => {
        client.close();
        const code = status[error?.code ?? status.OK] as string;
        resolve({ code, reason: error ? fromServiceError(error as ServiceError, path).reason : "" });
      });
    });
  }

  it("lets in a service that may call, and no other, whoever it speaks for", async () => {
    assert.equal(await calling("gateway", "gateway"), "OK");
    assert.equal(await calling("resolution", "resolution"), "OK");
    assert.equal(await calling("collection", "collection"), "PEER_NOT_ALLOWED");
    const [message, fields] = log.lines.findLast(([, { reason }]) => reason === "PEER_NOT_ALLOWED") ?? [];
    assert.deepEqual([message, fields?.peer], ["refused", "collection"]);
  });

  it("takes a token only from the service that minted it, so that a stolen one is worth nothing", async () => {
    assert.equal(await calling("resolution", "gateway"), "PEER_TOKEN_MISMATCH");
    assert.equal(await calling("operator", "gateway"), "PEER_TOKEN_MISMATCH");
    const [message, fields] = log.lines.findLast(([, { reason }]) => reason === "PEER_TOKEN_MISMATCH") ?? [];
    assert.deepEqual([message, typeof fields?.method], ["refused", "string"]);
  });

  it("shows its health to an operator and to itself, and to nobody else", async () => {
    const of = async (name: string) => {
      const { ca, cert, key } = (await certificates.identity(name)).current();
      return asking(ChannelCredentials.createSsl(ca, key, cert));
    };
    assert.deepEqual(await of("operator"), { code: "OK", reason: "" });
    assert.deepEqual(await of("reconciler"), { code: "OK", reason: "" });
    assert.deepEqual(await of("collection"), { code: "PERMISSION_DENIED", reason: "PEER_NOT_ALLOWED" });
  });

  it("is not spoken to by a client that wanted another service", async () => {
    const own = await certificates.identity("gateway");
    const elsewhere = new Client(`127.0.0.1:${server.port}`, own.channel, own.expecting("refund"));
    await assert.rejects(new Promise((_, no) => elsewhere.waitForReady(Date.now() + 500, no)));
    elsewhere.close();
    own.close();
  });

  it("believes no connection without TLS, and no certificate but its authority's", async () => {
    const strangers = await newAuthority("test", hours(-1, 1));
    const { cert, key } = await certificates.pairFor(["operator"], hours(-1, 1), strangers);
    const ca = Buffer.from(certificates.authority.cert);
    const closed = { code: "UNAVAILABLE", reason: "" };
    assert.deepEqual(await asking(credentials.createInsecure()), closed);
    assert.deepEqual(await asking(ChannelCredentials.createSsl(ca)), closed);
    assert.deepEqual(await asking(ChannelCredentials.createSsl(ca, Buffer.from(key), Buffer.from(cert))), closed);
  });

  it("loses no call while every certificate and the authority itself are replaced", async function () {
    this.timeout(60_000);
    const clients = await Promise.all(["gateway", "resolution"].map(openCaller));
    const calls = clients.map((client) => client.run());
    const everybody = [identity, ...clients.map(({ own }) => own)];
    const names = ["reconciler", "gateway", "resolution"];
    const answered = (count: number) => until("calls", async () => clients.every((it) => it.answered() >= count));
    const held = (what: string, holds: (it: Identity) => boolean) => until(what, async () => everybody.every(holds));
    await answered(50);
    // As an operator does it: everybody believes both authorities, then has a new certificate, then believes the new alone.
    const next = await newAuthority("next", hours(-1, 24));
    const both = certificates.authority.cert + next.cert;
    for (const name of names) certificates.write(name, await certificates.pairFor([name]), both);
    await held("both authorities", (it) => it.current().ca.length === both.length);
    const last = await Promise.all(names.map((name) => certificates.pairFor([name], hours(-1, 24), next)));
    for (const [at, name] of names.entries()) certificates.write(name, last[at] as Pair, both);
    await held("new certificates", (it) => it.current().own.issuer === "CN=next");
    for (const [at, name] of names.entries()) certificates.write(name, last[at] as Pair, next.cert);
    await held("the new authority alone", (it) => it.current().ca.length === next.cert.length);
    const before = clients.map((client) => client.answered());
    // Connections of before the replacement last 150 ms here: what is answered after that came over new ones.
    const since = Date.now();
    await until(
      "calls",
      async () => Date.now() - since > 500 && clients.every((it, i) => it.answered() > (before[i] ?? 0) + 50),
    );
    for (const client of clients) client.stop();
    assert.deepEqual((await Promise.all(calls)).flat(), []);
    assert.equal(await calling("gateway", "gateway"), "UNAVAILABLE"); // of the authority that nobody believes any more
  });

  /** Calls without a pause; what failed is the outcome. */
  async function openCaller(name: string) {
    const own = await certificates.identity(name);
    const mint = createMinter(name, meshSecret);
    const opened = openAddress(`127.0.0.1:${server.port}`, {
      service: name,
      mint: () => mint(operator),
      deadlineMs: 5_000,
      identity: own,
    });
    const client = opened.connect(contract);
    let answered = 0;
    let stopped = false;
    return {
      own,
      answered: () => answered,
      stop: () => {
        stopped = true;
      },
      run: async () => {
        const failed: string[] = [];
        while (!stopped && failed.length < 5) {
          await client.listBreaks(everything).then(
            () => answered++,
            (error: Error) => failed.push(error.message),
          );
        }
        opened.close();
        own.close();
        return failed;
      },
    };
  }
});
