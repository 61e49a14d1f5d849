// A ticket about a resolution: kept here first, handed to the ticket system, and looked at there until it is solved.
import type { Step } from "./types.js";

export type TicketState = "OPENING" | "OPEN" | "IN_PROGRESS" | "SOLVED" | "REFUSED";

export type CaseTicket = {
  readonly ticketId: string;
  readonly resolutionId: string;
  /** Whose resolution it is: with their key the ticket is read. */
  readonly customerId: string;
  /** Empty until the ticket system took it. */
  readonly partnerTicketId: string;
  readonly state: TicketState;
  readonly subject: string;
  readonly text: string;
  readonly answer: string;
  readonly opener: string;
  readonly openTime: Date;
  readonly updateTime: Date;
  readonly version: number;
};

/** How far the ticket system has it. */
export type Told = Pick<CaseTicket, "partnerTicketId" | "state" | "answer" | "updateTime">;

const lookMs = 3_600_000;

/** What a ticket comes to, and what is to be done about it next. */
export type TicketOutcome = { readonly next: CaseTicket; readonly steps: readonly Step[] };

/** A new ticket: the ticket system is asked at once. */
export function opened(ticket: Omit<CaseTicket, "state" | "partnerTicketId" | "answer" | "version">, orderId: string) {
  const next: CaseTicket = { ...ticket, state: "OPENING", partnerTicketId: "", answer: "", version: 1 };
  const { ticketId, resolutionId, subject, text, openTime } = ticket;
  const payload = { requestId: ticketId, resolutionId, orderId, subject, text };
  return { next, steps: [{ step: "ticket.open", due: openTime, payload }] };
}

/** What the ticket system says of it: it is looked at again until it is solved. */
export function told(before: CaseTicket, said: Told, now: Date): TicketOutcome {
  const next = { ...before, ...said, version: before.version + 1 };
  return { next, steps: said.state === "SOLVED" ? [] : [look(said.partnerTicketId, now)] };
}

/** It could not be asked for so long that it gave up: later, then. */
export function unheard(before: CaseTicket, now: Date): TicketOutcome {
  return { next: { ...before, version: before.version + 1 }, steps: [look(before.partnerTicketId, now)] };
}

/** The ticket system does not take it. */
export function refusedTicket(before: CaseTicket, why: string, now: Date): TicketOutcome {
  const next: CaseTicket = { ...before, state: "REFUSED", answer: why, updateTime: now, version: before.version + 1 };
  return { next, steps: [] };
}

function look(ticketId: string, now: Date): Step {
  return { step: "ticket.look", due: new Date(now.getTime() + lookMs), payload: { ticketId } };
}
