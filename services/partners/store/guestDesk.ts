// The contacts that orders were placed with, and the codes that were sent to them.

import type { PrismaClient } from "#gen/prisma/partners/client.js";
import { failpoint } from "#kit/failpoint.js";
import { type Asked, once } from "./once.js";

/** A code to send. */
export type NewGuestCode = {
  readonly notificationId: string;
  readonly orderId: string;
  readonly contact: string;
  readonly code: string;
  readonly sendTime: Date;
};

/** $4 the answer, $5 … the code. */
const send = once(
  "guestCode.send",
  `INSERT INTO sent_guest_code (notification_id, order_id, contact, code, send_time)
   SELECT $5::text, $6::text, $7::text, $8::text, $9::timestamptz FROM fresh
   RETURNING notification_id AS id, $4::bytea AS response`,
);

export function openGuestDesk(prisma: PrismaClient) {
  return {
    /** Undefined where nothing was said of the order. */
    contacts: async (orderId: string): Promise<readonly string[] | undefined> =>
      (await prisma.orderContacts.findUnique({ where: { orderId } }))?.contacts,

    setContacts: async (orderId: string, contacts: string[]): Promise<void> => {
      failpoint("write", "guestDesk.setContacts", "before");
      await prisma.orderContacts.upsert({
        where: { orderId },
        create: { orderId, contacts },
        update: { contacts },
      });
      failpoint("write", "guestDesk.setContacts", "after");
    },

    send: async <R>(request: Asked<R>, answer: R, sent: NewGuestCode): Promise<R> => {
      const { notificationId, orderId, contact, code, sendTime } = sent;
      const row = [notificationId, orderId, contact, code, sendTime];
      return ((await request.answer(send, [request.bytes(answer), ...row])) as { answer: R }).answer;
    },

    /** Oldest first. */
    codes: (orderId: string) =>
      prisma.sentGuestCode.findMany({ where: { orderId }, orderBy: { notificationId: "asc" } }),
  };
}
