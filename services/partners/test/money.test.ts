import assert from "node:assert/strict";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import pg from "pg";
import {
  Capabilities,
  KeyMismatch,
  PartialRefunds,
  PaymentServiceService,
  ProviderRefundState,
  RefundLookup,
  type StatementLine,
} from "#gen/backhaul/partner/payment/v1/payment_service.js";
import { Twist } from "#gen/backhaul/sandbox/v1/scenario_service.js";
import type { ClientOf } from "#kit/client.js";
import { newId } from "#kit/ids.js";
import { migrate } from "#kit/migrate.js";
import { openDatabase } from "#kit/postgres.js";
import { openStage, type Stage } from "#kit/testing/stage.js";
import { gbp, reason, type Sandbox, sandbox } from "./builders.js";

const { PROVIDER_REFUND_STATE_PENDING: pending, PROVIDER_REFUND_STATE_SUCCEEDED: succeeded } = ProviderRefundState;

describe("partners: the payment provider", () => {
  let stage: Stage;
  let box: Sandbox;
  let payments: ClientOf<typeof PaymentServiceService>;

  before(async () => {
    stage = await openStage();
    box = await sandbox(stage);
    payments = box.as(PaymentServiceService);
  });
  afterEach(() => box.scenarios.clearScenarios({}));
  after(async () => {
    await box?.stop();
    await stage?.close();
  });

  const refund = (orderId: string, minor: bigint, key: string = newId("key"), accountToken = "") =>
    payments.refundPayment({ key, paymentId: `pay-${orderId}`, amount: gbp(minor), accountToken });
  const made = async (...args: Parameters<typeof refund>) => (await refund(...args)).refund!;
  const register = (change: Partial<Parameters<typeof payments.registerAccount>[0]> = {}) =>
    payments.registerAccount({
      requestId: newId("req"),
      customerId: "c-1",
      bankCode: "088",
      accountNumber: "110-123-456789",
      holderName: "KIM",
      ...change,
    });
  const paidOf = async (orderId: string) => (await box.operator.listProviderRefunds({ orderId })).refunds;
  const now = async () => (await box.clock.getClock({})).now!;
  const statement = async (fromTime?: Date, toTime?: Date, pageSize = 0) => {
    const lines: StatementLine[] = [];
    let pageToken = "";
    do {
      const page = await payments.listStatementLines({ fromTime, toTime, pageSize, pageToken });
      lines.push(...page.lines);
      pageToken = page.nextPageToken;
    } while (pageToken !== "");
    return lines;
  };

  it("says how it behaves, method by method", async () => {
    const of = async (method: string) => (await payments.getCapabilities({ method })).capabilities!;
    const card = Capabilities.fromPartial({
      provider: "sandbox",
      keyHeader: "Idempotency-Key",
      keyLifetimeSeconds: 86_400n,
      keyMismatch: KeyMismatch.KEY_MISMATCH_REFUSED,
      errorsKept: false,
      lookup: RefundLookup.REFUND_LOOKUP_BY_KEY,
      asynchronous: true,
      partial: PartialRefunds.PARTIAL_REFUNDS_ANY,
      accountNeeded: false,
      customerDays: 5,
    });
    assert.deepEqual(await of("CARD"), card);
    assert.deepEqual(await of("SEASHELLS"), card);
    assert.deepEqual(await of("BANK_TRANSFER"), { ...card, keyLifetimeSeconds: 0n, customerDays: 3 });
    assert.deepEqual(await of("VIRTUAL_ACCOUNT"), { ...card, accountNeeded: true, customerDays: 3 });
    for (const method of ["CVS", "ATM"])
      assert.deepEqual(await of(method), { ...card, partial: PartialRefunds.PARTIAL_REFUNDS_NONE });
    const wholeOnly = { ...card, partial: PartialRefunds.PARTIAL_REFUNDS_FULL_ONLY };
    assert.deepEqual(await of("CARD_INSTALLMENT"), wholeOnly);
    for (const method of ["POINTS", "STORE_CREDIT", "GIFT_CARD"])
      await assert.rejects(of(method), reason("PARTNER_NOT_FOUND"));
  });

  it("behaves as it says: whole or not at all, by payout only, not at all", async () => {
    const installment = await box.sold({ method: "CARD_INSTALLMENT" });
    await assert.rejects(refund(installment, 1000n), reason("PARTNER_REFUSED"));
    assert.equal((await made(installment, 3945n)).state, succeeded);
    await assert.rejects(refund(await box.sold({ method: "CVS" }), 3945n), reason("PARTNER_REFUSED"));
    const points = await box.sold({ method: "POINTS" });
    await assert.rejects(refund(points, 3945n), reason("PARTNER_NOT_FOUND"));
    await assert.rejects(payments.getPayment({ paymentId: `pay-${points}` }), reason("PARTNER_NOT_FOUND"));
  });

  it("asks for a bank account where the money came without one", async () => {
    const orderId = await box.sold({ method: "VIRTUAL_ACCOUNT" });
    await assert.rejects(refund(orderId, 1000n), reason("INVALID_REQUEST"));
    await assert.rejects(refund(orderId, 1000n, newId("key"), "acc_made_up"), reason("PARTNER_NOT_FOUND"));
    const { accountToken } = await register();
    const key = newId("key");
    const first = await made(orderId, 1000n, key, accountToken);
    assert.equal(first.state, succeeded);
    assert.deepEqual(await made(orderId, 1000n, key, accountToken), first);
    const other = await register({ accountNumber: "220-123-456789" });
    await assert.rejects(refund(orderId, 1000n, key, other.accountToken), reason("REQUEST_ID_REUSED"));
  });

  it("keeps a token in place of an account number, and the number nowhere", async () => {
    const account = { requestId: newId("req"), accountNumber: "777-654-321098" };
    const known = await register(account);
    assert.deepEqual(known, { accountToken: known.accountToken, masked: "088 ********1098" });
    assert.deepEqual(await register(account), known);
    await assert.rejects(register({ ...account, accountNumber: "777-654-321099" }), reason("REQUEST_ID_REUSED"));
    const again = await register({ accountNumber: "777654321098" });
    assert.equal(again.accountToken, known.accountToken, "the same account, however it is written");
    const hers = await register({ accountNumber: "777654321098", customerId: "c-2" });
    assert.notEqual(hers.accountToken, known.accountToken);
    await assert.rejects(register({ holderName: "NOBODY" }), reason("ACCOUNT_NOT_VERIFIED"));
    await assert.rejects(register({ bankCode: "000" }), reason("ACCOUNT_NOT_VERIFIED"));
    const kept = await dump(stage, ["account", "request"]);
    assert.ok(kept.includes(known.accountToken));
    assert.ok(!/777-?654-?321098/.test(kept) && !kept.includes("KIM"));
  });

  it("pays out to an account, once per key", async () => {
    const { accountToken } = await register();
    const key = newId("key");
    const payOut = (minor: bigint, to = accountToken) => payments.payOut({ key, accountToken: to, amount: gbp(minor) });
    await assert.rejects(payOut(700n, "acc_made_up"), reason("PARTNER_NOT_FOUND"));
    await assert.rejects(payOut(0n), reason("INVALID_REQUEST"));
    const answers = await Promise.all(Array.from({ length: 5 }, () => payOut(700n)));
    const { refund: payout } = answers[0]!;
    for (const answer of answers) assert.deepEqual(answer, { refund: payout });
    assert.deepEqual([payout?.paymentId, payout?.state], ["", succeeded]);
    await assert.rejects(payOut(701n), reason("REQUEST_ID_REUSED"));
    await assert.rejects(refund(await box.sold(), 700n, key), reason("REQUEST_ID_REUSED"));
    assert.deepEqual(await payments.findRefund({ key, paymentId: "" }), { found: true, refund: payout });
    const [line] = (await statement()).filter((l) => l.key === key);
    assert.deepEqual([line?.kind, line?.paymentId, line?.amount], ["PAYOUT", "", gbp(700n)]);
  });

  it("finds a refund under its own payment only", async () => {
    const orderId = await box.sold();
    const refund = await made(orderId, 1000n);
    const { key } = refund;
    assert.deepEqual(await payments.findRefund({ key, paymentId: `pay-${orderId}` }), { found: true, refund });
    assert.deepEqual(await payments.findRefund({ key, paymentId: "pay-of-another" }), {
      found: false,
      refund: undefined,
    });
  });

  it("answers one key that comes many times at once with one refund, when there would be money for more", async () => {
    const orderId = await box.sold();
    const key = newId("key");
    const answers = await Promise.all(Array.from({ length: 8 }, () => made(orderId, 100n, key)));
    assert.equal(new Set(answers.map((refund) => refund.providerRefundId)).size, 1);
    assert.equal((await paidOf(orderId)).length, 1);
    assert.equal((await statement()).filter((line) => line.key === key).length, 1);
  });

  it("forgets a card's key after a day, and pays a second time under it", async () => {
    const orderId = await box.sold();
    const key = newId("key");
    const first = await made(orderId, 1000n, key);
    await box.go(23.9);
    assert.deepEqual(await made(orderId, 1000n, key), first);
    await box.go(0.2);
    assert.deepEqual((await payments.findRefund({ key, paymentId: "" })).refund, first, "asking does not pay");
    const many = await Promise.all(Array.from({ length: 6 }, () => made(orderId, 1000n, key)));
    assert.equal(new Set(many.map((refund) => refund.providerRefundId)).size, 1);
    assert.notEqual(many[0]?.providerRefundId, first.providerRefundId);
    assert.deepEqual(await paidOf(orderId), [first, many[0]]);
    const { payment } = await payments.getPayment({ paymentId: `pay-${orderId}` });
    assert.deepEqual(payment?.refunded, gbp(2000n));
    // Not even a forgotten key brings more than was captured.
    await box.go(25);
    await assert.rejects(refund(orderId, 1946n, key), reason("REFUND_EXCEEDS_CAPTURED"));
  });

  it("remembers a bank transfer's key for ever", async () => {
    const orderId = await box.sold({ method: "BANK_TRANSFER" });
    const key = newId("key");
    const first = await made(orderId, 1000n, key);
    await box.go(24 * 400);
    assert.deepEqual(await made(orderId, 1000n, key), first);
    await assert.rejects(refund(orderId, 1001n, key), reason("REQUEST_ID_REUSED"));
  });

  it("leaves a refund pending where a scenario says so, and it counts as paid back", async () => {
    const orderId = await box.sold();
    await box.play(Twist.TWIST_REFUND_PENDING, { orderId, times: 1 });
    const first = await made(orderId, 3000n);
    assert.equal(first.state, pending);
    assert.deepEqual(await made(orderId, 3000n, first.key), first);
    assert.equal((await made(orderId, 100n)).state, succeeded, "once, as it was to be");
    await assert.rejects(refund(orderId, 846n), reason("REFUND_EXCEEDS_CAPTURED"));
    assert.equal((await paidOf(orderId)).length, 2);
    assert.ok(!(await statement()).some((line) => line.key === first.key));
    await box.play(Twist.TWIST_REFUND_PENDING, { method: "PayOut" });
    const { accountToken } = await register();
    const payout = await payments.payOut({ key: newId("key"), accountToken, amount: gbp(1n) });
    assert.equal(payout.refund?.state, pending);
    await assert.rejects(box.play(Twist.TWIST_REFUND_PENDING, { method: "GetOrder" }), reason("INVALID_REQUEST"));
  });

  it("forgets a line of its statement where a scenario says so", async () => {
    const orderId = await box.sold();
    await box.play(Twist.TWIST_STATEMENT_MISSING, { orderId, times: 1 });
    const [lost, kept] = [await made(orderId, 100n), await made(orderId, 100n)];
    assert.equal(lost.state, succeeded);
    const keys = (await statement()).map((line) => line.key);
    assert.deepEqual([keys.includes(lost.key), keys.includes(kept.key)], [false, true]);
  });

  it("lists its statement oldest first, in pages, from and to a time", async () => {
    const orderId = await box.sold();
    const from = await now();
    const first = await made(orderId, 1n);
    for (let i = 0; i < 4; i++) await refund(orderId, 1n);
    await box.go(1);
    const to = await now();
    await refund(orderId, 2n);
    const lines = await statement(from, to, 2);
    assert.equal(lines.length, 5);
    assert.equal(new Set(lines.map((line) => line.lineId)).size, 5);
    const { lineId, bookTime, ...rest } = lines[0]!;
    assert.match(lineId, /^sln_/);
    assert.ok(bookTime! >= from && lines.every((line, i) => i === 0 || line.bookTime! >= lines[i - 1]!.bookTime!));
    assert.deepEqual(rest, {
      kind: "REFUND",
      paymentId: `pay-${orderId}`,
      providerRefundId: first.providerRefundId,
      key: first.key,
      amount: gbp(1n),
    });
    assert.deepEqual(await statement(from, to), lines);
    assert.equal((await statement(from)).length, 6);
    assert.deepEqual((await statement(to)).length, 1);
    assert.ok((await statement()).length > 6);
    const wrong = { fromTime: from, toTime: undefined, pageSize: 0, pageToken: "?" };
    await assert.rejects(payments.listStatementLines(wrong), reason("PAGE_TOKEN_INVALID"));
  });
});

