// Decisions asked for by nobody's customer: for a seller who cancels, for a carrier who brings back what nobody asked for.
import { createHash } from "node:crypto";
import { Decision } from "#gen/backhaul/eligibility/v1/decision.js";
import type { EligibilityServiceService } from "#gen/backhaul/eligibility/v1/eligibility_service.js";
import type { Kind } from "#gen/backhaul/type/v1/kind.js";
import { principal } from "#kit/access.js";
import { asService, type Call } from "#kit/call.js";
import type { ClientOf } from "#kit/client.js";

/** Units of lines, judged for one reason. */
export type Judged = {
  readonly requestId: string;
  readonly orderId: string;
  readonly kind: Kind;
  readonly reason: string;
  readonly lines: readonly { readonly lineId: string; readonly quantity: number }[];
};

/** The policy's answer, asked for as a service. Whose request it is stays in the id, so that two callers never share one. */
export async function decided(
  eligibility: ClientOf<typeof EligibilityServiceService>,
  { requestId, orderId, kind, reason, lines }: Judged,
  call: Call,
): Promise<Decision> {
  const whose = createHash("sha256")
    .update(`${principal(call.caller)}|${requestId}`)
    .digest("hex")
    .slice(0, 40);
  const asked = lines.map(({ lineId, quantity }) => {
    return { lineId, quantity, reason, note: "", opened: false, replacementSku: "", discoverTime: undefined };
  });
  const request = { requestId: `behalf.${whose}`, orderId, kind, lines: asked };
  const { decision } = await eligibility.decideEligibility(request, asService("resolution", call));
  return decision ?? Decision.fromPartial({});
}
