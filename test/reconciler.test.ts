// The reconciler in the whole mesh: what the refund service has paid fits the provider's own book; what goes wrong there
// unseen by anybody is found, announced, and closed once it is mended or explained.
import assert from "node:assert/strict";
import pg from "pg";
import { RefundServiceService } from "#gen/backhaul/refund/v1/refund_service.js";
import { ProviderMove } from "#gen/backhaul/sandbox/v1/sandbox_service.js";
import { newId } from "#kit/ids.js";
import { clientAs, until } from "#kit/testing/peers.js";
import { broken, checkInvariants } from "../scripts/invariants/check.js";
import { type Mesh, openMesh } from "./mesh.js";
import { openShop, type SeenRefund, type Shop } from "./shop.js";

type Move =
  | "DROP_LINE"
  | "PAY_TWICE"
  | "WRONG_AMOUNT"
  | "WRONG_CURRENCY"
  | "ADD_ORPHAN"
  | "REVERSE"
  | "DROP_CORRECTION";

/** What a person sees of a break. */
type SeenBreak = { readonly breakId: string; readonly kind: string; readonly state: string; readonly refundId: string };

describe("the reconciler in the mesh", function () {
  this.timeout(60_000);
  let mesh: Mesh;
  let shop: Shop;

  before(async () => {
    mesh = await openMesh({ settings: { reconciler: { RECONCILE_PAUSE_MS: "0" } } });
    shop = await openShop(mesh.doors);
  });
  after(async () => {
    shop?.close();
    await mesh?.stop();
  });

  const reconcile = async () => {
    const { status, json } = await shop.rest("FINANCE", "fay", "POST", "/v1/reconciliation:run", {});
    assert.equal(status, 200, JSON.stringify(json));
    return json;
  };
  const breaks = async (state = "OPEN"): Promise<SeenBreak[]> => {
    const path = `/v1/reconciliation/breaks?state=${state}&pageSize=100`;
    return (await shop.rest("FINANCE", "fay", "GET", path)).json.breaks;
  };

  const brokenMoney = async () => {
    const schemaOf = (service: string) => mesh.stage.env(service).DATABASE_SCHEMA ?? service;
    const only = Array.from({ length: 15 }, (_, i) => i + 1);
    return broken(await checkInvariants({ databaseUrl: mesh.stage.databaseUrl, schemaOf, only }));
  };

  /** A cancelled order with a tax document, refunded and closed. */
  async function refunded(): Promise<SeenRefund> {
    const issueTime = new Date((await shop.now()).getTime() - 86_400_000);
    const order = await shop.order({
      market: "GB",
      shipsInDays: 1,
      more: ({ orderId }) => ({ taxDocument: { kind: 3, number: `inv-${orderId}`, issueTime } }),
    });
    const { resolutionId } = await shop.ask(order, "CANCELLATION");
    await shop.reaches(resolutionId, "CLOSED");
    return shop.refund((await shop.see(resolutionId)).refundId);
  }

  async function move(move: Move, { quote, twins }: SeenRefund): Promise<void> {
    const { providerKey = "", paymentId = "" } = quote.tenders[0] ?? {};
    const document = twins.find(({ kind }) => kind === "TAX_DOCUMENT") as { key?: string } | undefined;
    await shop.sandbox.moveProvider({
      move: ProviderMove[`PROVIDER_MOVE_${move}`],
      key: move === "DROP_CORRECTION" ? (document?.key ?? "") : providerKey,
      paymentId,
      silently: true,
    });
  }

  it("finds nothing wrong with what the mesh itself has paid", async () => {
    await Promise.all(Array.from({ length: 5 }, refunded));
    await shop.pass(0.1);
    const run = await reconcile();
    assert.deepEqual(await breaks(), []);
    assert.equal(run.refunds, "5");
    assert.equal(run.statementLines, "5");
    assert.equal(run.corrections, "5");
    assert.deepEqual(await brokenMoney(), []);
  });

  it("finds each thing that goes wrong at the provider, unasked, and announces it", async () => {
    const planted = {
      DROP_LINE: "MISSING",
      PAY_TWICE: "DOUBLE",
      WRONG_AMOUNT: "WRONG_AMOUNT",
      WRONG_CURRENCY: "WRONG_CURRENCY",
      ADD_ORPHAN: "ORPHAN",
      REVERSE: "REVERSED",
      DROP_CORRECTION: "UNMATCHED_DOCUMENT",
    } as const;
    const expected: string[] = [];
    for (const [how, kind] of Object.entries(planted)) {
      const refund = await refunded();
      await move(how as Move, refund);
      expected.push(`BREAK_KIND_${kind} ${kind === "ORPHAN" ? "" : refund.refundId}`);
    }
    await shop.pass(0.1);
    await until("the schedule finds them", async () => (await breaks()).length === expected.length, 15_000);
    const found = await breaks();
    assert.deepEqual(found.map(({ kind, refundId }) => `${kind} ${refundId}`).sort(), expected.sort());

    const client = new pg.Client({ connectionString: mesh.stage.databaseUrl });
    await client.connect();
    try {
      const published = async () => {
        const { rows } = await client.query(
          `SELECT aggregate_id FROM ${mesh.env("reconciler").DATABASE_SCHEMA}.outbox
           WHERE subject = 'backhaul.reconciler.v1.BreakFound' AND stream_seq IS NOT NULL`,
        );
        return rows.length === expected.length && rows;
      };
      const rows = await until("all are on the bus", published);
      assert.deepEqual(new Set(rows.map((row) => row.aggregate_id)), new Set(found.map(({ breakId }) => breakId)));
    } finally {
      await client.end();
    }
  });

  it("keeps what finance explains, and closes what is no longer so", async () => {
    const before = await breaks();
    const [first] = before;
    const path = `/v1/reconciliation/breaks/${first?.breakId}:explain`;
    const body = { explanation: "the provider has written to us" };
    assert.equal((await shop.rest("AGENT", "alice", "POST", path, body)).json.reason, "ROLE_NOT_ALLOWED");
    const { json } = await shop.rest("FINANCE", "fay", "POST", path, body);
    assert.deepEqual([json.state, json.owner], ["BREAK_STATE_EXPLAINED", "fay"]);
    assert.equal((await reconcile()).open, before.length - 1);
    assert.deepEqual(
      (await breaks("EXPLAINED")).map(({ breakId }) => breakId),
      [first?.breakId],
    );

    // The refund service hears of the reversal after all, and looks: the books agree again.
    const reversed = before.find(({ kind }) => kind === "BREAK_KIND_REVERSED");
    const { quote } = await shop.refund(reversed?.refundId ?? "");
    const { paymentId = "", providerKey: key = "" } = quote.tenders[0] ?? {};
    const refunds = clientAs(RefundServiceService, Number(mesh.env("refund").PORT));
    await refunds.noteProviderNews({ requestId: newId("req"), paymentId, key });
    refunds.close();
    await until("it is booked", async () => {
      const { state } = await shop.refund(reversed?.refundId ?? "");
      return state === "REFUND_STATE_FAILED";
    });
    assert.equal((await reconcile()).gone, 1);
    assert.deepEqual(
      (await breaks("GONE")).map(({ breakId }) => breakId),
      [reversed?.breakId],
    );
  });
});
