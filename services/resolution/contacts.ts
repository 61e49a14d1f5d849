// Finds requests by a customer's telephone number or e-mail address, without keeping either: a contact is kept as an HMAC
// of its normal form, under a key of its own. The order system has the contacts; they are asked for after the request has
// been answered, and again until it tells.
import { createHmac } from "node:crypto";
import type { OrderServiceService } from "#gen/backhaul/partner/order/v1/order_service.js";
import { ownCall } from "#kit/call.js";
import type { ClientOf } from "#kit/client.js";
import { RpcError } from "#kit/errors.js";
import type { Log } from "#kit/log.js";
import type { Database, Statement } from "#kit/postgres.js";
import { normalEmail, normalPhone, numberedMarkets } from "./core/contact.js";

/** An order whose contact it is, and its customer: what they asked for is found by both. */
export type Reached = { readonly orderId: string; readonly customerId: string };

/** The blind index of contacts. */
export type Contacts = ReturnType<typeof openContacts>;

const found = (column: "phone_hash" | "email_hash"): Statement => ({
  name: `contact.by.${column}`,
  text: `SELECT order_id AS "orderId", customer_id AS "customerId" FROM contact WHERE ${column} = $1
    ORDER BY order_id DESC LIMIT $2`,
});
const byPhone = found("phone_hash");
const byEmail = found("email_hash");
/** Who claims an order has a minute to ask about it; then others do. */
const claim: Statement = {
  name: "contact.claim",
  text: `UPDATE contact SET try_time = now() + interval '1 minute' WHERE order_id IN (
      SELECT order_id FROM contact WHERE learn_time IS NULL AND try_time <= now()
      ORDER BY try_time LIMIT $1 FOR UPDATE SKIP LOCKED)
    RETURNING order_id AS "orderId", market`,
};
const learned: Statement = {
  name: "contact.learned",
  text: `UPDATE contact SET phone_hash = n.phone, email_hash = n.email, learn_time = now()
    FROM unnest($1::text[], $2::text[], $3::text[]) AS n(order_id, phone, email)
    WHERE contact.order_id = n.order_id AND contact.learn_time IS NULL`,
};

const listMax = 200;
const batch = 50;
const pollMs = 1_000;

/** Opens the index on the service's schema. */
export function openContacts(db: Database, key: Buffer) {
  const blind = (kind: string, normal: string | undefined): string | undefined =>
    normal === undefined ? undefined : createHmac("sha256", key).update(`${kind}/${normal}`).digest("base64url");

  return {
    /** What a number is kept as; undefined for what is no number. One without a country code is the market's. */
    phoneHash: (phone: string, market: string): string | undefined => blind("phone", normalPhone(phone, market)),
    /** What a number may be kept as: of its market, or of each one if none is named; none for what is no number. */
    phoneHashes: (phone: string, market: string): string[] => {
      const normal = (market === "" ? numberedMarkets : [market]).flatMap((one) => normalPhone(phone, one) ?? []);
      return [...new Set(normal)].flatMap((one) => blind("phone", one) ?? []);
    },
    emailHash: (email: string): string | undefined => blind("email", normalEmail(email)),

    /** Orders that were placed with the number; the latest ids first, 200 at most. */
    findByPhone: (hash: string): Promise<Reached[]> => db.query<Reached>(byPhone, [hash, listMax]),
    findByEmail: (hash: string): Promise<Reached[]> => db.query<Reached>(byEmail, [hash, listMax]),

    /** Orders whose contact nobody has learned yet; they are the caller's for a minute. */
    claim: (): Promise<{ orderId: string; market: string }[]> => db.query(claim, [batch]),
    learned: async (of: readonly { orderId: string; phone: string | undefined; email: string | undefined }[]) => {
      const column = (name: "orderId" | "phone" | "email") => of.map((one) => one[name] ?? null);
      await db.query(learned, [column("orderId"), column("phone"), column("email")]);
    },
  };
}

/** Learns contacts in the background, a batch at a time. `stop` waits for the one under way. */
export function learnContacts(
  contacts: Contacts,
  orders: ClientOf<typeof OrderServiceService>,
  log: Log,
): { stop(): Promise<void> } {
  const call = ownCall("resolution");
  let learning: Promise<void> | undefined;

  async function ask({ orderId, market }: { orderId: string; market: string }) {
    try {
      const { order } = await orders.getOrder({ orderId }, call);
      const { phone = "", email = "" } = order?.contact ?? {};
      return { orderId, phone: contacts.phoneHash(phone, market), email: contacts.emailHash(email) };
    } catch (error) {
      // An order that is gone has no contact; a system that is away is asked again in a minute.
      if (error instanceof RpcError && !error.retryable) return { orderId, phone: undefined, email: undefined };
      throw error;
    }
  }

  async function learn(): Promise<void> {
    const claimed = await contacts.claim();
    const answers = await Promise.allSettled(claimed.map(ask));
    const told = answers.flatMap((answer) => (answer.status === "fulfilled" ? [answer.value] : []));
    if (told.length > 0) await contacts.learned(told);
    if (told.length < claimed.length) log.info({ orders: claimed.length - told.length }, "contacts not learned yet");
  }

  const timer = setInterval(() => {
    learning ??= learn()
      .catch((error) => log.debug({ error }, "contacts not readable"))
      .finally(() => {
        learning = undefined;
      });
  }, pollMs);
  return {
    stop: async () => {
      clearInterval(timer);
      await learning;
    },
  };
}
