// The rpcs of backhaul.resolution.v1.GuestService. Those that strangers call answer the same, and do the same, whether there
// is such an order or not.
import { GuestServiceService as methods } from "#gen/backhaul/resolution/v1/guest_service.js";
import { byRequest, type Spend } from "#kit/aggregate.js";
import type { Clock } from "#kit/clock.js";
import type { GuestTokens } from "#kit/guestTokens.js";
import { newId } from "#kit/ids.js";
import { check } from "#kit/pure/check.js";
import type { Handlers } from "#kit/server.js";
import { askedFor, type GuestCode, type GuestSession, plainContact, tried } from "./core/guestCode.js";
import type { GuestSecrets } from "./guestSecrets.js";
import { codeWrong, type GuestStore } from "./guestStore.js";

export type GuestParts = {
  readonly guests: GuestStore;
  readonly secrets: GuestSecrets;
  readonly tokens: GuestTokens;
  /** Codes asked for per hour: for one order, and by one contact. */
  readonly codesPerHour: number;
  /** The same from one address; as often again may be tried from it. */
  readonly codesPerNetwork: number;
  readonly clock: Clock;
  /** Codes and sessions last as long for everybody, whatever the sandbox's clock says. */
  readonly realClock: Clock;
};

/** The step that finds out whether the contact is the order's, and sends the code. */
export const codeStep = "guest.code";

export function guestRpc(parts: GuestParts): Handlers<typeof methods> {
  const { guests, secrets, tokens, codesPerHour, codesPerNetwork, clock, realClock } = parts;

  return {
    async requestGuestCode(request, call) {
      const { requestId, orderId } = request;
      const contact = plainContact(request.contact);
      const limits = new Map([
        [`order ${secrets.sealed("order", orderId)}`, codesPerHour],
        [`contact ${secrets.sealed("contact", contact)}`, codesPerHour],
        [`address ${call.caller.subject}`, codesPerNetwork],
      ]);
      // Sent again it asks for nothing more: its id is spent, whatever else is in it.
      const named = secrets.sealed("request", `${call.caller.subject} ${requestId}`);
      await guests.count(limits, realClock.now(), named);
      const next = askedFor(secrets.idOf(orderId, contact), orderId, realClock.now());
      const asked = { requestId, orderId, contact: secrets.sealed("contact", contact) };
      const spend = byRequest(methods.requestGuestCode, asked, call, (code: GuestCode) => ({
        expireTime: code.expires,
      }));
      const steps = [{ step: codeStep, due: clock.now(), payload: { orderId, contact, expires: next.expires } }];
      return guests.ask(spend, { next, steps });
    },

    async exchangeGuestCode(request, call) {
      const { requestId, orderId, code } = request;
      const contact = plainContact(request.contact);
      const limits = new Map([[`tries ${call.caller.subject}`, 2 * codesPerNetwork]]);
      await guests.count(limits, realClock.now());
      const asked = {
        requestId,
        orderId,
        contact: secrets.sealed("contact", contact),
        code: secrets.sealed("told", code),
      };
      const { token } = byRequest(methods.exchangeGuestCode, asked, call, () => ({
        token: "",
        expireTime: undefined,
      }));
      let session: GuestSession | undefined;
      // The session is kept, not its token: that is signed anew for who asks again.
      const spend: Spend<GuestCode, GuestSession | undefined> = {
        token,
        answer: () => session,
        keep: (kept) => Buffer.from(JSON.stringify(kept ?? null)),
        recall: (kept) => {
          call.recalled?.();
          return readSession(kept);
        },
      };
      const opened = await guests.change(secrets.idOf(orderId, contact), spend, (known) => {
        const outcome = tried(known, secrets.fits(known, code), realClock.now(), newId("gss"));
        session = outcome.session;
        return outcome;
      });
      // The try is counted and kept by now.
      if (!opened) throw codeWrong();
      return { token: await tokens.sign(opened), expireTime: opened.expires };
    },

    async endGuestSessions({ orderId }, { caller }) {
      const reached = caller.role !== "GUEST" || caller.orderId === orderId;
      check(reached, "ORDER_NOT_FOUND", `no order ${orderId}`, { order_id: orderId });
      return { ended: await guests.endAll(orderId, realClock.now()) };
    },

    getGuestSession: async ({ sessionId }) => ({ live: await guests.isLive(sessionId, realClock.now()) }),
  };
}

function readSession(kept: Buffer): GuestSession | undefined {
  const session = JSON.parse(kept.toString());
  return session ? { ...session, expires: new Date(session.expires) } : undefined;
}
