import assert from "node:assert/strict";
import {
  DiscountKind,
  Order,
  OrderServiceService,
  TaxDocumentKind,
} from "#gen/backhaul/partner/order/v1/order_service.js";
import { PointsServiceService } from "#gen/backhaul/partner/points/v1/points_service.js";
import { PromotionServiceService } from "#gen/backhaul/partner/promotion/v1/promotion_service.js";
import { SettlementServiceService } from "#gen/backhaul/partner/settlement/v1/settlement_service.js";
import {
  CorrectionKind,
  type IssueCorrectionRequest,
  TaxDocumentServiceService,
} from "#gen/backhaul/partner/taxdocument/v1/tax_document_service.js";
import { ProviderMove } from "#gen/backhaul/sandbox/v1/sandbox_service.js";
import type { ClientOf } from "#kit/client.js";
import { newId } from "#kit/ids.js";
import { money, toProto } from "#kit/pure/money.js";
import { openStage, type Stage } from "#kit/testing/stage.js";
import { gbp, invoice, order, reason, type Sandbox, sandbox } from "./builders.js";

const { CORRECTION_KIND_CREDIT_NOTE: creditNote, CORRECTION_KIND_VOID: voided } = CorrectionKind;

describe("partners: what other systems do about a refund", () => {
  let stage: Stage;
  let box: Sandbox;
  let points: ClientOf<typeof PointsServiceService>;
  let promotions: ClientOf<typeof PromotionServiceService>;
  let settlement: ClientOf<typeof SettlementServiceService>;
  let documents: ClientOf<typeof TaxDocumentServiceService>;

  before(async () => {
    stage = await openStage();
    box = await sandbox(stage);
    points = box.as(PointsServiceService);
    promotions = box.as(PromotionServiceService);
    settlement = box.as(SettlementServiceService);
    documents = box.as(TaxDocumentServiceService);
  });
  after(async () => {
    await box?.stop();
    await stage?.close();
  });

  const key = () => newId("key") as string;

  it("knows all of an order that was imported: discounts, sellers, tax, its document, what it earned", async () => {
    const discount = { discountId: "coupon-1", kind: DiscountKind.DISCOUNT_KIND_COUPON, amount: gbp(500n) };
    const sold = order({ more: { earnedPoints: 35n, discounts: [discount], taxDocument: invoice() } });
    sold.order!.lines[0] = { ...sold.order!.lines[0]!, sellerId: "seller-1", tax: gbp(167n) };
    await box.operator.importOrders({ orders: [sold] });
    const { order: read } = await box.as(OrderServiceService).getOrder({ orderId: sold.order!.orderId });
    assert.deepEqual(read, Order.fromPartial(sold.order!));
    assert.equal(read?.lines[0]?.sellerId, "seller-1");
  });

  describe("points", () => {
    const restore = (orderId: string, minor: bigint, as = key(), customerId = "c-1") =>
      points.restorePoints({ key: as, customerId, paymentId: `pay-${orderId}`, amount: gbp(minor) });

    for (const method of ["POINTS", "STORE_CREDIT", "GIFT_CARD"])
      it(`give back what was paid with ${method}, once per key, and never more`, async () => {
        const orderId = await box.sold({ method });
        const one = key();
        const { movement } = await restore(orderId, 1000n, one);
        assert.deepEqual([movement?.kind, movement?.amount], ["RESTORE", gbp(1000n)]);
        assert.deepEqual(await restore(orderId, 1000n, one), { movement });
        assert.deepEqual(await points.findMovement({ key: one }), { found: true, movement });
        await assert.rejects(restore(orderId, 999n, one), reason("REQUEST_ID_REUSED"));
        await assert.rejects(restore(orderId, 2946n), reason("REFUND_EXCEEDS_CAPTURED"));
        await restore(orderId, 2945n);
      });

    it("give back only what the customer spent, in its currency, and know no cards", async () => {
      const [spent, card] = [await box.sold({ method: "POINTS" }), await box.sold()];
      await assert.rejects(restore(card, 1n), reason("PARTNER_NOT_FOUND"));
      await assert.rejects(restore(spent, 1n, key(), "c-2"), reason("PARTNER_NOT_FOUND"));
      const amount = toProto(money(1n, "KRW"));
      const wrong = { key: key(), customerId: "c-1", paymentId: `pay-${spent}`, amount };
      await assert.rejects(points.restorePoints(wrong), reason("CURRENCY_MISMATCH"));
      await assert.rejects(restore(spent, 0n), reason("INVALID_REQUEST"));
      assert.deepEqual(await points.findMovement({ key: wrong.key }), { found: false, movement: undefined });
    });

    it("are given back once, when one key comes many times at once", async () => {
      const orderId = await box.sold({ method: "POINTS" });
      const one = key();
      const answers = await Promise.all(Array.from({ length: 6 }, () => restore(orderId, 1000n, one)));
      assert.equal(new Set(answers.map((answer) => answer.movement?.movementId)).size, 1);
      await restore(orderId, 2945n);
    });

    it("that a purchase earned are taken back, as many as are there, whoever takes them at once", async () => {
      const customerId = newId("cus");
      const earning = { customerId, earnedPoints: 30n };
      const [one, two] = [await box.sold({ more: earning }), await box.sold({ more: earning })];
      const revoke = (orderId: string, asked: bigint, as = key()) =>
        points.revokePoints({ key: as, customerId, orderId, points: asked });
      const first = key();
      const { movement } = await revoke(one, 25n, first);
      assert.deepEqual([movement?.kind, movement?.points, movement?.reference], ["REVOKE", 25n, one]);
      const answers = await Promise.all(Array.from({ length: 8 }, () => revoke(two, 30n)));
      assert.equal(
        answers.reduce((sum, answer) => sum + answer.movement!.points, 0n),
        35n,
      );
      assert.equal((await revoke(two, 10n)).movement?.points, 0n);
      assert.deepEqual(await revoke(one, 25n, first), { movement });
      await assert.rejects(revoke(one, 24n, first), reason("REQUEST_ID_REUSED"));
      await assert.rejects(revoke("nobody-bought-this", 1n), reason("PARTNER_NOT_FOUND"));
      await assert.rejects(revoke(await box.sold(), 1n), reason("PARTNER_NOT_FOUND"));
    });

    it("earned by an order that is imported again count once", async () => {
      const customerId = newId("cus");
      const imported = order({ more: { customerId, earnedPoints: 30n } });
      for (let i = 0; i < 2; i++) await box.operator.importOrders({ orders: [imported, imported] });
      const request = { key: key(), customerId, orderId: imported.order!.orderId, points: 100n };
      assert.equal((await points.revokePoints(request)).movement?.points, 30n);
    });

    it("take credit in, once per key", async () => {
      const grant = { key: key(), customerId: "c-1", reference: "rfd_1", amount: gbp(123n) };
      const { movement } = await points.grantCredit(grant);
      assert.deepEqual([movement?.kind, movement?.reference, movement?.amount], ["GRANT", "rfd_1", gbp(123n)]);
      assert.deepEqual(await points.grantCredit(grant), { movement });
      await assert.rejects(points.grantCredit({ ...grant, customerId: "c-2" }), reason("REQUEST_ID_REUSED"));
    });
  });

  it("gives a coupon back that was spent on the order, unless its time is over", async () => {
    const coupon = (discountId: string) => ({ discountId, kind: DiscountKind.DISCOUNT_KIND_COUPON, amount: gbp(1n) });
    const campaign = { ...coupon("campaign"), kind: DiscountKind.DISCOUNT_KIND_PROMOTION };
    const discounts = [coupon("spring"), coupon("expired-winter"), campaign];
    const orderId = await box.sold({ more: { discounts } });
    const restore = (couponId: string, as = key(), customerId = "c-1") =>
      promotions.restoreCoupon({ key: as, customerId, couponId, orderId });
    const one = key();
    assert.deepEqual(await restore("spring", one), { restored: true });
    assert.deepEqual(await restore("spring", one), { restored: true });
    await assert.rejects(restore("expired-winter", one), reason("REQUEST_ID_REUSED"));
    assert.deepEqual(await restore("expired-winter"), { restored: false });
    for (const none of ["campaign", "autumn"]) await assert.rejects(restore(none), reason("PARTNER_NOT_FOUND"));
    await assert.rejects(restore("spring", key(), "c-2"), reason("PARTNER_NOT_FOUND"));
  });

  it("corrects what a seller is paid, once per key, however often it comes at once", async () => {
    const request = { key: key(), sellerId: "s-1", orderId: "o-1", amount: gbp(-500n), reason: "RETURNED_SALE" };
    const answers = await Promise.all(Array.from({ length: 5 }, () => settlement.postAdjustment(request)));
    assert.equal(new Set(answers.map((answer) => answer.adjustmentId)).size, 1);
    for (const other of [{ sellerId: "s-2" }, { amount: gbp(-501n) }, { reason: "RETURN_SHIPPING" }])
      await assert.rejects(settlement.postAdjustment({ ...request, ...other }), reason("REQUEST_ID_REUSED"));
  });

  describe("tax documents", () => {
    const document = async (kind = TaxDocumentKind.TAX_DOCUMENT_KIND_VAT_INVOICE) => {
      const taxDocument = invoice(kind);
      return { orderId: await box.sold({ more: { taxDocument } }), documentNumber: taxDocument.number };
    };
    type Document = Awaited<ReturnType<typeof document>>;
    const issue = (of: Document, minor: bigint, change: Partial<IssueCorrectionRequest> = {}) =>
      documents.issueCorrection({ key: key(), kind: creditNote, amount: gbp(minor), tax: undefined, ...of, ...change });

    it("are corrected once per key, and never by more than was paid", async () => {
      const sale = await document();
      const one = { key: key(), tax: gbp(167n) };
      const answers = await Promise.all(Array.from({ length: 5 }, () => issue(sale, 1000n, one)));
      const { correction } = answers[0]!;
      for (const answer of answers) assert.deepEqual(answer, { correction });
      assert.deepEqual([correction?.kind, correction?.amount], [creditNote, gbp(1000n)]);
      await assert.rejects(issue(sale, 1000n, { ...one, tax: undefined }), reason("REQUEST_ID_REUSED"));
      await assert.rejects(issue(sale, 2946n), reason("PARTNER_REFUSED"));
      await issue(sale, 2945n);
      assert.deepEqual(await issue(sale, 1000n, one), { correction }, "the first answer stays");
    });

    it("are corrected by their own kind, in their order and currency, and voided only in whole", async () => {
      const [sale, receipt] = [await document(), await document(TaxDocumentKind.TAX_DOCUMENT_KIND_E_INVOICE)];
      await assert.rejects(issue(sale, 1n, { orderId: receipt.orderId }), reason("PARTNER_NOT_FOUND"));
      await assert.rejects(issue(sale, 1n, { documentNumber: "none" }), reason("PARTNER_NOT_FOUND"));
      await assert.rejects(issue(sale, 3945n, { kind: voided }), reason("PARTNER_REFUSED"));
      await assert.rejects(issue(sale, 1n, { amount: toProto(money(1n, "KRW")) }), reason("PARTNER_REFUSED"));
      await assert.rejects(issue(sale, 1n, { tax: gbp(2n) }), reason("INVALID_REQUEST"));
      await assert.rejects(issue(receipt, 1000n, { kind: voided }), reason("PARTNER_REFUSED"));
      await issue(receipt, 3945n, { kind: voided });
      const allowance = { kind: CorrectionKind.CORRECTION_KIND_ALLOWANCE };
      await assert.rejects(issue(receipt, 1n, allowance), reason("PARTNER_REFUSED"));
      const partly = await document(TaxDocumentKind.TAX_DOCUMENT_KIND_E_INVOICE);
      await issue(partly, 1n, allowance);
      await assert.rejects(issue(partly, 3945n, { kind: voided }), reason("PARTNER_REFUSED"));
    });

    it("list their corrections in pages, from a time, and lose one when the book is spoiled", async () => {
      const sale = await document();
      const { now: fromTime } = await box.clock.getClock({});
      const keys = Array.from({ length: 5 }, key);
      for (const one of keys) await issue(sale, 789n, { key: one });
      const all = async () => {
        const found: string[] = [];
        let pageToken = "";
        do {
          const page = await documents.listCorrections({ fromTime, pageSize: 2, pageToken });
          found.push(...page.corrections.map((correction) => correction.key));
          pageToken = page.nextPageToken;
        } while (pageToken !== "");
        return found;
      };
      assert.deepEqual(await all(), keys);
      const wrong = { fromTime, pageSize: 0, pageToken: "?" };
      await assert.rejects(documents.listCorrections(wrong), reason("PAGE_TOKEN_INVALID"));
      const lost = keys[2]!;
      const drop = { move: ProviderMove.PROVIDER_MOVE_DROP_CORRECTION, key: lost, paymentId: "", silently: false };
      await box.operator.moveProvider(drop);
      assert.deepEqual(await all(), [...keys.slice(0, 2), ...keys.slice(3)]);
      await assert.rejects(box.operator.moveProvider(drop), reason("PARTNER_NOT_FOUND"));
      await issue(sale, 789n, { key: lost });
    });

    it("belong to one order each, and have a kind", async () => {
      const taxDocument = invoice();
      const twice = [order({ more: { taxDocument } }), order({ more: { taxDocument } })];
      await assert.rejects(box.operator.importOrders({ orders: twice }), reason("INVALID_REQUEST"));
      const odd = order({ more: { taxDocument: { ...taxDocument, kind: 0 } } });
      await assert.rejects(box.operator.importOrders({ orders: [odd] }), reason("INVALID_REQUEST"));
    });
  });
});
