// The reconciler between books: the refund service's tables with rows in them, a provider and a tax system that answer
// from lists.
import { PaymentServiceService } from "#gen/backhaul/partner/payment/v1/payment_service.js";
import { TaxDocumentServiceService } from "#gen/backhaul/partner/taxdocument/v1/tax_document_service.js";
import {
  BreakKind,
  BreakState,
  type Break as Message,
  ReconcilerServiceService,
} from "#gen/backhaul/reconciler/v1/reconciler_service.js";
import type { Env } from "#kit/config.js";
import type { RoleWord } from "#kit/contracts.js";
import { newId } from "#kit/ids.js";
import { toJson } from "#kit/json.js";
import { migrate } from "#kit/migrate.js";
import { type Database, openDatabase } from "#kit/postgres.js";
import { DomainError } from "#kit/pure/check.js";
import { type Money, toProto } from "#kit/pure/money.js";
import { implement } from "#kit/server.js";
import { clientAs, playPartners } from "#kit/testing/peers.js";
import { openStage } from "#kit/testing/stage.js";
import { readReconcilerConfig } from "../config.js";
import { start } from "../service.js";
import { type Books, now, type Refund } from "./books.js";

export type House = Awaited<ReturnType<typeof openHouse>>;

/** The books are of a fixed day; the service lives now. */
const shiftMs = Date.now() - now.getTime();
const shifted = (time: Date | undefined): Date | undefined => time && new Date(time.getTime() + shiftMs);
const amountOf = (amount: Money | undefined) => amount && toProto(amount);

/** The refund service's tables as it makes them, and nothing else of it. */
export async function openRefundTables(url: string, schema: string): Promise<Database> {
  const db = openDatabase({ url, schema, poolSize: 2 });
  await migrate(db, new URL("../../refund/prisma/migrations/", import.meta.url));
  return db;
}

/** Writes refunds as the refund service stores them. */
export async function insertRefunds(db: Database, refunds: readonly Refund[]): Promise<void> {
  const insert = async (table: string, rows: readonly object[]) => {
    if (rows.length === 0) return;
    const columns = Object.keys(rows[0]!).join(", ");
    const text = `INSERT INTO ${table} (${columns}) SELECT ${columns} FROM jsonb_populate_recordset(NULL::${table}, $1)`;
    await db.query({ name: "", text }, [toJson(rows)]);
  };
  await insert(
    "refund",
    refunds.map((refund) => ({
      refund_id: refund.refundId,
      resolution_id: "res_1",
      order_id: refund.refundId,
      customer_id: "c-1",
      market: "GB",
      state: refund.state,
      currency: "GBP",
      amount_minor: refund.tenders.reduce((sum, { amount }) => sum + amount.minor, 0n),
      quote: {},
      tenders: [],
      create_time: shifted(refund.createTime),
      settle_time: shifted(refund.settleTime) ?? null,
      version: 1,
      twins: [
        { kind: "COUPON", state: "OPEN", reference: "c", key: "k", counterpartId: "" },
        ...refund.taxTwins.map((twin) => ({ ...twin, kind: "TAX_DOCUMENT", state: "MATCHED", reference: "d" })),
      ],
      sequence: 1,
    })),
  );
  await insert(
    "tender",
    refunds.flatMap(({ refundId, tenders }) =>
      tenders.map((tender) => ({
        provider_key: tender.providerKey,
        refund_id: refundId,
        payment_id: tender.paymentId,
        route: tender.route,
        currency: tender.amount.currency,
        amount_minor: tender.amount.minor,
        state: tender.state,
        request_time: shifted(tender.requestTime) ?? null,
        settle_time: shifted(tender.settleTime) ?? null,
      })),
    ),
  );
  const journals = refunds.flatMap(({ refundId, journals }) =>
    journals.map(({ kind, source, amount, createTime }) => {
      const row = { journal_id: newId("jnl"), refund_id: refundId, kind, source, create_time: shifted(createTime) };
      return { row, amount: amount! };
    }),
  );
  await insert(
    "ledger_journal",
    journals.map(({ row }) => row),
  );
  await insert(
    "ledger_entry",
    journals.flatMap(({ row: { journal_id, refund_id, create_time, kind }, amount: { currency, minor } }) => {
      const side = (account: string, debit: bigint) => {
        const amount_minor = kind === "PAY" ? debit : -debit;
        return { entry_id: newId("led"), journal_id, refund_id, account, currency, amount_minor, create_time };
      };
      return [side("refunds_payable", minor), side("psp:pay_1", -minor)];
    }),
  );
}

/** Empties them, triggers or not. */
export async function clearRefunds(db: Database): Promise<void> {
  for (const table of ["ledger_entry", "ledger_journal", "tender", "refund"]) {
    await db.pool.query(`ALTER TABLE ${table} DISABLE TRIGGER USER`);
    await db.pool.query(`DELETE FROM ${table}`);
    await db.pool.query(`ALTER TABLE ${table} ENABLE TRIGGER USER`);
  }
}

