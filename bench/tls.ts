// What mTLS costs a unary call: both ends in this process, with token, rules and access as everywhere, in plain text and
// with certificates by turns, so that whatever else the machine does falls on both.
import { ListBreaksRequest, ReconcilerServiceService } from "#gen/backhaul/reconciler/v1/reconciler_service.js";
import { createMinter, createVerifier } from "#kit/access.js";
import { openAddress } from "#kit/client.js";
import { createLog } from "#kit/log.js";
import { type Implementation, serve } from "#kit/server.js";
import { openCertificates } from "#kit/testing/certificates.js";
import type { Identity } from "#kit/tls.js";
import { percentile, rounded, table } from "./numbers.js";

const rounds = 5;
const callsARound = 4_000;
const inFlight = 16;
const meshSecret = "bench".repeat(8);

type Cost = { readonly cpuUs: number; readonly p50Ms: number };

/** Five rounds of each, by turns. */
export async function measureTls(say: (line: string) => void): Promise<{ figures: object; text: string }> {
  say("measuring what mTLS costs a call");
  const certificates = await openCertificates();
  const [identity, caller] = [await certificates.identity("reconciler"), await certificates.identity("gateway")];
  const plain = await openPair(undefined, undefined);
  const secured = await openPair(identity, caller);
  const costs = { plain: [] as Cost[], secured: [] as Cost[] };
  for (let round = 0; round <= rounds; round++) {
    const measured = { plain: await run(plain.call), secured: await run(secured.call) };
    if (round === 0) continue; // warms up
    costs.plain.push(measured.plain);
    costs.secured.push(measured.secured);
  }
  await Promise.all([plain.close(), secured.close()]);
  identity.close();
  caller.close();
  certificates.close();
  const middle = (all: readonly Cost[], of: keyof Cost) =>
    percentile(
      all.map((cost) => cost[of]),
      0.5,
    );
  const [cpu, tlsCpu] = [middle(costs.plain, "cpuUs"), middle(costs.secured, "cpuUs")];
  const [p50, tlsP50] = [middle(costs.plain, "p50Ms"), middle(costs.secured, "p50Ms")];
  return {
    figures: { tlsCpuRatio: tlsCpu / cpu, tlsP50Ratio: tlsP50 / p50 },
    text: table(`a unary call with mTLS, ${inFlight} at a time, both ends`, [
      ["CPU in plain text", `${rounded(cpu, 0)} µs`],
      ["CPU with mTLS", `${rounded(tlsCpu, 0)} µs`, `${rounded(tlsCpu / cpu, 2)} of it`],
      ["p50 in plain text", `${rounded(p50, 2)} ms`],
      ["p50 with mTLS", `${rounded(tlsP50, 2)} ms`, `${rounded(tlsP50 / p50, 2)} of it`],
    ]),
  };
}

async function openPair(identity: Identity | undefined, caller: Identity | undefined) {
  const server = await serve([answering()], {
    host: "127.0.0.1",
    port: 0,
    verify: createVerifier({ issuer: "", audience: "", issuers: [] }, meshSecret),
    log: createLog("bench", "silent"),
    reflection: false,
    drainMs: 100,
    identity,
    callers: ["gateway"],
  });
  const mint = createMinter("gateway", meshSecret);
  const opened = openAddress(`127.0.0.1:${server.port}`, {
    service: "gateway",
    mint: () => mint({ subject: "olga", role: "OPERATOR", via: "" }),
    deadlineMs: 10_000,
    identity: caller,
  });
  const client = opened.connect(ReconcilerServiceService);
  const request = ListBreaksRequest.fromPartial({});
  return {
    call: () => client.listBreaks(request),
    close: () => {
      opened.close();
      return server.stop();
    },
  };
}

/** A reconciler that knows no breaks. */
function answering(): Implementation {
  const none = async () => ({ breaks: [], nextPageToken: "" });
  const handlers = Object.fromEntries(Object.keys(ReconcilerServiceService).map((name) => [name, none]));
  return { contract: ReconcilerServiceService, handlers } as unknown as Implementation;
}

async function run(call: () => Promise<unknown>): Promise<Cost> {
  const latencies: number[] = [];
  const before = process.cpuUsage();
  let left = callsARound;
  await Promise.all(
    Array.from({ length: inFlight }, async () => {
      while (left-- > 0) {
        const at = performance.now();
        await call();
        latencies.push(performance.now() - at);
      }
    }),
  );
  const { user, system } = process.cpuUsage(before);
  return { cpuUs: (user + system) / callsARound, p50Ms: percentile(latencies, 0.5) };
}
