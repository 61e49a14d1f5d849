/**
 * What a replay found, as text for a terminal of 100 columns and as a plain object for --json. Pure: the replay counts,
 * this lays out.
 */
import type { RecordCounts } from "./history.js";
import type { MatchCounts } from "./match.js";

export interface RecordTally {
  lines: number;
  invoices: number;
  plainInvoices: number;
  cancellationInvoices: number;
  adjustmentInvoices: number;
  sales: number;
  orders: number;
  namedLines: number;
  matched: number;
  unknown: number;
  over: number;
}

/** One currency's money, in its minor unit. Refunded is what goes to the customer, after fees. */
export interface MoneyTally {
  requestedMinor: bigint;
  refundedMinor: bigint;
  feesMinor: bigint;
}

export interface Check {
  name: string;
  ok: boolean;
  detail: string;
}

export interface ReplayTally {
  /** The file's name, for the heading. */
  source: string;
  /** Days as asked for with --from and --to. */
  from?: string;
  to?: string;
  /** What to know beside the numbers: how times were moved, what the record does not say. */
  notes?: string[];
  /** The whole record was played: the reference numbers stand beside what was read. */
  whole: boolean;
  record: RecordTally;
  requests: {
    sent: number;
    accepted: number;
    /** Declined by policy: rule id → requests. */
    declined: Record<string, number>;
    /** Refused as impossible: error reason → requests. */
    refused: Record<string, number>;
  };
  /** How the accepted requests stand at the end → requests. */
  ends?: Record<string, number>;
  units: { requested: number; accepted: number; refunded: number };
  /** By ISO 4217 code. */
  money: Record<string, MoneyTally>;
  checks: Check[];
}

/** What the whole UCI file holds; a reader that finds other numbers reads it wrongly. */
export const reference: RecordTally = {
  lines: 541_909,
  invoices: 25_900,
  plainInvoices: 22_061,
  cancellationInvoices: 3_836,
  adjustmentInvoices: 3,
  sales: 19_959,
  orders: 19_773,
  namedLines: 8_539,
  matched: 7_432,
  unknown: 1_031,
  over: 76,
};

const recordRows: [keyof RecordTally, string][] = [
  ["lines", "lines"],
  ["invoices", "invoices"],
  ["plainInvoices", "  plain"],
  ["cancellationInvoices", "  cancellations (C)"],
  ["adjustmentInvoices", "  bad-debt adjustments (A)"],
  ["sales", "sales, fees included"],
  ["orders", "  with goods: become orders"],
  ["namedLines", "cancelled goods lines naming a customer"],
  ["matched", "  matched to a purchase"],
  ["unknown", "  unknown: no such purchase before"],
  ["over", "  over: more than was left"],
];

const width = 100;
const columnWidth = 16;

export function recordTally(record: RecordCounts, match: MatchCounts): RecordTally {
  const { lines, invoices, plainInvoices, cancellationInvoices, adjustmentInvoices, sales, orders } = record;
  const { matched, unknown, over } = match.kinds;
  const read = { lines, invoices, plainInvoices, cancellationInvoices, adjustmentInvoices, sales, orders };
  return { ...read, namedLines: match.lines, matched, unknown, over };
}

/** The report as text, without colour and without a final line feed. */
export function renderReport(tally: ReplayTally): string {
  return [heading(tally), recordPart(tally), requestPart(tally), moneyPart(tally), checkPart(tally.checks)]
    .map((lines) => lines.map((line) => line.trimEnd()).join("\n"))
    .join("\n\n");
}

/** The report as JSON-safe data: money as decimal text, so that no reader takes it for a float. */
export function reportObject(tally: ReplayTally): Record<string, unknown> {
  const money = Object.entries(tally.money).map(([currency, { requestedMinor, refundedMinor, feesMinor }]) => {
    const text = (minor: bigint) => decimal(minor, currency);
    return [currency, { requested: text(requestedMinor), refunded: text(refundedMinor), fees: text(feesMinor) }];
  });
  return {
    ...tally,
    ...(tally.whole ? { reference } : {}),
    money: Object.fromEntries(money),
    ok: tally.checks.every((check) => check.ok),
  };
}

function heading({ source, from, to, notes = [] }: ReplayTally): string[] {
  const days = from === undefined && to === undefined ? "" : ` · ${from ?? "first day"} to ${to ?? "last day"}`;
  return [
    ...wrap(`Replay of the Online Retail record · ${source}${days}`, 0),
    "═".repeat(width),
    ...notes.flatMap((note) => wrap(note, 2)),
  ];
}

