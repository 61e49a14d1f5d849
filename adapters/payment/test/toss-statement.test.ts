import assert from "node:assert/strict";
import type { StatementLine } from "#gen/backhaul/partner/payment/v1/payment_service.js";
import { fromProto, money, toProto } from "#kit/pure/money.js";
import { reason } from "./contract.js";
import { type FakeToss, fakeToss, secretKey } from "./fake-toss.js";
import { runAdapter } from "./run.js";

describe("Toss Payments' statement", () => {
  let toss: FakeToss;
  let adapter: Awaited<ReturnType<typeof runAdapter>>;

  beforeEach(async () => {
    toss = await fakeToss(0);
    adapter = await runAdapter({
      PROVIDER: "toss",
      TOSS_SECRET_KEY: secretKey,
      TOSS_BASE_URL: toss.url,
      TOSS_SPACING_MS: "0",
      ACCOUNT_SEAL_KEY: Buffer.alloc(32, 1).toString("base64"),
    });
  });
  afterEach(async () => {
    await adapter?.stop();
    await toss?.close();
  });

  const hour = 3600_000;
  const around = () => ({ fromTime: new Date(Date.now() - hour), toTime: new Date(Date.now() + hour) });
  const refund = async (paymentId: string, minor: bigint, key: string) => {
    const amount = toProto(money(minor, "KRW"));
    return (await adapter.client.refundPayment({ key, paymentId, amount, accountToken: "" })).refund!;
  };

  async function readAll(pageSize: number): Promise<StatementLine[][]> {
    const pages: StatementLine[][] = [];
    for (let pageToken = "", first = true; first || pageToken !== ""; first = false) {
      const page = await adapter.client.listStatementLines({ ...around(), pageSize, pageToken });
      pages.push(page.lines);
      pageToken = page.nextPageToken;
    }
    return pages;
  }

  it("tells of each cancel with our key and its amount, and of no approval", async () => {
    const payment = toss.pay(50_000);
    toss.approve(payment, new Date());
    const made = [await refund(payment.paymentKey, 12_000n, "k1"), await refund(payment.paymentKey, 38_000n, "k2")];
    const lines = (await readAll(0)).flat();
    assert.deepEqual(
      lines.map(({ kind, key, providerRefundId, paymentId, amount }) => [
        kind,
        key,
        providerRefundId,
        paymentId,
        fromProto(amount!).minor,
      ]),
      made.map(({ key, providerRefundId, amount }) => [
        "REFUND",
        key,
        providerRefundId,
        payment.paymentKey,
        fromProto(amount!).minor,
      ]),
    );
  });

  it("gives every line once, whatever the page size, approvals between them or not", async () => {
    const keys: string[] = [];
    for (let at = 0; at < 7; at++) {
      const payment = toss.pay(50_000);
      toss.approve(payment, new Date());
      const key = `k${at}`;
      keys.push(key);
      await refund(payment.paymentKey, 100n, key);
    }
    for (const pageSize of [1, 3, 7, 0]) {
      const pages = await readAll(pageSize);
      assert.deepEqual(
        pages.flat().map(({ key }) => key),
        keys,
        `pages of ${pageSize}`,
      );
      assert.ok(pages.every((page) => page.length <= (pageSize || 500)));
    }
  });

  it("asks in Korean time, and cuts what lies outside", async () => {
    const { paymentKey } = toss.pay(50_000);
    await refund(paymentKey, 100n, "k");
    const { lines } = await adapter.client.listStatementLines({
      fromTime: new Date("2026-01-01T20:00:00Z"),
      toTime: new Date("2026-01-02T00:00:00Z"),
      pageSize: 0,
      pageToken: "",
    });
    assert.deepEqual(lines, []);
    const asked = toss.requests.find(({ path }) => path === "/v1/transactions")?.query;
    assert.deepEqual([asked?.get("startDate"), asked?.get("endDate")], ["2026-01-02T05:00:00", "2026-01-02T09:00:01"]);
    const booked = new Date(toss.payment(paymentKey).cancels![0]!.canceledAt);
    const read = (fromTime: Date, toTime: Date) =>
      adapter.client.listStatementLines({ fromTime, toTime, pageSize: 0, pageToken: "" });
    assert.equal((await read(booked, new Date(booked.getTime() + 1))).lines.length, 1);
    assert.equal((await read(new Date(booked.getTime() - hour), booked)).lines.length, 0);
  });

  it("takes no token but one of Toss's", async () => {
    for (const pageToken of ["a b", "TX999"])
      await assert.rejects(
        adapter.client.listStatementLines({ ...around(), pageSize: 0, pageToken }),
        reason("PAGE_TOKEN_INVALID"),
      );
  });
});
