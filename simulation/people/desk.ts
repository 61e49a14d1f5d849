// What happens to an order besides its customer's requests: goodwill of an agent, a bank's dispute.
import type { Order } from "#gen/backhaul/partner/order/v1/order_service.js";
import { RefundServiceService } from "#gen/backhaul/refund/v1/refund_service.js";
import { fromProto, toProto } from "#kit/pure/money.js";
import type { MoneyBooks } from "../outside/money.js";
import type { World } from "../world/types.js";
import { insist, letGo } from "./person.js";

const hour = 3_600_000;

export function attend(world: World, books: MoneyBooks, { orderId, payments }: Order): void {
  const { schedule } = world;
  const chance = schedule.chance(`desk/${orderId}`);
  const [first] = payments;
  if (!first?.captured) return;
  const captured = fromProto(first.captured);
  if (chance.percent(20)) {
    const amount = toProto({ ...captured, minor: (captured.minor / 1_000n) * 100n });
    const request = { requestId: `goodwill-${orderId}`, orderId, amount, reason: "DELIVERY_LATE", note: "" };
    const agent = world.network.as({ subject: "alice", role: "AGENT", via: "" })(RefundServiceService);
    schedule.after(chance.between(hour, 300 * hour), () =>
      letGo(
        world,
        "goodwill",
        insist(world, `goodwill for ${orderId}`, () => agent.grantGoodwill(request)),
      ),
    );
  }
  if (chance.percent(10)) {
    const lost = chance.percent(50) ? (captured.minor / 200n) * 100n : 0n;
    const days = chance.between(1, 9);
    schedule.after(chance.between(hour, 300 * hour), () => books.dispute(first.paymentId, lost, days));
  }
}
