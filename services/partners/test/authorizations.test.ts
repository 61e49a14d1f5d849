// What is set aside on a card is taken or let go, once.
import assert from "node:assert/strict";
import { AuthorizationState, PaymentServiceService } from "#gen/backhaul/partner/payment/v1/payment_service.js";
import type { ClientOf } from "#kit/client.js";
import { newId } from "#kit/ids.js";
import { openStage, type Stage } from "#kit/testing/stage.js";
import { gbp, hour, reason, type Sandbox, sandbox } from "./builders.js";

const {
  AUTHORIZATION_STATE_AUTHORIZED,
  AUTHORIZATION_STATE_CAPTURED,
  AUTHORIZATION_STATE_EXPIRED,
  AUTHORIZATION_STATE_REFUSED,
  AUTHORIZATION_STATE_VOIDED,
} = AuthorizationState;

describe("partners: what is set aside on a card", function () {
  this.timeout(60_000);
  let stage: Stage;
  let box: Sandbox;
  let payments: ClientOf<typeof PaymentServiceService>;

  before(async () => {
    stage = await openStage();
    box = await sandbox(stage);
    payments = box.as(PaymentServiceService);
  });
  after(async () => {
    await box?.stop();
    await stage?.close();
  });

  async function authorize(method: string, requestId = newId("req"), orderId?: string) {
    const now = (await box.clock.getClock({})).now as Date;
    const expireTime = new Date(now.getTime() + hour);
    const asked = { requestId, customerId: "c-1", amount: gbp(1000n), expireTime };
    return payments.authorize({ ...asked, orderId: orderId ?? (await box.sold({ method })) });
  }
  const held = async () => (await authorize("CARD")).authorizationId;
  const take = (authorizationId: string, minor: bigint) =>
    payments.captureAuthorization({ authorizationId, amount: gbp(minor) });

  it("a part is taken and is a payment of its own; what is asked for after it changes nothing", async () => {
    const authorizationId = await held();
    const first = await take(authorizationId, 600n);
    assert.equal(first.state, AUTHORIZATION_STATE_CAPTURED);
    assert.deepEqual((await payments.getPayment({ paymentId: first.paymentId })).payment?.captured, gbp(600n));
    assert.deepEqual(await take(authorizationId, 400n), first, "it ends once, with the first amount");
    assert.equal((await payments.voidAuthorization({ authorizationId })).state, AUTHORIZATION_STATE_CAPTURED);
  });

  it("of five who take it and five who let it go at once, exactly one side wins", async () => {
    const authorizationId = await held();
    const five = Array.from({ length: 5 });
    const answers = await Promise.all([
      ...five.map(() => take(authorizationId, 1000n)),
      ...five.map(() => payments.voidAuthorization({ authorizationId })),
    ]);
    assert.equal(new Set(answers.map(({ state }) => state)).size, 1);
    const captured = new Set(answers.flatMap((one) => ("paymentId" in one && one.paymentId ? [one.paymentId] : [])));
    assert.ok(captured.size <= 1, "taken twice");
  });

  it("what was let go or has expired can no longer be taken, and never more than was set aside", async () => {
    const [gone, late] = [await held(), await held()];
    await assert.rejects(take(gone, 1001n), reason("PARTNER_REFUSED"));
    assert.equal((await payments.voidAuthorization({ authorizationId: gone })).state, AUTHORIZATION_STATE_VOIDED);
    assert.equal((await take(gone, 1000n)).state, AUTHORIZATION_STATE_VOIDED);
    await box.go(2);
    const answer = await take(late, 1000n);
    assert.deepEqual([answer.state, answer.paymentId], [AUTHORIZATION_STATE_EXPIRED, ""]);
    await assert.rejects(take("none", 1n), reason("PARTNER_NOT_FOUND"));
  });

  it("where no card paid it is refused with the reason; the same request is answered the same", async () => {
    const refused = await authorize("BANK_TRANSFER");
    assert.deepEqual([refused.state, refused.code], [AUTHORIZATION_STATE_REFUSED, "NO_CARD"]);
    const orderId = await box.sold();
    const requestId = newId("req");
    const first = await authorize("CARD", requestId, orderId);
    assert.equal(first.state, AUTHORIZATION_STATE_AUTHORIZED);
    const again = { requestId, customerId: "c-1", orderId, amount: gbp(1000n), expireTime: first.expireTime };
    assert.deepEqual(await payments.authorize(again), first);
    await assert.rejects(payments.authorize({ ...again, amount: gbp(999n) }), reason("REQUEST_ID_REUSED"));
  });
});
