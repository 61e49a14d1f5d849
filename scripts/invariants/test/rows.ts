// The cases as rows, as the services leave them.
import { type Case, cases, payments, type Share } from "./cases.js";

/** Hours ago; refunds are granted after what they wait for. */
const ago = (hours: number) => new Date(Date.now() - hours * 3_600_000).toISOString();
const amount = (minor: number, currency: string) => ({ minor: String(minor), currency });

type Row = Record<string, unknown>;
type Tables = Record<string, Row[]>;

/** All of them, by "service.table". */
export function rows(): Tables {
  const tables: Tables = {};
  const add = (table: string, row: Row) => {
    tables[table] ??= [];
    tables[table].push(row);
  };
  for (const [payment_id, currency, captured_minor, charged_back_minor] of payments) {
    const kept = cases.flatMap(({ shares }) => shares.filter((s) => s.payment === payment_id));
    const at = (counts: (share: Share) => boolean) => kept.filter(counts).reduce((sum, { minor }) => sum + minor, 0);
    const shared = { payment_id, order_id: `o_${payment_id.slice(4)}`, currency, captured_minor, charged_back_minor };
    add("refund.payment", {
      ...shared,
      refunded_minor: at((s) => s.state !== "VOIDED"),
      dispute_open: payment_id === "pay_c",
    });
    const paid = at((s) => s.route !== "BANK_TRANSFER" && (s.provider === "SUCCEEDED" || s.route === "POINTS"));
    add("partners.payment", {
      ...shared,
      refunded_minor: paid,
      method: payment_id.startsWith("pts") ? "POINTS" : "CARD",
    });
  }
  for (const one of cases) {
    addRefund(one, add);
    if (one.goods) addGoods(one, one.goods, add);
  }
  add("reconciler.break", brokenRow("OPEN", "key_young", ago(3)));
  add("reconciler.break", brokenRow("EXPLAINED", "key_explained", ago(300)));
  // What the provider paid that nobody asked for: one that finance has a day for, one that was explained.
  for (const key of ["key_young", "key_explained"])
    add("partners.statement_line", lineRow(key, "REFUND", "pay_a", "GBP", 100));
  return tables;
}

type Add = (table: string, row: Row) => void;

function addRefund(one: Case, add: Add): void {
  const { id, currency = "GBP", market = "GB", lines = [], fees = 0, shares, interest, goodwill } = one;
  const refund_id = `rfd_${id}`;
  const order_id = `o_${id}`;
  const total = shares.filter((s) => s.state !== "VOIDED" || s.journals).reduce((sum, { minor }) => sum + minor, 0);
  const all: Share[] = [...shares];
  if (interest) all.push({ key: `key_${id}_interest`, payment: "interest", minor: interest, route: "STORE_CREDIT" });
  const create_time = ago(50);
  add("refund.refund", {
    refund_id,
    resolution_id: goodwill ? "" : `res_${id}`,
    order_id,
    customer_id: `c_${id}`,
    market,
    state: one.state ?? (shares.every((s) => s.state === undefined) ? "SUCCEEDED" : "REQUESTED"),
    currency,
    amount_minor: total,
    quote: {
      items: lines.map((line) => ({ lineId: line.id, quantity: line.units, amount: amount(line.minor, currency) })),
      fees: fees ? [{ code: "RETURN_SHIPPING", amount: amount(fees, currency) }] : [],
      adjustments: [],
      amount: amount(total, currency),
    },
    tenders: all.map((s) => ({ providerKey: s.key, paymentId: s.payment, amount: amount(s.minor, currency) })),
    create_time,
    version: 1,
    origin: goodwill ? "GOODWILL" : "RESOLUTION",
    granted_by: goodwill?.[0] ?? "resolution",
    issued_by: goodwill?.[1] ?? "resolution",
    twins: one.coupon ? [{ kind: "COUPON", reference: one.coupon, key: `key_${id}_coupon`, state: "MATCHED" }] : [],
    interest: interest ? { amount: amount(interest, currency) } : null,
    recovery: one.recovery ? { state: "OPEN" } : null,
    sequence: 1,
  });
  for (const line of lines) {
    const of = { order_id, line_id: line.id, purchased: line.of };
    add("refund.refund_item", { ...of, from_unit: 0, quantity: line.units, refund_id, amount_minor: line.minor });
    add("refund.refund_line", { ...of, refunded_units: line.units, paid_minor: line.paid, refunded_minor: line.minor });
  }
  const journal = (kind: string, source: string, debit: string, credit: string, minor: number) => {
    const journal_id = `jnl_${id}_${kind}_${source}`;
    add("refund.ledger_journal", { journal_id, refund_id, kind, source, create_time });
    const entry = { journal_id, refund_id, currency, create_time };
    add("refund.ledger_entry", { ...entry, entry_id: `${journal_id}_debit`, account: debit, amount_minor: minor });
    add("refund.ledger_entry", { ...entry, entry_id: `${journal_id}_credit`, account: credit, amount_minor: -minor });
  };
  journal("GRANT", "refund", "sales_returns:l-1", "refunds_payable", total);
  for (const share of all) addShare(share, { refund_id, currency, customer_id: `c_${id}`, journal, add });
  if (one.coupon)
    add("partners.coupon_return", {
      key: `key_${id}_coupon`,
      customer_id: `c_${id}`,
      coupon_id: one.coupon,
      order_id,
      restored: true,
      create_time,
    });
}

