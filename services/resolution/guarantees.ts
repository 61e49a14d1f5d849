// What the payment provider is asked about the guarantee of a replacement that goes out first.
import { AuthorizationState, type PaymentServiceService } from "#gen/backhaul/partner/payment/v1/payment_service.js";
import type { RefundLine, RefundServiceService } from "#gen/backhaul/refund/v1/refund_service.js";
import type { Call } from "#kit/call.js";
import type { ClientOf } from "#kit/client.js";
import { RpcError } from "#kit/errors.js";
import { fromProto, type Money, min, toProto } from "#kit/pure/money.js";
import type { Scene } from "./core/advance.js";
import type { SetAside } from "./core/guarantee.js";
import { guaranteeGone, guaranteeTaken } from "./core/guaranteed.js";
import type { Outcome, Resolution } from "./core/types.js";
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
  readonly lines: RefundLine[];
};
type Owed = {
  readonly orderId: string;
  readonly authorizationId: string;
  readonly limit: { readonly currency: string; readonly minor: string };
  readonly lines: RefundLine[];
};

/** Sets aside what was paid for the goods that are to come; the provider's word where it cannot be. */
export async function setAside(
  parts: Parts,
  asked: Asked,
  call: Call,
): Promise<SetAside | { readonly refused: string }> {
  const { requestId, orderId, customerId, expires, lines } = asked;
  const amount = await paidFor(parts, orderId, lines, call);
  // Nothing was paid for them, so nothing is owed for them.
  if (!amount || amount.minor <= 0n) return { refused: "NOTHING_PAID" };
  const wanted = { requestId, orderId, customerId, amount: toProto(amount), expireTime: new Date(expires) };
  try {
    const answer = await parts.payment.authorize(wanted, call);
    if (answer.state !== AuthorizationState.AUTHORIZATION_STATE_AUTHORIZED) return { refused: answer.code };
    return { authorizationId: answer.authorizationId, amount, expires: answer.expireTime ?? wanted.expireTime };
  } catch (error) {
    if (error instanceof RpcError && error.reason === "PARTNER_REFUSED")
      return { refused: String(error.metadata.code) };
    throw error;
  }
}

/** Takes the share of what did not come back. */
export async function takeShare(
  parts: Parts,
  { orderId, authorizationId, limit, lines }: Owed,
  call: Call,
): Promise<Decide> {
  const most: Money = { currency: limit.currency, minor: BigInt(limit.minor) };
  const share = (await paidFor(parts, orderId, lines, call)) ?? most;
  const amount = toProto(min(share, most));
  const { state, captured } = await parts.payment.captureAuthorization({ authorizationId, amount }, call);
  if (state !== AuthorizationState.AUTHORIZATION_STATE_CAPTURED || !captured) return guaranteeGone;
  return (r, scene) => guaranteeTaken(r, fromProto(captured), scene);
}
