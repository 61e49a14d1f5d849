// What the outside systems know of guests: the order system their contacts, the one that talks to customers their codes,
// and the operator both.
import {
  type GuestCodeServiceService,
  GuestCodeServiceService as messages,
} from "#gen/backhaul/partner/notification/v1/guest_code_service.js";
import type { ContactServiceService } from "#gen/backhaul/partner/order/v1/contact_service.js";
import type { GuestDeskServiceService } from "#gen/backhaul/sandbox/v1/guest_desk_service.js";
import type { Clock } from "#kit/clock.js";
import { newId } from "#kit/ids.js";
import { DomainError } from "#kit/pure/check.js";
import type { Handlers } from "#kit/server.js";
import type { Partner } from "../played.js";
import type { Store } from "../store/store.js";

const about = ({ orderId }: { orderId: string }) => orderId;
const unmatched = { matched: false, customerId: "" };

export function contactPartner({ orders, guestDesk }: Store): Partner<typeof ContactServiceService> {
  return {
    matchContact: {
      about,
      answer: async ({ orderId, contact }) => {
        const customerId = await customerOf(orderId);
        if (customerId === undefined) return unmatched;
        const contacts = (await guestDesk.contacts(orderId)) ?? [`${customerId}@example.com`.toLowerCase()];
        return contacts.includes(contact) ? { matched: true, customerId } : unmatched;
      },
    },
  };

  async function customerOf(orderId: string): Promise<string | undefined> {
    try {
      return (await orders.find(orderId)).order.customerId;
    } catch (error) {
      if (error instanceof DomainError && error.reason === "ORDER_NOT_FOUND") return undefined;
      throw error;
    }
  }
}

export function guestCodePartner(store: Store, clock: Clock): Partner<typeof GuestCodeServiceService> {
  return {
    sendGuestCode: {
      about,
      answer: async (request, call) => {
        const { orderId, contact, code } = request;
        const notificationId = newId("ntf");
        const asked = store.asked(messages.sendGuestCode, request, call);
        return store.guestDesk.send(
          asked,
          { notificationId },
          { notificationId, orderId, contact, code, sendTime: clock.now() },
        );
      },
    },
  };
}

export function guestDeskRpc({ guestDesk }: Store): Handlers<typeof GuestDeskServiceService> {
  return {
    async setOrderContacts({ orderId, contacts }) {
      await guestDesk.setContacts(orderId, contacts);
      return {};
    },
    async listGuestCodes({ orderId }) {
      const codes = await guestDesk.codes(orderId);
      return { codes: codes.map(({ contact, code, sendTime }) => ({ contact, code, sendTime })) };
    },
  };
}
