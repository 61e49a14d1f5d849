// The refund service's own tables: units once, never more of a line or a payment than there was, shares under one key for
// ever, journals that sum to zero. What Postgres holds by keys, CHECKs and triggers is refused here under the same names.
import { rowsIn } from "./columns.js";
import type { Schema, Twin } from "./schema.js";
import { keyOf, type Row, violation } from "./table.js";

export const refundTwin: Twin = {
  aggregates: { refund: "refund" },
  commits: {
    "refund.insert": {
      key: "refundId",
      also: (schema, refund, values) => {
        const { orderId, sequence, refundId } = refund;
        const same = (row: Row) => row.orderId === orderId && row.sequence === sequence && row !== refund;
        if (schema.table("refund").where(same).length > 0) throw violation("refund_sequence");
        items(schema, orderId, refundId, rowsIn(values[23]));
        payments(schema, refund, rowsIn(values[24]));
        tenders(schema, refundId, rowsIn(values[25]));
        ledger(schema, refundId, rowsIn(values[26]), rowsIn(values[27]));
      },
    },
    "refund.update": {
      key: "refundId",
      also: (schema, { refundId }, values) => {
        tenders(schema, refundId, rowsIn(values[10]));
        released(schema, rowsIn(values[11]));
        ledger(schema, refundId, rowsIn(values[12]), rowsIn(values[13]));
      },
    },
  },
  statements: {
    "refund.soFar": (schema, [orderId, paymentIds, needsQuotes]) => [soFar(schema, orderId, paymentIds, needsQuotes)],
    "refund.savePayment": (schema, [paymentId, currency, captured, chargedBackMinor, disputeOpen]) => {
      const table = schema.table("payment");
      const before = table.get(paymentId);
      if (chargedBackMinor > (before?.capturedMinor ?? captured))
        throw violation("payment_charged_back_check", "23514");
      const none = { orderId: "", currency, capturedMinor: captured, refundedMinor: 0n, goodwillMinor: 0n };
      table.put(paymentId, { paymentId, ...none, ...before, chargedBackMinor, disputeOpen });
      return [];
    },
    "refund.standing": (schema, [key]) => {
      const tender = schema.table("tender").get(key);
      if (!tender) return [];
      const payment = schema.table("payment").get(tender.paymentId);
      const over = payment && payment.refundedMinor + payment.chargedBackMinor > payment.capturedMinor;
      const takenBack = (payment?.chargedBackMinor > 0n && over) ?? false;
      return [{ state: tender.state, disputeOpen: payment?.disputeOpen ?? false, takenBack }];
    },
    "refund.lookInto": (schema, [hint, due, paymentId, key]) => {
      const concerned = schema
        .table("tender")
        .where((t) => t.providerKey === key || (paymentId !== "" && t.paymentId === paymentId));
      const refunds = [...new Set(concerned.map(({ refundId }) => refundId as string))];
      return refunds.flatMap((aggregateId) => {
        const agendaId = `${hint}.${aggregateId}`;
        if (schema.agenda.get(agendaId)) return [];
        const step = { agendaId, aggregateId, step: "news", payload: { paymentId }, dueMs: due.getTime() };
        schema.announceStep(schema.addStep(step));
        return [{ agenda_id: agendaId }];
      });
    },
  },
};

function items(schema: Schema, orderId: string, refundId: string, rows: readonly Row[]): void {
  for (const { lineId, fromUnit, quantity, purchased, paidMinor, amountMinor } of rows) {
    const key = keyOf(orderId, lineId, fromUnit);
    if (schema.table("refund_item").get(key)) throw violation("refund_item_pkey");
    if (fromUnit < 0 || fromUnit + quantity > purchased) throw violation("refund_item_units_check", "23514");
    schema.table("refund_item").put(key, { orderId, lineId, fromUnit, quantity, purchased, refundId, amountMinor });
    const table = schema.table("refund_line");
    const before = table.get(keyOf(orderId, lineId));
    const refundedUnits = (before?.refundedUnits ?? 0) + quantity;
    const refundedMinor = (before?.refundedMinor ?? 0n) + BigInt(amountMinor);
    const line = { orderId, lineId, purchased, paidMinor: before?.paidMinor ?? BigInt(paidMinor) };
    if (refundedUnits > (before?.purchased ?? purchased)) throw violation("refund_line_units_check", "23514");
    if (refundedMinor < 0n || refundedMinor > line.paidMinor) throw violation("refund_line_money_check", "23514");
    table.put(keyOf(orderId, lineId), { ...line, refundedUnits, refundedMinor });
  }
}

