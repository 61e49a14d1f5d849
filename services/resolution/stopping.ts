// What the shipment system answers when it is asked to stop what has not left, or to call back what has.
import { status } from "@grpc/grpc-js";
import {
  InterceptOutcome,
  type RequestInterceptRequest,
  type ShipmentServiceService,
  StopOutcome,
} from "#gen/backhaul/partner/shipment/v1/shipment_service.js";
import type { Call } from "#kit/call.js";
import type { ClientOf } from "#kit/client.js";
import { RpcError } from "#kit/errors.js";
import type { Scene } from "./core/advance.js";
import { type AskedStop, alreadyShipped, stopPending, stopped } from "./core/cancellation.js";
import type { Outcome, Resolution } from "./core/types.js";

/** What an answer to a stop does. An answer that says nothing is one that is still to come. */
export function stopAnswer(outcome: StopOutcome, stop: AskedStop): (r: Resolution, scene: Scene) => Outcome {
  if (outcome === StopOutcome.STOP_OUTCOME_STOPPED) return stopped;
  if (outcome === StopOutcome.STOP_OUTCOME_ALREADY_SHIPPED) return alreadyShipped;
  return (r, scene) => stopPending(r, stop, scene);
}

/** Whether the carrier brings it back. A shipment system that cannot ask has as good as refused. */
export async function turnsRound(
  { shipment }: { readonly shipment: ClientOf<typeof ShipmentServiceService> },
  request: RequestInterceptRequest,
  call: Call,
): Promise<boolean> {
  try {
    const { outcome } = await shipment.requestIntercept(request, call);
    return outcome === InterceptOutcome.INTERCEPT_OUTCOME_INTERCEPTED;
  } catch (error) {
    if (error instanceof RpcError && error.code === status.UNIMPLEMENTED) return false;
    throw error;
  }
}
