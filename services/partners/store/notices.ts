// What customers were told.
import type { PrismaClient } from "#gen/prisma/partners/client.js";
import { type Asked, once } from "./once.js";

/** A message to send. */
export type NewNotice = {
  readonly notificationId: string;
  readonly resolutionId: string;
  readonly customerId: string;
  readonly template: string;
  readonly values: Readonly<Record<string, string>>;
  readonly channel: string;
  readonly language: string;
  readonly subject: string;
  readonly body: string;
  readonly sendTime: Date;
};

/** $4 the answer, $5 … the message. */
const send = once(
  "notice.send",
  `INSERT INTO notification (notification_id, resolution_id, customer_id, template, "values", send_time, channel,
     language, subject, body)
   SELECT $5::text, $6::text, $7::text, $8::text, $9::jsonb, $10::timestamptz, $11::text, $12::text, $13::text, $14::text
   FROM fresh
   RETURNING notification_id AS id, $4::bytea AS response`,
);

/** Opens the notices. */
export function openNotices(prisma: PrismaClient) {
  return {
    send: async <R>(request: Asked<R>, answer: R, notice: NewNotice): Promise<R> => {
      const { notificationId, resolutionId, customerId, template, values, sendTime } = notice;
      const words = [notice.channel, notice.language, notice.subject, notice.body];
      const row = [notificationId, resolutionId, customerId, template, JSON.stringify(values), sendTime, ...words];
      return ((await request.answer(send, [request.bytes(answer), ...row])) as { answer: R }).answer;
    },

    /** Oldest first. */
    list: (resolutionId: string) =>
      prisma.notification.findMany({ where: { resolutionId }, orderBy: { notificationId: "asc" } }),
  };
}
