// The refund that is promised: goods are here, nobody looks at them, and the money goes out all the same before the law's
// time ends. Told over REST through the whole mesh, by the shipped policy of Korea.
import assert from "node:assert/strict";
import { Twist } from "#gen/backhaul/sandbox/v1/scenario_service.js";
import { until } from "#kit/testing/peers.js";
import { breaches } from "./invariants.js";
import { type Mesh, openMesh } from "./mesh.js";
import { type OrderOptions, openShop, type Seen, type Shop } from "./shop.js";

const day = 86_400_000;
const won = (units: number) => ({ currencyCode: "KRW", units: String(units), nanos: 0 });

describe("the guaranteed refund in the mesh", function () {
  this.timeout(60_000);
  let mesh: Mesh;
  let shop: Shop;
  before(async () => {
    mesh = await openMesh();
    shop = await openShop(mesh.doors);
  });
  afterEach(async function () {
    if (this.currentTest?.state !== "passed") return;
    await shop.pass(0.01);
    const { databaseUrl, nats, env } = mesh.stage;
    assert.deepEqual(await breaches(databaseUrl, nats.url, (service) => env(service).DATABASE_SCHEMA ?? service), []);
  });
  after(async () => {
    shop?.close();
    await mesh?.stop();
  });

  const due = ({ deadlines }: Pick<Seen, "deadlines">, step: string): Date =>
    new Date(deadlines.find((deadline) => deadline.step === step)?.dueTime ?? Number.NaN);
  const dock = (inspectionId: string, verb: string, body: object, who = "wendy") =>
    shop.rest("WAREHOUSE", who, "POST", `/v1/inspections/${inspectionId}:${verb}`, body);
  const finding = (verdict: string) => ({
    lineId: "l-1",
    quantity: 2,
    verdict: `UNIT_VERDICT_${verdict}`,
    grade: verdict === "ACCEPTED" ? "GRADE_LIKE_NEW" : "GRADE_UNSELLABLE",
    condition: verdict === "ACCEPTED" ? "CONDITION_SELLABLE" : "CONDITION_CUSTOMER_DAMAGED",
    disposition: verdict === "ACCEPTED" ? "DISPOSITION_RESTOCKED" : "DISPOSITION_RETURN_TO_CUSTOMER",
  });

  /** A return whose goods stand at the dock, looked at by nobody. */
  async function atTheDock(options: OrderOptions): Promise<Seen & { readonly orderId: string }> {
    const order = await shop.order(options);
    // The goods come by hand, so that the bench is ours.
    await shop.scenario({ twist: Twist.TWIST_NO_HAND_OVER, orderId: order.orderId });
    const { resolutionId } = await shop.ask(order, "RETURN");
    const { inspectionId } = await until("the dock expects it", async () => {
      const seen = await shop.see(resolutionId);
      return seen.inspectionId !== "" && seen;
    });
    const { status, json } = await dock(inspectionId, "receive", {});
    assert.equal(status, 200, JSON.stringify(json));
    const here = await until("the refund's clock runs", async () => {
      const seen = await shop.see(resolutionId);
      return seen.deadlines.some(({ step }) => step === "statutory-refund") && seen;
    });
    return { ...here, orderId: order.orderId };
  }
  /** Lets the promised time come, and no more. */
  async function passes(until: Date): Promise<void> {
    await shop.pass((until.getTime() - (await shop.now()).getTime()) / day + 0.01);
  }

  it("goes out by itself, once, before the law's time ends; a verdict of no that comes later asks for the money back", async () => {
    const { resolutionId, inspectionId, orderId, ...here } = await atTheDock({ paidMinor: 150_000n });
    const [promised, statutory] = [due(here, "guaranteed-refund"), due(here, "statutory-refund")];
    assert.ok(promised < statutory, `${promised.toISOString()} is before ${statutory.toISOString()}`);
    assert.deepEqual([here.money, await shop.providerRefunds(orderId)], ["MONEY_STATE_WAITING", []]);

    await passes(promised);
    const paid = await until("the refund went out", async () => {
      const seen = await shop.see(resolutionId);
      return seen.money === "MONEY_STATE_REFUNDED" && seen;
    });
    assert.deepEqual([paid.goods, paid.refunded], ["GOODS_STATE_INSPECTING", won(147_000)]);
    assert.ok(new Date((await shop.refund(paid.refundId)).settleTime ?? "") < statutory, "before the law's time ends");
    assert.ok((await shop.timeline(resolutionId)).some(({ name }) => name === "GuaranteedRefund"));

    const { status, json } = await dock(inspectionId, "complete", { findings: [finding("REJECTED")] });
    assert.equal(status, 200, JSON.stringify(json));
    await until("the money is asked back", async () => {
      return (await shop.see(resolutionId)).money === "MONEY_STATE_RECOVERING";
    });
    await passes(statutory);
    const refunds = await shop.providerRefunds(orderId);
    assert.deepEqual(
      refunds.map(({ amount }) => amount?.units),
      [147_000n],
      "no second refund, whatever falls due",
    );
  });

  it("stays where it is when the verdict comes in time", async () => {
    const { resolutionId, inspectionId, orderId, ...here } = await atTheDock({ paidMinor: 150_000n });
    await dock(inspectionId, "complete", { findings: [finding("ACCEPTED")] });
    await shop.reaches(resolutionId, "CLOSED");
    await passes(due(here, "statutory-refund"));
    assert.equal((await shop.providerRefunds(orderId)).length, 1);
    assert.ok(!(await shop.timeline(resolutionId)).some(({ name }) => name === "GuaranteedRefund"));
  });

  it("is promised for dear goods as well, though two people have to look at them", async () => {
    const { resolutionId, inspectionId, orderId, ...here } = await atTheDock({ paidMinor: 3_000_000n });
    const alone = await dock(inspectionId, "complete", { findings: [finding("ACCEPTED")] });
    assert.deepEqual([alone.status, alone.json.reason], [409, "SECOND_INSPECTOR"]);
    await passes(due(here, "guaranteed-refund"));
    await until("the refund went out", async () => (await shop.see(resolutionId)).money === "MONEY_STATE_REFUNDED");
    for (const who of ["wendy", "walter"]) {
      for (const unitNumber of [1, 2]) {
        const recorded = { ...finding("ACCEPTED"), quantity: 1, detail: { unitNumber } };
        const { status, json } = await dock(inspectionId, "record", { finding: recorded }, who);
        assert.equal(status, 200, JSON.stringify(json));
      }
    }
    assert.equal((await dock(inspectionId, "complete", {})).status, 200);
    await shop.reaches(resolutionId, "CLOSED");
    assert.equal((await shop.providerRefunds(orderId)).length, 1);
  });
});