function payments(schema: Schema, { orderId, currency }: Row, rows: readonly Row[]): void {
  const table = schema.table("payment");
  for (const { paymentId, ...row } of rows) {
    const before = table.get(paymentId);
    const none = { capturedMinor: BigInt(row.capturedMinor), refundedMinor: 0n, goodwillMinor: 0n };
    const same = { paymentId, currency, chargedBackMinor: 0n, disputeOpen: false, ...none, ...before, orderId };
    const refundedMinor = same.refundedMinor + BigInt(row.amountMinor);
    const goodwillMinor = same.goodwillMinor + BigInt(row.goodwillMinor);
    const grew = refundedMinor > same.refundedMinor;
    const over = grew && refundedMinor + same.chargedBackMinor > same.capturedMinor;
    if (over && schema.keeps("payment cap")) throw violation("payment_cap_check", "23514");
    table.put(paymentId, { ...same, refundedMinor, goodwillMinor });
  }
}

function released(schema: Schema, rows: readonly Row[]): void {
  for (const { paymentId, amountMinor, goodwillMinor } of rows) {
    const before = schema.table("payment").get(paymentId);
    if (!before) continue;
    const refundedMinor = before.refundedMinor - BigInt(amountMinor);
    if (refundedMinor < 0n) throw violation("payment_cap_check", "23514");
    const goodwill = before.goodwillMinor - BigInt(goodwillMinor);
    schema.table("payment").put(paymentId, { ...before, refundedMinor, goodwillMinor: goodwill });
  }
}

function tenders(schema: Schema, refundId: string, rows: readonly Row[]): void {
  for (const row of rows) {
    const before = schema.table("tender").get(row.providerKey);
    const asked = { ...row, refundId, amountMinor: BigInt(row.amountMinor) } as Row;
    const kept = (tender: Row) => keyOf(tender.refundId, tender.paymentId, tender.currency, tender.amountMinor);
    if (before && kept(before) !== kept(asked)) throw Object.assign(new Error("a key was reused"), { code: "BH004" });
    schema.table("tender").put(row.providerKey, { ...asked, requestTime: before?.requestTime ?? row.requestTime });
  }
}

function ledger(schema: Schema, refundId: string, journals: readonly Row[], entries: readonly Row[]): void {
  for (const journal of journals) {
    const key = keyOf(refundId, journal.kind, journal.source);
    if (schema.table("ledger_journal").get(key)) throw violation("ledger_journal_source");
    schema.table("ledger_journal").put(key, { ...journal, refundId });
  }
  const sums = new Map<string, bigint>();
  for (const entry of entries) {
    const amountMinor = BigInt(entry.amountMinor);
    const of = keyOf(entry.journalId, entry.currency);
    sums.set(of, (sums.get(of) ?? 0n) + amountMinor);
    schema.table("ledger_entry").put(entry.entryId, { ...entry, refundId, amountMinor });
  }
  if ([...sums.values()].some((sum) => sum !== 0n)) {
    throw Object.assign(new Error("a journal does not sum to zero"), { code: "BH002" });
  }
}

function soFar(schema: Schema, orderId: string, paymentIds: readonly string[], needsQuotes: boolean): Row {
  const refunds = schema.table("refund").where((row) => row.orderId === orderId);
  const lines = schema.table("refund_line").where((row) => row.orderId === orderId);
  return {
    refunds: Math.max(0, ...refunds.map(({ sequence }) => sequence)),
    units: Object.fromEntries(lines.map(({ lineId, refundedUnits }) => [lineId, refundedUnits])),
    payments: paymentIds.flatMap((id) => {
      const row = schema.table("payment").get(id);
      if (!row) return [];
      const { refundedMinor, goodwillMinor, chargedBackMinor, disputeOpen } = row;
      const [refunded, goodwill, chargedBack] = [refundedMinor, goodwillMinor, chargedBackMinor].map(String);
      return [{ id, refunded, goodwill, chargedBack, disputeOpen }];
    }),
    quotes: needsQuotes ? refunds.map(({ quote: { adjustments, restored } }) => ({ adjustments, restored })) : null,
  };
}