type Around = {
  readonly refund_id: string;
  readonly currency: string;
  readonly customer_id: string;
  readonly journal: (kind: string, source: string, debit: string, credit: string, minor: number) => void;
  readonly add: Add;
};

function addShare(share: Share, { refund_id, currency, customer_id, journal, add }: Around): void {
  const { key, payment, minor, route = "ORIGINAL", state = "SUCCEEDED", provider } = share;
  const of = { currency, amount_minor: minor };
  add("refund.tender", { provider_key: key, refund_id, payment_id: payment, route, state, ...of });
  const stored = route === "POINTS" || route === "STORE_CREDIT";
  for (const [kind, suffix] of share.journals ?? (state === "SUCCEEDED" ? [["PAY", ""] as const] : [])) {
    const manual = suffix !== "";
    const account = `${manual ? "manual" : stored ? "stored_value" : "psp"}:${payment}`;
    if (kind === "REVERSE") journal(kind, key + suffix, account, "refunds_payable", minor);
    else journal(kind, key + suffix, "refunds_payable", account, minor);
  }
  const payment_id = route === "BANK_TRANSFER" ? "" : payment;
  const kind = route === "BANK_TRANSFER" ? "PAYOUT" : "REFUND";
  const provider_refund_id = `prf_${key}`;
  if (provider)
    add("partners.provider_refund", {
      key,
      provider_refund_id,
      payment_id,
      ...of,
      create_time: ago(49),
      kind,
      state: provider,
    });
  if (provider === "SUCCEEDED" || provider === "REVERSED")
    add("partners.statement_line", lineRow(key, kind, payment_id, currency, minor));
  if (provider === "REVERSED") add("partners.statement_line", lineRow(key, "REVERSAL", payment_id, currency, minor));
  if (stored) {
    const moved = {
      kind: payment === "interest" ? "GRANT" : "RESTORE",
      asked_points: 0,
      points: 0,
      create_time: ago(49),
    };
    add("partners.movement", { movement_id: `mov_${key}`, key, customer_id, reference: payment, ...of, ...moved });
  }
}

function lineRow(key: string, kind: string, payment_id: string, currency: string, amount_minor: number): Row {
  const line_id = `sln_${key}_${kind}`;
  return {
    line_id,
    kind,
    payment_id,
    provider_refund_id: `prf_${key}`,
    key,
    currency,
    amount_minor,
    book_time: ago(49),
  };
}

function brokenRow(state: string, reference: string, find_time: string): Row {
  const words = { kind: "ORPHAN", text: "x", owner: "FINANCE", explanation: "", seen_run: "run_1" };
  return { break_id: `brk_${reference}`, state, refund_id: "", reference, find_time, ...words };
}

function addGoods({ id, market = "GB", lines = [] }: Case, goods: NonNullable<Case["goods"]>, add: Add): void {
  const { trigger, collection, flags = {}, state = "OPEN", received, judged, rejected = 0 } = goods;
  const resolution_id = `res_${id}`;
  const inspected = judged !== undefined;
  const acceptedOf = (n: number, units: number) => (n === 0 ? (goods.accepted ?? units) : units);
  add("resolution.resolution", {
    resolution_id,
    order_id: `o_${id}`,
    customer_id: `c_${id}`,
    market,
    kind: "RETURN",
    channel: "APP",
    state,
    lines: lines.map((line, n) => ({
      lineId: line.id,
      quantity: line.units,
      accepted: inspected ? acceptedOf(n, line.units) : 0,
      rejected: inspected && n === 0 ? rejected : 0,
      missing: 0,
    })),
    terms: { trigger, collection, inspection: trigger !== "ON_RECEIPT" },
    decision: "\\x",
    chart: { machine: "1", value: {}, context: { stopped: false, lost: false, guaranteeDue: false, ...flags } },
    collection_id: "",
    inspection_id: "",
    refund_id: `rfd_${id}`,
    stock_hold_id: "",
    deadlines: [],
    entries: 1,
    on_hold: false,
    create_time: ago(90),
    update_time: ago(50),
    version: 1,
  });
  if (!collection) return;
  add("inspection.inspection", {
    inspection_id: `ins_${id}`,
    resolution_id,
    order_id: `o_${id}`,
    market,
    state: inspected ? "INSPECTED" : received ? "REGISTERED" : "EXPECTED",
    expected: [],
    findings: inspected
      ? lines.map((line, n) => ({ lineId: line.id, quantity: acceptedOf(n, line.units), verdict: "ACCEPTED" }))
      : [],
    receive_time: received === undefined ? null : ago(received),
    complete_time: judged === undefined ? null : ago(judged),
    inspector: "",
    send_back_tracking_number: "",
    attention: [],
    create_time: ago(90),
    queue_place: id,
    version: 1,
  });
}
