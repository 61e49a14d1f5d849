// The system in which people ask each other for help: somebody looks at each ticket after an hour, and solves it in a day.
import { type Ticket, TicketServiceService, TicketState } from "#gen/backhaul/partner/ticket/v1/ticket_service.js";
import type { Clock } from "#kit/clock.js";
import { newId } from "#kit/ids.js";
import { DomainError } from "#kit/pure/check.js";
import type { Partner } from "../played.js";
import type { Store } from "../store/store.js";

const lookedAtMs = 3_600_000;
const solvedMs = 24 * 3_600_000;

export function ticketPartner(store: Store, clock: Clock): Partner<typeof TicketServiceService> {
  return {
    openTicket: {
      about: ({ orderId }) => orderId,
      answer: async (request, call) => {
        const { resolutionId, orderId, subject, text } = request;
        const ticketId = newId("hlp");
        const openTime = clock.now();
        const ticket = { ticketId, state: TicketState.TICKET_STATE_OPEN, answer: "", updateTime: openTime };
        const asked = store.asked(TicketServiceService.openTicket, request, call);
        return store.tickets.open(asked, { ticket }, { ticketId, resolutionId, orderId, subject, text, openTime });
      },
    },

    getTicket: {
      about: async ({ ticketId }) => (await store.tickets.find(ticketId))?.orderId ?? ticketId,
      answer: async ({ ticketId }) => {
        const opened = await store.tickets.find(ticketId);
        if (!opened) {
          throw new DomainError("PARTNER_NOT_FOUND", `no ticket ${ticketId}`, { partner: "ticket", id: ticketId });
        }
        return { ticket: asOf(ticketId, opened.openTime, clock.now()) };
      },
    },
  };
}

function asOf(ticketId: string, openTime: Date, now: Date): Ticket {
  const after = (ms: number) => new Date(openTime.getTime() + ms);
  const ticket = { ticketId, answer: "" };
  if (now >= after(solvedMs)) {
    const answer = "Seen to.";
    return { ticketId, state: TicketState.TICKET_STATE_SOLVED, answer, updateTime: after(solvedMs) };
  }
  if (now >= after(lookedAtMs)) {
    return { ...ticket, state: TicketState.TICKET_STATE_IN_PROGRESS, updateTime: after(lookedAtMs) };
  }
  return { ...ticket, state: TicketState.TICKET_STATE_OPEN, updateTime: openTime };
}