function recordPart({ record, whole }: ReplayTally): string[] {
  const rows = recordRows.map(([key, label]) => {
    const cells = [number(record[key])];
    if (whole) cells.push(number(reference[key]), record[key] === reference[key] ? "same" : "DIFFERS");
    return row(label, cells);
  });
  return [...title("The record", whole ? ["read", "reference", ""] : ["read"]), ...rows];
}

function requestPart({ requests, units, ends = {} }: ReplayTally): string[] {
  const { sent, accepted, declined, refused } = requests;
  const unanswered = sent - accepted - sum(declined) - sum(refused);
  const line = (label: string, count: number) => row(label, [number(count), share(count, sent)]);
  const group = (label: string, counts: Record<string, number>) => [
    line(label, sum(counts)),
    ...ranked(counts).map(([id, count]) => line(`  ${id}`, count)),
  ];
  return [
    ...title("The requests", ["requests", "share"]),
    line("sent", sent),
    line("accepted", accepted),
    ...ranked(ends).map(([end, count]) => line(`  ${end}`, count)),
    ...group("declined, by rule", declined),
    ...group("refused, by reason", refused),
    ...(unanswered === 0 ? [] : [line("NOT ANSWERED", unanswered)]),
    "",
    ...title("The units", ["units", "share"]),
    row("requested", [number(units.requested), share(units.requested, units.requested)]),
    row("accepted", [number(units.accepted), share(units.accepted, units.requested)]),
    row("refunded", [number(units.refunded), share(units.refunded, units.requested)]),
  ];
}

function moneyPart({ money }: ReplayTally): string[] {
  const rows = Object.entries(money)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([currency, { requestedMinor, refundedMinor, feesMinor }]) => {
      const cells = [requestedMinor, refundedMinor, feesMinor].map((minor) => moneyText(minor, currency));
      return row(currency, cells);
    });
  return [
    ...title("The money", ["requested", "refunded", "fees kept"]),
    ...(rows.length > 0 ? rows : ["  none moved"]),
  ];
}

function checkPart(checks: Check[]): string[] {
  const held = checks.filter((check) => check.ok).length;
  const lines = checks.flatMap(({ name, ok, detail }) => {
    const first = `  ${ok ? "ok  " : "FAIL"}  ${name}`;
    return detail === "" ? [first] : [first, ...wrap(detail, 8)];
  });
  const verdict = held === checks.length ? "all hold" : `${checks.length - held} failed`;
  return [...title("The checks", [`${held} of ${checks.length}`]), ...lines, "", `${checks.length} checks: ${verdict}`];
}

function title(text: string, cells: string[]): string[] {
  return [cellsAfter(text, cells), "─".repeat(width)];
}

function row(label: string, cells: string[]): string {
  return cellsAfter(`  ${label}`, cells);
}

/** Numbers stand in columns from the right edge; a label too long for its place pushes them on rather than be cut. */
function cellsAfter(label: string, cells: string[]): string {
  return label.padEnd(width - 3 * columnWidth) + cells.map((cell) => cell.padStart(columnWidth)).join("");
}

/** Breaks at blanks so that no line is longer than the page, unless one word is. */
function wrap(text: string, indent: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/\s+/)) {
    if (line !== "" && indent + line.length + 1 + word.length > width) {
      lines.push(line);
      line = "";
    }
    line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line].map((each) => " ".repeat(indent) + each);
}

function number(value: number): string {
  return value.toLocaleString("en-GB");
}

function share(part: number, whole: number): string {
  return whole === 0 ? "–" : `${((100 * part) / whole).toFixed(1)} %`;
}

function sum(counts: Record<string, number>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}

/** Most frequent first, then by name, so that two runs print the same. */
function ranked(counts: Record<string, number>): [string, number][] {
  return Object.entries(counts).sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
}

/** £1,234.56; Intl takes the decimal text exactly, however long it is. */
function moneyText(minor: bigint, currency: string): string {
  return formatOf(currency).format(decimal(minor, currency) as `${number}`);
}

function decimal(minor: bigint, currency: string): string {
  const places = formatOf(currency).resolvedOptions().maximumFractionDigits ?? 2;
  const digits = (minor < 0n ? -minor : minor).toString().padStart(places + 1, "0");
  const whole = digits.slice(0, digits.length - places);
  const fraction = places === 0 ? "" : `.${digits.slice(-places)}`;
  return `${minor < 0n ? "-" : ""}${whole}${fraction}`;
}

function formatOf(currency: string): Intl.NumberFormat {
  return new Intl.NumberFormat("en-GB", { style: "currency", currency });
}
