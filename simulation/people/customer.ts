// A customer and their order: asks for one thing or two, and sometimes takes it back.
import type { Order } from "#gen/backhaul/partner/order/v1/order_service.js";
import { CreateResolutionRequest, ResolutionServiceService } from "#gen/backhaul/resolution/v1/resolution_service.js";
import { Kind } from "#gen/backhaul/type/v1/kind.js";
import type { Chance } from "../../prove/chance.js";
import type { World } from "../world/types.js";
import { insist, letGo } from "./person.js";

const hour = 3_600_000;

export function openCustomer(world: World, order: Order): void {
  const { schedule } = world;
  const { orderId, customerId } = order;
  const chance = schedule.chance(`story/${orderId}`);
  const own = world.network.as({ subject: customerId, role: "CUSTOMER", via: "" })(ResolutionServiceService);

  async function ask(nth: number): Promise<void> {
    const request = requestOf(order, nth, chance);
    if (request.lines.length === 0) return;
    const takesBack = chance.percent(18) ? chance.between(hour, 150 * hour) : undefined;
    const answer = await insist(world, `request ${nth} of ${orderId}`, () => own.createResolution(request));
    const resolutionId = answer?.resolution?.resolutionId;
    if (!resolutionId || takesBack === undefined) return;
    await new Promise<void>((resolve) => schedule.after(takesBack, resolve));
    const requestId = `${request.requestId}-back`;
    await insist(world, `taking ${resolutionId} back`, () => own.withdrawResolution({ requestId, resolutionId }));
  }

  const times = chance.between(1, 3);
  for (let nth = 1; nth <= times; nth++) {
    schedule.after(chance.between(hour, 250 * hour), () => letGo(world, "customer", ask(nth)));
  }
}

function requestOf({ orderId, lines }: Order, nth: number, chance: Chance): CreateResolutionRequest {
  const drawn = chance.below(100);
  const kind =
    drawn < 25
      ? Kind.KIND_CANCELLATION
      : drawn < 65
        ? Kind.KIND_RETURN
        : drawn < 85
          ? Kind.KIND_EXCHANGE
          : Kind.KIND_CLAIM;
  return CreateResolutionRequest.fromPartial({
    requestId: `ask-${orderId}-${nth}`,
    orderId,
    kind,
    onUnpaid: chance.between(1, 2),
    lines: lines
      .filter(() => chance.percent(45))
      .map(({ lineId, quantity }) => ({
        lineId,
        quantity: chance.between(1, Math.ceil(quantity / 2)),
        reason: "NO_LONGER_NEEDED",
      })),
  });
}
