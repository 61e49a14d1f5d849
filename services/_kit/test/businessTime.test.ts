import assert from "node:assert/strict";
import { RefundServiceService } from "#gen/backhaul/refund/v1/refund_service.js";
import { type Caller, createMinter } from "#kit/access.js";
import { openIntake } from "#kit/bus/intake.js";
import { ownCall } from "#kit/call.js";
import { openAddress } from "#kit/client.js";
import { createLog } from "#kit/log.js";
import type { RunningServer } from "#kit/server.js";
import { partOf, serveAlone } from "#kit/testing/peers.js";
import { meshSecret } from "#kit/testing/stage.js";

const refundId = "rfd_01ARZ3NDEKTSV4RRFFQ69G5FAV";
const then = new Date("2027-03-01T12:00:00.250Z");

describe("kit: business time that is not real time", () => {
  let server: RunningServer | undefined;
  let close = () => {};
  let heard: number[] = [];
  const reached = (time: Date) => {
    heard.push(time.getTime());
  };
  beforeEach(() => {
    heard = [];
  });
  afterEach(async () => {
    close();
    await server?.stop();
    server = undefined;
  });

  async function asked(caller: Caller, businessTime?: () => Date) {
    const implementation = partOf(RefundServiceService, { getRefund: async () => ({}) as never });
    server = await serveAlone([implementation], { reached });
    const mint = createMinter("test", meshSecret);
    const options = { service: "test", mint, deadlineMs: 5_000, businessTime };
    const opened = openAddress(`127.0.0.1:${server.port}`, options);
    close = opened.close;
    await opened.connect(RefundServiceService).getRefund({ refundId }, { caller });
    return heard;
  }

  it("is told with a service's calls, so that whoever is called is not behind", async () => {
    assert.deepEqual(await asked(ownCall("test").caller, () => then), [then.getTime()]);
  });

  it("is believed of services alone, and nothing is told where it is real time", async () => {
    assert.deepEqual(await asked({ subject: "alice", role: "AGENT", via: "" }, () => then), []);
    await server?.stop();
    assert.deepEqual(await asked(ownCall("test").caller), [Number.NaN], "which moves no clock");
  });

  it("is told by facts, which follow from what was then", async () => {
    const subject = "backhaul.refund.v1.RefundSucceeded";
    const intake = openIntake({
      service: "test",
      handlers: () => ({ [subject]: async () => {} }),
      deliveriesMax: 10,
      letters: { bury: async () => assert.fail("it is read") } as never,
      call: ownCall("test"),
      reached,
      log: createLog("test", "silent"),
    });
    const said: Record<string, string> = { "ce-id": "evt_1", "ce-type": subject, "ce-time": then.toISOString() };
    const headers = { get: (name: string) => said[name] ?? "" };
    await intake.takeLate({ stream: "REFUND", sequence: 1, subject, body: Buffer.alloc(0), headers }, 1);
    assert.deepEqual(heard, [then.getTime()]);
  });
});
