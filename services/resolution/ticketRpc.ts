// The rpcs of backhaul.resolution.v1.DeskTicketService, and the calls to the ticket system that follow from them.
import { type Ticket, type TicketServiceService, TicketState } from "#gen/backhaul/partner/ticket/v1/ticket_service.js";
import {
  CaseTicket as CaseTicketMessage,
  CaseTicketState,
  DeskTicketServiceService as methods,
} from "#gen/backhaul/resolution/v1/desk_ticket_service.js";
import type { StepHandler } from "#kit/agenda.js";
import { byRequest, byStep } from "#kit/aggregate.js";
import type { ClientOf } from "#kit/client.js";
import type { Clock } from "#kit/clock.js";
import { newId } from "#kit/ids.js";
import type { Handlers } from "#kit/server.js";
import { words } from "#kit/words.js";
import { itemsOf } from "./core/attention.js";
import { type CaseTicket, opened, refusedTicket, type Told, told, unheard } from "./core/ticket.js";
import type { Store } from "./store.js";
import type { Tickets } from "./ticketStore.js";

export type TicketParts = {
  readonly store: Store;
  readonly tickets: Tickets;
  readonly ticketSystem: ClientOf<typeof TicketServiceService>;
  readonly clock: Clock;
};

const states = words(CaseTicketState, "CASE_TICKET_STATE_");
const theirs = words(TicketState, "TICKET_STATE_");

export function openTicketWork({ store, tickets, ticketSystem, clock }: TicketParts) {
  const answer = (ticket: CaseTicket): { ticket: CaseTicketMessage | undefined } => ({ ticket: toMessage(ticket) });

  const rpc: Handlers<typeof methods> = {
    async openCaseTicket(request, call) {
      const { resolutionId, subject } = request;
      const spend = byRequest(methods.openCaseTicket, request, call, answer);
      const found = await tickets.orRecall(spend, () => store.find(resolutionId));
      if ("recalled" in found) return found.recalled;
      const shown = itemsOf(found.hold).map(({ reason }) => reason);
      const text = request.text || shown.join("\n");
      const now = clock.now();
      const ticketId = newId("tkt");
      const ticket = {
        ticketId,
        resolutionId,
        customerId: found.customerId,
        subject,
        text,
        opener: call.caller.subject,
        openTime: now,
        updateTime: now,
      };
      return tickets.create(spend, () => opened(ticket, found.orderId));
    },

    async listCaseTickets({ resolutionId, ...page }) {
      await store.find(resolutionId);
      const { rows, nextPageToken } = await tickets.list(resolutionId, page);
      return { tickets: rows.map(toMessage), nextPageToken };
    },
  };

  const steps: Readonly<Record<string, StepHandler>> = {
    "ticket.open": {
      run: async (step, call) => {
        const { ticket } = await ticketSystem.openTicket(step.payload, call);
        await tickets.change(step.aggregateId, byStep(step), (before) => told(before, read(ticket), clock.now()));
      },
      giveUp: async (step, error) => {
        const why = error.message;
        await tickets.change(step.aggregateId, byStep(step), (before) => refusedTicket(before, why, clock.now()));
      },
    },
    "ticket.look": {
      run: async (step, call) => {
        const { ticket } = await ticketSystem.getTicket(step.payload, call);
        await tickets.change(step.aggregateId, byStep(step), (before) => told(before, read(ticket), clock.now()));
      },
      giveUp: async (step) => {
        await tickets.change(step.aggregateId, byStep(step), (before) => unheard(before, clock.now()));
      },
    },
  };
  return { rpc, steps };
}

/** @throws RangeError if the ticket system answers without a ticket, which breaks its contract: it is asked again */
function read(ticket: Ticket | undefined): Told {
  if (!ticket?.updateTime) throw new RangeError("the ticket system told no ticket");
  const { ticketId, answer, updateTime } = ticket;
  return { partnerTicketId: ticketId, state: theirs.word(ticket.state) ?? "OPEN", answer, updateTime };
}

function toMessage({ state, version: _, customerId: _whose, ...ticket }: CaseTicket): CaseTicketMessage {
  return CaseTicketMessage.fromPartial({ ...ticket, state: states.value(state) });
}
