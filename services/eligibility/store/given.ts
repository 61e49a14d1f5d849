// Decisions as rows hold them, read to be judged again. Times in jsonb are text, and rows of before know less.
import { Decision } from "#gen/backhaul/eligibility/v1/decision.js";
import { toJson } from "#kit/json.js";
import type { Given, GivenAnswer } from "../core/again.js";
import type { Seen } from "../core/decide.js";
import type { LineView } from "../core/facts.js";
import type { Times } from "../core/periods.js";
import { answersOf, chargedOf, toGiven } from "../labProto.js";

/** What a decision answered, in brief: all that a replay reads of it besides what was seen. */
export function briefOf(decision: Decision): string {
  const { currencyCode: currency } = decision;
  return toJson({ currency, charged: chargedOf(decision), lines: answersOf(decision) } satisfies Brief);
}

type Brief = { readonly currency: string; readonly charged: number; readonly lines: readonly GivenAnswer[] };
/** As JSON holds it: undefined is absent, a time is text. */
type Kept<T> = { readonly [K in keyof T]: Date extends T[K] ? Exclude<T[K], Date> | string : T[K] };
type KeptAnswer = Kept<GivenAnswer>;
type KeptSeen = Omit<Seen, "times" | "at"> & { readonly times: Kept<Times>; readonly at: string };
/** Of before times, quantity and worth were kept; the facts since then were as they are filled in here. */
type OldSeen = { readonly view: LineView; readonly start?: string };

/** A row that is judged again; the message comes along only where there is no brief. */
export type GivenRow = {
  readonly decision_id: string;
  readonly order_id: string;
  readonly create_time: Date;
  readonly seen: readonly (KeptSeen | OldSeen)[];
  readonly answer: (Omit<Brief, "lines"> & { readonly lines: readonly KeptAnswer[] }) | null;
  readonly body: Buffer | null;
};

export function givenOf({ decision_id, order_id, create_time, seen, answer, body }: GivenRow): Given {
  if (answer === null) {
    const decision = Decision.decode(body as Buffer);
    return toGiven(decision, seenOf(seen, decision));
  }
  const lines = answer.lines.map((line, nth) => ({
    verdict: line.verdict,
    rule: line.rule,
    end: dateOf(line.end),
    separated: line.separated,
    carried: line.carried,
    seen: revive(seen[nth] as KeptSeen),
  }));
  const { currency, charged } = answer;
  return { decisionId: decision_id, orderId: order_id, time: create_time, currency, charged, lines };
}

/** What was seen of a decision's lines, from the row's jsonb and the message. */
export function seenOf(kept: GivenRow["seen"], decision: Decision): Seen[] {
  return kept.map((each, nth) => {
    if ("times" in each) return revive(each);
    const { lineId = "", quantity = 0 } = decision.lines[nth] ?? {};
    const purchased = decision.facts.find((facts) => facts.lineId === lineId)?.purchased || quantity;
    const view = { ...unsaid, ...plainOf(each.view), ...each.view };
    const times = { start: dateOf(each.start), known: undefined, notice: "WITH_ORDER" as const };
    const told = { tier: view.tier, itemClass: "" };
    return {
      view,
      times,
      told,
      at: decision.createTime ?? new Date(0),
      lineId,
      quantity,
      askedMinor: Math.floor((view.line_minor * quantity) / purchased),
    };
  });
}

/** Of before it was told how often goods were exchanged. */
const unsaid = { exchanged: 0 };

/** Facts that were not looked at yet, as they are of a line of which nothing particular is known. */
function plainOf({ seller_type }: LineView): Pick<LineView, "item_class" | "fulfilment" | "listed"> {
  return { item_class: "NONE", fulfilment: seller_type === "MARKETPLACE" ? "SELLER" : "OWN", listed: "NONE" };
}

function revive({ times: { start, known, notice }, at, ...seen }: KeptSeen): Seen {
  const told = notice === "WITH_ORDER" || notice === "NEVER" ? notice : new Date(notice);
  const view = { ...unsaid, ...seen.view };
  return { ...seen, view, at: new Date(at), times: { start: dateOf(start), known: dateOf(known), notice: told } };
}

function dateOf(text: string | undefined): Date | undefined {
  return text === undefined ? undefined : new Date(text);
}
