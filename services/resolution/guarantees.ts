// What the payment provider is asked about the guarantee of a replacement that goes out first.
import { AuthorizationState, type PaymentServiceService } from "#gen/backhaul/partner/payment/v1/payment_service.js";
import type { RefundLine, RefundServiceService } from "#gen/backhaul/refund/v1/refund_service.js";
import type { Call } from "#kit/call.js";
import type { ClientOf } from "#kit/client.js";
import { RpcError } from "#kit/errors.js";
import { fromProto, sum, toProto } from "#kit/pure/money.js";
import type { Scene } from "./core/advance.js";
import type { SetAside } from "./core/guarantee.js";
import { guaranteeGone, guaranteeNotOwed, guaranteeTaken, guaranteeTakenUnheard } from "./core/guaranteed.js";
import type { Outcome, Resolution, Worth } from "./core/types.js";
import { paidFor } from "./replacement.js";

type Decide = (r: Resolution, scene: Scene) => Outcome;
type Parts = {
  readonly payment: ClientOf<typeof PaymentServiceService>;
  readonly refund: ClientOf<typeof RefundServiceService>;
};
type Asked = {
  readonly requestId: string;
  readonly orderId: string;
  readonly customerId: string;
  readonly expires: string;
  readonly lines: (RefundLine & { readonly worth?: Worth })[];
};
type Owed = { readonly authorizationId: string; readonly currency: string; readonly minor: string };

/** Sets aside what was paid for the goods that are to come; the provider's word where it cannot be. */
export async function setAside(
  parts: Parts,
  asked: Asked,
  call: Call,
): Promise<SetAside | { readonly refused: string }> {
  const { requestId, orderId, customerId, expires, lines } = asked;
  const shares = await Promise.all(lines.map((line) => shareOf(parts, orderId, line, call)));
  const paid = shares.flatMap((share) => share ?? []);
  const currency = paid[0]?.currency ?? "";
  const amount = sum(paid, currency);
  // Nothing was paid for them, so nothing is owed for them.
  if (amount.minor <= 0n) return { refused: "NOTHING_PAID" };
  const wanted = { requestId, orderId, customerId, amount: toProto(amount), expireTime: new Date(expires) };
  try {
    const answer = await parts.payment.authorize(wanted, call);
    if (answer.state !== AuthorizationState.AUTHORIZATION_STATE_AUTHORIZED) return { refused: answer.code };
    const { authorizationId, expireTime: expires = wanted.expireTime } = answer;
    return { authorizationId, amount, expires, shares: paid.map(({ share }) => share) };
  } catch (error) {
    if (error instanceof RpcError && error.reason === "PARTNER_REFUSED")
      return { refused: String(error.metadata.code) };
    throw error;
  }
}

/** Takes what is owed. */
export async function takeShare(
  { payment }: Parts,
  { authorizationId, currency, minor }: Owed,
  call: Call,
): Promise<Decide> {
  if (BigInt(minor) <= 0n) return guaranteeNotOwed;
  const amount = toProto({ currency, minor: BigInt(minor) });
  const { state, captured } = await payment.captureAuthorization({ authorizationId, amount }, call);
  if (state !== AuthorizationState.AUTHORIZATION_STATE_CAPTURED || !captured) return guaranteeGone;
  return (r, scene) => guaranteeTaken(r, fromProto(captured), scene);
}

/** Lets an amount go. What was taken before is told: an answer to that may have been lost. */
export async function letGo(
  { payment }: Parts,
  { authorizationId }: { readonly authorizationId: string },
  call: Call,
): Promise<Decide | undefined> {
  const { state } = await payment.voidAuthorization({ authorizationId }, call);
  return state === AuthorizationState.AUTHORIZATION_STATE_CAPTURED ? guaranteeTakenUnheard : undefined;
}

/** What was paid for some units of a line; undefined where nothing is known of it. */
async function shareOf(parts: Parts, orderId: string, { worth, ...line }: Asked["lines"][number], call: Call) {
  const known = worth && { currency: worth.currency, minor: BigInt(worth.minor) };
  const paid = known ?? (await paidFor(parts, orderId, [line], call));
  const { lineId, quantity } = line;
  return paid && { ...paid, share: { lineId, quantity, minor: paid.minor.toString() } };
}
