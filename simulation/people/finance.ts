// Finance: looks at every refund that needs a person, some time after it began to. Looks into the provider's own book
// before anything is paid by hand, and pays only what the refund service has booked as theirs.
import { ProviderRefundState } from "#gen/backhaul/partner/payment/v1/payment_service.js";
import { RefundServiceService } from "#gen/backhaul/refund/v1/refund_service.js";
import type { RoleWord } from "#kit/contracts.js";
import type { Row } from "../database/table.js";
import type { MoneyBooks } from "../outside/money.js";
import type { World } from "../world/types.js";
import { insist, letGo } from "./person.js";

const hour = 3_600_000;
const needy: ReadonlySet<string> = new Set(["GRANTED", "HELD", "FAILED", "MANUAL_REQUIRED"]);

/** What a share is said to have been paid by where a person really paid. */
export const wire = "wire";

export function openFinance(world: World, books: MoneyBooks) {
  const { schedule } = world;
  const chance = schedule.chance("finance");
  const looking = new Set<string>();
  let acts = 0;

  function as(subject: string, role: RoleWord) {
    return world.network.as({ subject, role, via: "" })(RefundServiceService);
  }

  /** Called with every refund as it is committed. */
  function noticed({ refundId, state }: Row): void {
    if (!needy.has(state) || looking.has(refundId)) return;
    looking.add(refundId);
    schedule.after(chance.between(hour, 40 * hour), () => letGo(world, "finance", look(refundId)));
  }

  async function look(refundId: string): Promise<void> {
    const refund = world.schemas.refund?.table("refund").get(refundId);
    if (refund) await act(refund);
    looking.delete(refundId);
    const now = world.schemas.refund?.table("refund").get(refundId);
    if (now) noticed(now);
  }

  async function act({ refundId, state, origin, tenders }: Row): Promise<void> {
    const requestId = `finance-${++acts}`;
    const what = `${refundId} at ${state}`;
    const fiona = as("fiona", "FINANCE");
    if (state === "GRANTED" && tenders.some((t: Row) => t.state === "GRANTED")) {
      const request = { requestId, refundId };
      const declines = origin === "GOODWILL" && chance.percent(30);
      const lead = as("lena", "LEAD");
      await insist(world, what, () =>
        declines ? lead.declineRefund({ ...request, note: "no" }) : lead.approveRefund(request),
      );
    } else if (tenders.some((t: Row) => t.heldFor === "ACCOUNT")) {
      const account = { bankCode: "088", accountNumber: "110123456789", holderName: "Kim" };
      await insist(world, what, () => as("alice", "AGENT").setRefundAccount({ requestId, refundId, ...account }));
    } else if (state === "FAILED" || state === "MANUAL_REQUIRED") {
      const stuck = tenders.find((t: Row) => ["FAILED", "MANUAL_REQUIRED", "REVERSED"].includes(t.state));
      if (!stuck || (stuck.state === "FAILED" && chance.percent(60))) {
        await insist(world, what, () => fiona.retryRefund({ requestId, refundId }));
      } else await byHand(what, requestId, refundId, stuck);
    }
  }

  /** What the provider's book shows as paid is only noted; what is under way there is waited for. */
  async function byHand(what: string, requestId: string, refundId: string, { providerKey, paymentId, state }: Row) {
    const payout = books.payouts.findLast(({ key }) => key === providerKey);
    if (payout?.state === ProviderRefundState.PROVIDER_REFUND_STATE_PENDING) return;
    const isPaid = state !== "REVERSED" && payout?.state === ProviderRefundState.PROVIDER_REFUND_STATE_SUCCEEDED;
    const reference = isPaid || books.movements.has(providerKey) ? "in the provider's book" : wire;
    await insist(world, what, () =>
      as("fiona", "FINANCE").settleManually({ requestId, refundId, paymentId, reference, note: "" }),
    );
  }

  return { noticed };
}
