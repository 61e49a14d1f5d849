// What goes back past the payment of the order: to the receiver of a gift, or because it is not what was paid for the line.
// The refund service cannot pay it, so finance does, and books it with SettleGiftRefund.
import { format, type Money } from "#kit/pure/money.js";
import { type Context, isPaidByHand } from "./context2.js";
import { dueOf, keepsReplacement } from "./difference.js";
import { paidUnits } from "./lines.js";
import type { Resolution } from "./types.js";
import { worthOf } from "./worth.js";

/** Whether a person pays what goes back. */
export function goesByHand({ chart }: Resolution): boolean {
  return isPaidByHand(chart.context as Partial<Context>);
}

/** What there is to pay, as far as it is known here. */
export function byHandText(r: Resolution): string {
  return `${owedText(r)}: pay it by hand, and book what was paid (SettleGiftRefund)`;
}

function owedText(r: Resolution): string {
  const { exchange, origin, terms } = r;
  const due = exchange && dueOf(exchange);
  if (keepsReplacement(r) && due)
    return `the replacement went out, and ${text({ ...due, minor: -due.minor })} more was paid than it costs`;
  const worth = worthOf(r.lines, paidUnits(r));
  const fees = terms.fees.map(({ code, amount }) => `${code} ${text(amount)}`).join(", ");
  const goods = worth
    ? `${text(worth)} was paid for the replacement that comes back, not what the order says`
    : origin.gift
      ? "a gift comes back, and its receiver is owed what was paid for it"
      : "what was paid for the goods is owed";
  const demands = (exchange?.received ?? []).map(({ amount }) => text(amount)).join(" and ");
  const received = demands && `, and ${demands} that was paid as a price difference`;
  return `${goods}${received}${fees && ` (less ${fees})`}`;
}

function text(amount: Money): string {
  return format(amount, "en");
}
