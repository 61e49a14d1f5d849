// The rpcs of backhaul.sandbox.v1.SandboxService: bulk import, and the outside systems' own books.
import {
  DisposedTotal,
  type MoveProviderRequest,
  type SandboxServiceService,
} from "#gen/backhaul/sandbox/v1/sandbox_service.js";
import type { Clock } from "#kit/clock.js";
import { InvalidRequest } from "#kit/errors.js";
import { violated } from "#kit/postgres.js";
import { DomainError } from "#kit/pure/check.js";
import { fromProto, toProto } from "#kit/pure/money.js";
import type { Handlers } from "#kit/server.js";
import { type Calendars, publish } from "../calendars.js";
import type { ParcelState } from "../core/parcel.js";
import type { Paced } from "../pace.js";
import type { NewOrder } from "../store/orders.js";
import type { Store } from "../store/store.js";
import { noDemand } from "./demands.js";
import { dispositions } from "./inventory.js";
import { toProviderRefund } from "./payment.js";

type DispositionWord = Parameters<typeof dispositions.value>[0];

export function sandboxRpc(
  store: Store,
  moveParcel: (resolutionId: string) => Promise<ParcelState>,
  moveProvider: (request: MoveProviderRequest) => Promise<void>,
  calendars: Calendars,
  clock: Clock,
  pace: Paced,
): Handlers<typeof SandboxServiceService> {
  return {
    async importOrders({ orders }) {
      try {
        return { imported: await store.orders.import(orders as NewOrder[]) };
      } catch (error) {
        const name = { payment_pkey: "payment_id", tax_document_pkey: "tax_document.number" }[violated(error) ?? ""];
        if (!name) throw error;
        throw new InvalidRequest([{ field: "orders", description: `a ${name} belongs to another order already` }]);
      }
    },

    async importMasterData({ products, members }) {
      const known = products.map((product) => ({ ...product, temperature: product.temperature || "AMBIENT" }));
      const wrong = known.findIndex(({ stock }) => stock < 0);
      if (wrong >= 0)
        throw new InvalidRequest([{ field: `products[${wrong}].stock`, description: "must be 0 or more" }]);
      await store.master.save(known, members);
      const priced = products.flatMap(({ sku, price }) => (price ? [[sku, fromProto(price)] as const] : []));
      await store.prices.save(new Map(priced));
      return {};
    },

    async listProviderRefunds({ orderId }) {
      return { refunds: (await store.payments.refundsOf(orderId)).map(toProviderRefund) };
    },

    async getBooks() {
      const { refunded, overRefundedPayments, orders, disposed } = await store.books();
      return {
        refunded: refunded.map(({ amount, refunds }) => ({ amount: toProto(amount), refunds })),
        overRefundedPayments,
        orders,
        disposed: disposed.map(({ disposition, units }) =>
          DisposedTotal.fromPartial({ disposition: dispositions.value(disposition as DispositionWord), units }),
        ),
      };
    },

    async listNotifications({ resolutionId }) {
      const notifications = await store.notices.list(resolutionId);
      return {
        notifications: notifications.map(({ notificationId: _, resolutionId: __, values: ___, ...sent }) => sent),
      };
    },

    async publishCalendar({ calendar }) {
      if (!calendar) throw new InvalidRequest([{ field: "calendar", description: "is missing" }]);
      publish(calendars, calendar);
      await store.calendars.save(calendar);
      return {};
    },

    async shipOrder({ orderId }) {
      await store.orders.find(orderId);
      const now = clock.now();
      return { shipped: await store.releases.ship(orderId, now, new Date(now.getTime() + pace.now().transitMs)) };
    },

    async payDemand({ demandId }) {
      const now = clock.now();
      const paymentId = await store.demands.pay(demandId, now);
      if (paymentId) return { paymentId };
      const demand = await store.demands.find(demandId, now);
      if (!demand) throw noDemand(demandId);
      if (demand.state === "PAID") return { paymentId: demand.paymentId };
      const message = `${demandId} is ${demand.state}: it cannot be paid`;
      throw new DomainError("PARTNER_REFUSED", message, { partner: "payment", code: demand.state });
    },

    async moveParcel({ resolutionId }) {
      return { state: await moveParcel(resolutionId) };
    },

    async moveProvider(request) {
      await moveProvider(request);
      return {};
    },
  };
}