describe("partners: the payment provider's statement after an upgrade", () => {
  it("puts what was paid back before it had a statement on it, at its time", async () => {
    const stage = await openStage();
    const folder = mkdtempSync(join(tmpdir(), "backhaul-migrations-"));
    for (const name of ["20261122000000_kit", "20261122000001_partners"])
      cpSync(new URL(`../prisma/migrations/${name}`, import.meta.url), join(folder, name), { recursive: true });
    const db = openDatabase({
      url: stage.databaseUrl,
      schema: stage.env("partners").DATABASE_SCHEMA ?? "",
      poolSize: 1,
    });
    await migrate(db, pathToFileURL(`${folder}/`));
    const old = "prf_01K9A0000000000000000000AB";
    await db.query({ name: "", text: "INSERT INTO payment VALUES ('pay-1', 'o-1', 'GBP', 3945, 1000)" });
    const row = `'old.key', '${old}', 'pay-1', 'GBP', 1000, '2026-11-01T10:00:00.123Z'`;
    await db.query({ name: "", text: `INSERT INTO provider_refund VALUES (${row})` });
    await db.close();
    rmSync(folder, { recursive: true });

    const box = await sandbox(stage);
    const payments = box.as(PaymentServiceService);
    const at = (time: string) => new Date(time);
    const list = (fromTime: Date, toTime: Date) =>
      payments.listStatementLines({ fromTime, toTime, pageSize: 0, pageToken: "" });
    const { lines } = await list(at("2026-11-01T10:00:00.123Z"), at("2026-11-01T10:00:00.124Z"));
    assert.deepEqual(
      lines.map((line) => [line.providerRefundId, line.key, line.bookTime]),
      [[old, "old.key", at("2026-11-01T10:00:00.123Z")]],
    );
    assert.equal((await payments.findRefund({ key: "old.key", paymentId: "pay-1" })).refund?.state, succeeded);
    await box.stop();
    await stage.close();
  });
});

/** All that some tables of the sandbox hold, as text; bytes as the characters they may be. */
async function dump(stage: Stage, tables: readonly string[]): Promise<string> {
  const client = new pg.Client({ connectionString: stage.databaseUrl });
  await client.connect();
  const { DATABASE_SCHEMA } = stage.env("partners");
  const rows = await Promise.all(tables.map((table) => client.query(`SELECT * FROM ${DATABASE_SCHEMA}.${table}`)));
  await client.end();
  const values = rows.flatMap((result) => result.rows.flatMap((row) => Object.values(row)));
  return values.map((value) => (Buffer.isBuffer(value) ? value.toString("latin1") : String(value))).join("\n");
}
