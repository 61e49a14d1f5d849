import assert from "node:assert/strict";
import { once } from "node:events";
import { InterceptingCall, type Metadata, status } from "@grpc/grpc-js";
import { Kind } from "../../gen/backhaul/type/v1/kind.js";
import { Unavailable as Away } from "../../services/_kit/errors.js";
import { DomainError } from "../../services/_kit/pure/check.js";
import { type Backhaul, type BackhaulOptions, type CallReport, createBackhaul, type Home } from "../index.js";
import { createSandbox } from "../sandbox.js";
import { Bare, openDesk } from "./desk.js";

const wanted = { orderId: "ord_1", kind: Kind.KIND_RETURN, lines: [] };

describe("a call", () => {
  const ends: (() => void)[] = [];
  afterEach(() => {
    for (const end of ends.splice(0)) end();
  });

  async function open(
    answers: Parameters<typeof openDesk>[0],
    options: Partial<BackhaulOptions<Home>> = {},
  ): Promise<Backhaul> {
    const desk = await openDesk(answers);
    const backhaul = createBackhaul({ address: desk.address, token: "t", retry: { baseMs: 2 }, ...options });
    ends.push(backhaul.close, desk.stop);
    return backhaul;
  }

  it("is repeated while the other side is away, under one request id", async () => {
    const ids: string[] = [];
    const { resolution } = await open({
      create: async ({ request }) => {
        ids.push(request.requestId);
        if (ids.length < 3) throw new Away("STORE_UNAVAILABLE", "try again", {}, 1);
        return {};
      },
    });
    await resolution.createResolution(wanted);
    assert.equal(ids.length, 3);
    assert.deepEqual([...new Set(ids)], ids.slice(0, 1));
    assert.match(ids[0] ?? "", /^[A-Za-z0-9_.:-]{1,128}$/, "as the contract wants it");
    await resolution.createResolution(wanted, { requestId: "mine" });
    assert.equal(ids.at(-1), "mine");
    await resolution.createResolution({ ...wanted, requestId: "also-mine" });
    assert.equal(ids.at(-1), "also-mine");
  });

  it("of 300 to a dead service costs it at most a tenth more", async () => {
    let arrived = 0;
    const { resolution } = await open({
      create: async () => {
        arrived++;
        throw new Bare(status.UNAVAILABLE);
      },
    });
    const calls = Array.from({ length: 300 }, () => resolution.createResolution(wanted));
    const results = await Promise.allSettled(calls);
    assert.ok(results.every(({ status }) => status === "rejected"));
    assert.ok(arrived > 300 && arrived <= 330, `${arrived} arrived`);
  });

  it("waits as long as it is asked to, and not at all where that is past its deadline", async () => {
    const times: number[] = [];
    let afterMs = 80;
    const { resolution } = await open({
      create: async () => {
        times.push(performance.now());
        if (times.length !== 2) throw new Away("OVERLOADED", "try again", {}, afterMs);
        return {};
      },
    });
    await resolution.createResolution(wanted);
    assert.ok((times[1] ?? 0) - (times[0] ?? 0) >= 78, `${times}`);
    afterMs = 5000;
    await assert.rejects(resolution.createResolution(wanted, { deadlineMs: 1000 }), { reason: "OVERLOADED" });
    assert.equal(times.length, 3, "it was not tried again");
  });

  it("ends at its deadline, and says that it may have been done", async () => {
    const { resolution } = await open({ create: ({ canceled }) => once(canceled, "abort").then(() => ({})) });
    const startedAt = performance.now();
    const late = await resolution.createResolution(wanted, { deadlineMs: 120 }).catch((error) => error);
    assert.equal(late.name, "DeadlineExceeded");
    assert.match(late.message, /whether it was done is not known; repeat it with the same request id, /);
    assert.ok(late.message.endsWith(late.requestId));
    assert.ok(performance.now() - startedAt < 1000);
    const slow = createBackhaul({ address: "127.0.0.1:1", token: () => new Promise(() => undefined), deadlineMs: 30 });
    await assert.rejects(slow.resolution.getResolution({ resolutionId: "r" }), /no token came in time/);
  });

  it("is canceled there, too, when its signal says so", async () => {
    let there: AbortSignal | undefined;
    const mine = new AbortController();
    const { resolution } = await open({
      create: ({ canceled }) => {
        there = canceled;
        mine.abort("changed my mind");
        return once(canceled, "abort").then(() => ({}));
      },
    });
    const error = await resolution.createResolution(wanted, { signal: mine.signal }).catch((error) => error);
    assert.equal(error.name, "Cancelled");
    assert.equal(error.cause, "changed my mind");
    if (!there?.aborted) await once(there as AbortSignal, "abort");
    await assert.rejects(resolution.createResolution(wanted, { signal: mine.signal }), { name: "Cancelled" });
  });

  it("shares its signal with as many others as there are, and all end with it", async () => {
    const warned: Error[] = [];
    const note = (warning: Error) => warned.push(warning);
    process.on("warning", note);
    const stop = new AbortController();
    let arrived = 0;
    const { resolution } = await open({
      create: async ({ canceled }) => {
        if (++arrived === 20) stop.abort();
        return once(canceled, "abort").then(() => ({}));
      },
    });
    const calls = Array.from({ length: 20 }, () => resolution.createResolution(wanted, { signal: stop.signal }));
    const ends = await Promise.allSettled(calls);
    process.off("warning", note);
    assert.ok(ends.every((end) => end.status === "rejected" && end.reason.name === "Cancelled"));
    assert.deepEqual(warned, []);
  });

  it("is sent once where it was refused, or where its contract does not say that it may be repeated", async () => {
    let arrived = 0;
    const refuse = (error: Error) => async () => {
      arrived++;
      throw error;
    };
    const exhausted = await open({ create: refuse(new Bare(status.RESOURCE_EXHAUSTED)) });
    await assert.rejects(exhausted.resolution.createResolution(wanted), { name: "ResourceExhausted" });
    const refusing = await open({ create: refuse(new DomainError("NO_POLICY", "none")) });
    await assert.rejects(refusing.resolution.createResolution(wanted), { name: "FailedPrecondition" });
    assert.equal(arrived, 2);
    const desk = await openDesk({ addScenario: refuse(new Bare(status.UNAVAILABLE)) });
    const sandbox = createSandbox({ address: desk.address, token: "t" });
    ends.push(sandbox.close, desk.stop);
    await assert.rejects(sandbox.scenario.addScenario({ scenario: {} }), { name: "Unavailable" });
    assert.equal(arrived, 3);
  });

  it("brings a new token each time, and what else the options say", async () => {
    const seen: Metadata[] = [];
    const reports: CallReport[] = [];
    let tokens = 0;
    const { resolution } = await open(
      {
        create: async ({ metadata }) => {
          seen.push(metadata);
          if (seen.length === 1) throw new Bare(status.UNAVAILABLE);
          return {};
        },
      },
      {
        token: async () => `token-${++tokens}`,
        locale: "ko",
        userAgent: "shop/7",
        onCall: (report) => reports.push(report),
        interceptors: [
          (options, next) =>
            new InterceptingCall(next(options), {
              start: (metadata, listener, go) => {
                metadata.set("x-seen", "yes");
                go(metadata, listener);
              },
            }),
        ],
      },
    );
    await resolution.createResolution(wanted, { headers: { traceparent: "00-1" }, requestId: "id-1" });
    const sent = (name: string) => seen.map((metadata) => metadata.get(name)[0]);
    assert.deepEqual(sent("authorization"), ["Bearer token-1", "Bearer token-2"]);
    assert.deepEqual(sent("accept-language"), ["ko", "ko"]);
    assert.deepEqual(sent("traceparent"), ["00-1", "00-1"]);
    assert.deepEqual(sent("x-seen"), ["yes", "yes"]);
    assert.match(`${sent("user-agent")[0]}`, /^shop\/7 /);
    const [{ durationMs, ...report } = { durationMs: -1 }] = reports;
    assert.ok(durationMs >= 0);
    const rpc = "backhaul.resolution.v1.ResolutionService/CreateResolution";
    assert.deepEqual(report, { rpc, code: "OK", attempts: 2, requestId: "id-1", replayed: false });
  });

  it("needs an address, and numbers that can be", async () => {
    assert.throws(() => createBackhaul({ token: "t" }), /address/);
    assert.throws(() => createBackhaul({ address: "a", token: "t", deadlineMs: 0 }), RangeError);
    assert.throws(() => createBackhaul({ address: "a", token: "t", retry: { attempts: 4 } }), /1, 2 or 3/);
    const partly = createBackhaul({ addresses: { refund: "127.0.0.1:1" }, token: "t" });
    await assert.rejects(partly.dock.listQuarantined({}), /addresses\.inspection/);
  });
});
