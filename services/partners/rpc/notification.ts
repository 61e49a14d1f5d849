// The system that talks to customers: here it only remembers what it would have said.
import { NotificationServiceService } from "#gen/backhaul/partner/notification/v1/notification_service.js";
import type { Clock } from "#kit/clock.js";
import { newId } from "#kit/ids.js";
import type { Partner } from "../played.js";
import type { Store } from "../store/store.js";

export function notificationPartner(store: Store, clock: Clock): Partner<typeof NotificationServiceService> {
  return {
    sendNotification: {
      about: async ({ resolutionId }) => (await store.dock.orderOf(resolutionId)) ?? resolutionId,
      answer: async (request, call) => {
        const { requestId: _, ...told } = request;
        const notificationId = newId("ntf");
        const notice = { ...told, notificationId, sendTime: clock.now() };
        const asked = store.asked(NotificationServiceService.sendNotification, request, call);
        return store.notices.send(asked, { notificationId }, notice);
      },
    },
  };
}
