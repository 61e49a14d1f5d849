/** The mesh's answers in JSON, as far as the replay reads them, and what each of its requests came to. */
import { currency } from "./plan.js";

export interface JsonMoney {
  currencyCode: string;
  /** Whole units, as text: JSON numbers would lose digits. */
  units: string;
  nanos: number;
}

export interface JsonLine {
  lineId: string;
  quantity: number;
  accepted: number;
}

export interface JsonResolution {
  resolutionId: string;
  orderId: string;
  state: string;
  goods: string;
  money: string;
  onHold: boolean;
  holdReason: string;
  lines: JsonLine[];
  decision?: {
    lines: { lineId: string; verdict: string; ruleId: string }[];
    terms?: { fees: { code: string; amount: JsonMoney }[] };
  };
  deadlines: { step: string; dueTime: string }[];
}

export interface JsonRefund {
  refundId: string;
  resolutionId: string;
  orderId: string;
  state: string;
  quote: { amount: JsonMoney; fees: { amount: JsonMoney }[]; items: { lineId: string; quantity: number }[] };
}

/** What a request came to. */
export type Answer =
  | { kind: "accepted"; resolution: JsonResolution }
  | { kind: "declined"; ruleId: string }
  | { kind: "refused"; reason: string }
  | { kind: "none"; problem: string };

/** Reads the resolution that a request was answered with. */
export function answerOf(resolution: JsonResolution): Answer {
  if (resolution.state !== "RESOLUTION_STATE_DECLINED") return { kind: "accepted", resolution };
  const lines = resolution.decision?.lines ?? [];
  const line = lines.find(({ verdict }) => verdict === "VERDICT_DECLINE") ?? lines[0];
  return { kind: "declined", ruleId: line?.ruleId || "declined by a person" };
}

/** Lines the mesh took back: where it declined some of a request, not all. */
export function grantedLines(resolution: JsonResolution): JsonLine[] {
  const declined = new Set<string>();
  for (const { lineId, verdict } of resolution.decision?.lines ?? []) {
    if (verdict === "VERDICT_DECLINE") declined.add(lineId);
  }
  return resolution.lines.filter(({ lineId }) => !declined.has(lineId));
}

/** Pence. @throws Error for money of another currency: the record knows pounds only */
export function penceOf(money: JsonMoney | undefined): bigint {
  if (!money) return 0n;
  if (money.currencyCode !== currency) throw new Error(`money in ${money.currencyCode} where ${currency} was to be`);
  return BigInt(money.units) * 100n + BigInt(Math.round(money.nanos / 10_000_000));
}