/** A provider and a tax system that give a few rows a page, whatever is asked. */
function outsideSystems() {
  const systems = {
    lines: [] as Books["lines"],
    corrections: [] as Books["corrections"],
    pageSize: 3,
    /** Awaited with every first page of the statement. */
    atStatement: async () => {},
  };
  const page = <T>(rows: readonly T[], pageToken: string) => {
    const from = Number(pageToken || "0");
    const to = from + systems.pageSize;
    return { rows: rows.slice(from, to), nextPageToken: to < rows.length ? String(to) : "" };
  };
  const never = () => Promise.reject(new DomainError("INTERNAL", "not for the reconciler"));
  const contracts = [
    implement(PaymentServiceService, {
      listStatementLines: async ({ pageToken }) => {
        if (pageToken === "") await systems.atStatement();
        const { rows, nextPageToken } = page(systems.lines, pageToken);
        const lines = rows.map((line) => {
          const { amount, bookTime, ...rest } = line;
          return { ...rest, providerRefundId: "", amount: amountOf(amount), bookTime: shifted(bookTime) };
        });
        return { lines, nextPageToken };
      },
      refundPayment: never,
      findRefund: never,
      payOut: never,
      getPayment: never,
      getCapabilities: never,
      requestPayment: never,
      getDemand: never,
      cancelDemand: never,
      authorize: never,
      captureAuthorization: never,
      voidAuthorization: never,
      registerAccount: never,
    }),
    implement(TaxDocumentServiceService, {
      listCorrections: async ({ pageToken }) => {
        const { rows, nextPageToken } = page(systems.corrections, pageToken);
        const corrections = rows.map(({ amount, ...rest }) => {
          return { ...rest, documentNumber: "d", kind: 4, amount: amountOf(amount), issueTime: undefined };
        });
        return { corrections, nextPageToken };
      },
      issueCorrection: never,
    }),
  ];
  return { systems, contracts };
}

/** Starts all of it. The schedule sleeps, unless settings wake it. */
export async function openHouse(settings: Env = {}) {
  const stage = await openStage();
  const { systems, contracts } = outsideSystems();
  const played = await playPartners(stage, contracts);
  const refundSchema = stage.env("refund").DATABASE_SCHEMA ?? "";
  const refunds = await openRefundTables(stage.databaseUrl, refundSchema);
  const env = stage.env("reconciler", {
    PAYMENT_ADDRESS: played.address,
    TAX_DOCUMENT_ADDRESS: played.address,
    READ_DATABASE_URL: stage.readerUrl,
    REFUND_SCHEMA: refundSchema,
    RECONCILE_EVERY_MS: "86400000",
    RECONCILE_PAUSE_MS: "0",
    ...settings,
  });
  const db = openDatabase({ url: stage.databaseUrl, schema: env.DATABASE_SCHEMA ?? "", poolSize: 1 });
  const running = [await start(readReconcilerConfig(env))];
  const clients: { close(): void }[] = [];
  const as = (role: RoleWord, subject: string, replica = 0, deadlineMs = 10_000) => {
    const client = clientAs(ReconcilerServiceService, running[replica]!.port, role, subject, deadlineMs);
    clients.push(client);
    return client;
  };
  const finance = as("FINANCE", "fay");

  return {
    stage,
    systems,
    refunds,
    env,
    finance,
    as,
    /** A further replica on the same schema; resolves with its number. */
    addReplica: async () => running.push(await start(readReconcilerConfig(env))) - 1,
    run: async (requestId: string = newId("req")) => (await finance.reconcile({ requestId })).run!,
    /** Puts these books in the place of all before. */
    async open(books: Books): Promise<void> {
      await clearRefunds(refunds);
      await insertRefunds(refunds, books.refunds);
      systems.lines = books.lines;
      systems.corrections = books.corrections;
    },
    breaks: async (state?: "OPEN" | "EXPLAINED" | "GONE"): Promise<Message[]> => {
      const filter = { state: state ? BreakState[`BREAK_STATE_${state}`] : 0, kind: BreakKind.BREAK_KIND_UNSPECIFIED };
      const found: Message[] = [];
      for (let pageToken = ""; ; ) {
        const page = await finance.listBreaks({ ...filter, pageSize: 100, pageToken });
        found.push(...page.breaks);
        if (page.nextPageToken === "") return found;
        pageToken = page.nextPageToken;
      }
    },
    rows: <R>(text: string, values: readonly unknown[] = []) => db.query<R>({ name: "", text }, values),
    async close(): Promise<void> {
      for (const client of clients) client.close();
      for (const replica of running) await replica.stop();
      await played.stop();
      await db.close();
      await refunds.close();
      await stage.close();
    },
  };
}
