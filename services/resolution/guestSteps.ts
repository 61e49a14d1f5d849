// What is done about a code after its request was answered: the order system says whether the contact is the order's, and
// only then anything is sent. A step that is done again sends a new code, and the one before opens nothing.
import type { GuestCodeServiceService } from "#gen/backhaul/partner/notification/v1/guest_code_service.js";
import type { ContactServiceService } from "#gen/backhaul/partner/order/v1/contact_service.js";
import type { Agenda, StepHandler } from "#kit/agenda.js";
import { byStep } from "#kit/aggregate.js";
import type { ClientOf } from "#kit/client.js";
import { type GuestCode, sent } from "./core/guestCode.js";
import { codeStep } from "./guestRpc.js";
import type { GuestSecrets } from "./guestSecrets.js";
import type { GuestStore } from "./guestStore.js";

export type GuestStepParts = {
  readonly guests: GuestStore;
  readonly secrets: GuestSecrets;
  readonly contacts: ClientOf<typeof ContactServiceService>;
  readonly messages: ClientOf<typeof GuestCodeServiceService>;
  readonly agenda: Agenda;
};

export function guestSteps({
  guests,
  secrets,
  contacts,
  messages,
  agenda,
}: GuestStepParts): Record<string, StepHandler> {
  return {
    [codeStep]: {
      run: async (step, call) => {
        const { orderId, hidden, expires } = step.payload;
        const contact = secrets.shown(step.aggregateId, hidden);
        const { matched, customerId } = await contacts.matchContact({ orderId, contact }, call);
        if (!matched) return agenda.finish(step);
        const code = secrets.newCode();
        const requestId = `${step.id}.${step.attempt}`;
        await messages.sendGuestCode({ requestId, orderId, contact, code, expireTime: new Date(expires) }, call);
        const hash = secrets.hashOf(step.aggregateId, code);
        await guests.change(step.aggregateId, byStep<GuestCode>(step), (known) => ({
          next: sent(known, customerId, hash),
        }));
      },
      // Whoever waits for a code asks for another.
      giveUp: async (step) => agenda.finish(step),
    },
  };
}
