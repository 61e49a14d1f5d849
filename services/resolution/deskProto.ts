// Between the back office's messages and the core's words.
import {
  Assignment as AssignmentMessage,
  DeskCase,
  DeskFilter,
  DeskOrder,
  type NoteAttachment,
  Note as NoteMessage,
  Queue as QueueMessage,
} from "#gen/backhaul/resolution/v1/desk.js";
import { type RoleWord, roles } from "#kit/contracts.js";
import { InvalidRequest } from "#kit/errors.js";
import { words } from "#kit/words.js";
import type { Contacts } from "./contacts.js";
import type { Assignment } from "./core/assignment.js";
import { itemsOf } from "./core/attention.js";
import type { Case, CaseFilter, CaseOrder, Queue } from "./core/case.js";
import type { Note } from "./core/note.js";
import { kinds, states, trackValues } from "./proto.js";

const orders = words(DeskOrder, "DESK_ORDER_");

export function toOrder(order: DeskOrder): CaseOrder {
  return orders.word(order) ?? "NEWEST";
}

/**
 * What is set of it, and may be kept; a filter that says nothing is none.
 * @throws InvalidRequest for a contact, which is not kept
 */
export function toFilter(message: DeskFilter | undefined): CaseFilter {
  const description = "is looked up, and never kept";
  const contacts = (["phone", "email"] as const).filter((name) => (message?.[name] ?? "") !== "");
  if (contacts.length > 0) throw new InvalidRequest(contacts.map((name) => ({ field: `filter.${name}`, description })));
  return filterOf(message);
}

/** The same for a search at once, contacts as what they are looked up by. @throws InvalidRequest for what is none */
export function toSearch(
  message: DeskFilter | undefined,
  { phoneHashes, emailHash }: Pick<Contacts, "phoneHashes" | "emailHash">,
): CaseFilter {
  const { phone = "", email = "", market = "" } = message ?? {};
  const numbers = phone === "" ? undefined : phoneHashes(phone, market);
  const address = email === "" ? undefined : emailHash(email);
  const violations = [
    ...(numbers?.length === 0 ? [{ field: "filter.phone", description: "is no telephone number" }] : []),
    ...(email !== "" && !address ? [{ field: "filter.email", description: "is no e-mail address" }] : []),
  ];
  if (violations.length > 0) throw new InvalidRequest(violations);
  return { ...filterOf(message), ...(numbers && { phoneHashes: numbers }), ...(address && { emailHash: address }) };
}

function filterOf(message: DeskFilter | undefined): CaseFilter {
  if (!message) return {};
  const { kinds: asked, states: wanted, phone: _phone, email: _email, ...rest } = message;
  const said = Object.entries(rest).filter(([, value]) => value !== "" && value !== false && value !== undefined);
  return {
    ...Object.fromEntries(said),
    ...(asked.length > 0 && { kinds: asked.flatMap((kind) => kinds.word(kind) ?? []) }),
    ...(wanted.length > 0 && { states: wanted.flatMap((state) => states.word(state) ?? []) }),
  };
}

export function fromFilter({
  kinds: asked = [],
  states: wanted = [],
  movedBefore: _,
  phoneHashes: _phones,
  emailHash: _email,
  ...rest
}: CaseFilter): DeskFilter {
  return DeskFilter.fromPartial({
    ...rest,
    kinds: asked.map((kind) => kinds.value(kind)),
    states: wanted.map((state) => states.value(state)),
  });
}

export function toDeskCase({ tracks, hold, heldBack, kind, state, reasons, ...row }: Case): DeskCase {
  return DeskCase.fromPartial({
    ...row,
    kind: kinds.value(kind),
    state: states.value(state),
    ...trackValues(tracks),
    reasons: [...reasons],
    staffHold: heldBack && { holder: heldBack.by, reason: heldBack.reason, untilTime: new Date(heldBack.until) },
    onHold: hold !== undefined,
    holdReason: itemsOf(hold)
      .map(({ reason }) => reason)
      .join("; "),
  });
}

export function toAssignment({ version, customerId: _, ...rest }: Assignment): AssignmentMessage {
  return AssignmentMessage.fromPartial({ ...rest, sequence: version });
}

export function toNote({ author, attachments, customerId: _, ...note }: Note): NoteMessage {
  return NoteMessage.fromPartial({
    ...note,
    attachments: attachments.map((one) => ({ ...one })),
    author: author.subject,
    authorRole: roles.value(author.role as RoleWord),
  });
}

export function readAttachments(attachments: readonly NoteAttachment[]) {
  return attachments.map(({ mediaId, sha256 }) => ({ mediaId, sha256 }));
}

export function toQueueMessage({ filter, order, ...queue }: Queue): QueueMessage {
  return QueueMessage.fromPartial({ ...queue, filter: fromFilter(filter), order: orders.value(order) });
}

/** A queue as it shall be; `version` is the one that was read. */
export function readQueue(message: QueueMessage, version: number, editor: string, now: Date): Queue {
  const { queueId, title, slaMinutes, closed } = message;
  return {
    queueId,
    title,
    slaMinutes,
    closed,
    filter: toFilter(message.filter),
    order: toOrder(message.order),
    version: version + 1,
    editor,
    updateTime: now,
  };
}
