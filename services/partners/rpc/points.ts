// The system that keeps points, store credit and gift cards.
import type { Movement, PointsServiceService } from "#gen/backhaul/partner/points/v1/points_service.js";
import type { Clock } from "#kit/clock.js";
import { DomainError } from "#kit/pure/check.js";
import { toProto } from "#kit/pure/money.js";
import type { Partner } from "../played.js";
import type { BookedMovement } from "../store/points.js";
import type { Store } from "../store/store.js";
import { aboveZero } from "./amounts.js";

export function pointsPartner({ points, payments, orders }: Store, clock: Clock): Partner<typeof PointsServiceService> {
  const orderOf = async (paymentId: string) => (await payments.orderOf(paymentId)) ?? paymentId;

  return {
    restorePoints: {
      about: ({ paymentId }) => orderOf(paymentId),
      answer: async ({ key, customerId, paymentId, amount }) => {
        const movement = { key, customerId, reference: paymentId };
        return { movement: toMessage(await points.restore(movement, aboveZero(amount), clock.now())) };
      },
    },

    revokePoints: {
      about: ({ orderId }) => orderId,
      answer: async ({ key, customerId, orderId, points: asked }) => {
        if (!(await orders.isOf(orderId, customerId))) {
          const message = `${customerId} has no order ${orderId}`;
          throw new DomainError("PARTNER_NOT_FOUND", message, { partner: "points", id: orderId });
        }
        const movement = { key, customerId, reference: orderId };
        return { movement: toMessage(await points.revoke(movement, asked, clock.now())) };
      },
    },

    grantCredit: {
      about: ({ reference }) => reference,
      answer: async ({ amount, ...movement }) => ({
        movement: toMessage(await points.grant(movement, aboveZero(amount), clock.now())),
      }),
    },

    findMovement: {
      about: async ({ key }) => {
        const movement = await points.find(key);
        return movement ? orderOf(movement.reference) : key;
      },
      answer: async ({ key }) => {
        const movement = await points.find(key);
        return { found: movement !== undefined, movement: movement && toMessage(movement) };
      },
    },
  };
}

function toMessage({ amount, askedPoints: _asked, ...movement }: BookedMovement): Movement {
  return { ...movement, amount: amount && toProto(amount) };
}
