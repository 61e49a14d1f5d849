// The rpcs of backhaul.resolution.v1.DeskService: how the back office finds its work and shares it out.
import { type Assignment as AssignmentMessage, Queue as QueueMessage } from "#gen/backhaul/resolution/v1/desk.js";
import { DeskServiceService as methods } from "#gen/backhaul/resolution/v1/desk_service.js";
import { byRequest, type UnaryMethod } from "#kit/aggregate.js";
import type { Call } from "#kit/call.js";
import type { Clock } from "#kit/clock.js";
import { newId } from "#kit/ids.js";
import { sequenceAfter } from "#kit/pages.js";
import { DomainError } from "#kit/pure/check.js";
import type { Handlers } from "#kit/server.js";
import type { Assignments } from "./assignmentStore.js";
import type { Cases } from "./caseStore.js";
import type { Contacts } from "./contacts.js";
import * as assignment from "./core/assignment.js";
import { late, type Queue, waiting } from "./core/case.js";
import { type Note, revised } from "./core/note.js";
import * as proto from "./deskProto.js";
import { assertKept, type MediaClient } from "./media.js";
import type { Notes } from "./noteStore.js";
import type { Queues } from "./queueStore.js";

export type DeskParts = {
  readonly cases: Cases;
  readonly contacts: Pick<Contacts, "phoneHashes" | "emailHash">;
  readonly assignments: Assignments;
  readonly notes: Notes;
  readonly queues: Queues;
  readonly media: MediaClient;
  readonly clock: Clock;
};

type Assigned = { assignment: AssignmentMessage | undefined };

/** So many of a queue's first are looked at together, in case that others take them meanwhile. */
const reach = 20;
const rounds = 10;

export function deskRpc({
  cases,
  contacts,
  assignments,
  notes,
  queues,
  media,
  clock,
}: DeskParts): Handlers<typeof methods> {
  const handing = ({ caller }: Call, reason: string): assignment.Handing => {
    return { by: { subject: caller.subject, role: caller.role }, at: clock.now(), reason };
  };
  const assigned = (one: assignment.Assignment): Assigned => ({ assignment: proto.toAssignment(one) });
  const noted = (note: Note) => ({ note: proto.toNote(note) });
  const queued = (queue: Queue) => ({ queue: proto.toQueueMessage(queue) });

  /** One change of hands; the same request again gets its first answer. */
  function handed<Q extends { requestId: string; resolutionId: string; reason: string }>(
    method: UnaryMethod<Q, Assigned>,
    request: Q,
    call: Call,
    decide: (before: assignment.Assignment, handing: assignment.Handing) => assignment.Assignment,
  ) {
    const by = handing(call, request.reason);
    return assignments.change(request.resolutionId, byRequest(method, request, call, assigned), (before) =>
      decide(before, by),
    );
  }

  async function openQueue(queueId: string): Promise<Queue> {
    const queue = await queues.find(queueId);
    if (queue.closed) throw new DomainError("QUEUE_NOT_FOUND", `queue ${queueId} is closed`, { queue_id: queueId });
    return queue;
  }

  return {
    async searchCases({ filter, order, ...page }) {
      const found = await cases.search(proto.toSearch(filter, contacts), proto.toOrder(order), page, clock.now());
      return { cases: found.rows.map(proto.toDeskCase), nextPageToken: found.nextPageToken };
    },

    async getCase({ resolutionId }) {
      return { case: proto.toDeskCase(await cases.find(resolutionId)) };
    },

    assignCase: (request, call) =>
      handed(methods.assignCase, request, call, (before, by) => assignment.assign(before, request.assignee, by)),
    unassignCase: (request, call) => handed(methods.unassignCase, request, call, assignment.unassign),
    handOverCase: (request, call) =>
      handed(methods.handOverCase, request, call, (before, by) => assignment.handOver(before, request.assignee, by)),

    async listAssignments({ resolutionId, pageSize, pageToken }) {
      await cases.find(resolutionId);
      const size = pageSize || 50;
      const rows = await assignments.list(resolutionId, sequenceAfter(pageToken), size + 1);
      const page = rows.slice(0, size);
      const nextPageToken = rows.length > size ? String(page.at(-1)?.version) : "";
      return { assignments: page.map(proto.toAssignment), nextPageToken };
    },

    async takeNext(request, call) {
      const { queueId } = request;
      const spend = byRequest(methods.takeNext, request, call, assigned);
      const by = handing(call, "");
      for (let round = 0; round < rounds; round++) {
        const first = await assignments.orRecall(spend, async () => {
          const queue = await openQueue(queueId);
          const page = { pageSize: reach, pageToken: "" };
          const { rows } = await cases.search(waiting(queue), queue.order, page, clock.now());
          if (rows.length === 0)
            throw new DomainError("QUEUE_EMPTY", `nothing waits in ${queueId}`, { queue_id: queueId });
          return rows;
        });
        if ("recalled" in first) return first.recalled;
        for (const { resolutionId } of first) {
          try {
            return await assignments.change(resolutionId, spend, (before) => assignment.takeFrom(before, queueId, by));
          } catch (error) {
            // Somebody was faster: the next in line.
            if (!(error instanceof DomainError) || error.reason !== "ASSIGNED_TO_OTHER") throw error;
          }
        }
      }
      throw new DomainError("CONTENTION", "others keep taking what comes first; try again", {});
    },

    async writeNote(request, call) {
      const spend = byRequest(methods.writeNote, request, call, noted);
      const { resolutionId, text } = request;
      const attachments = proto.readAttachments(request.attachments);
      const checked = await notes.orRecall(spend, async () => {
        const { customerId } = await cases.find(resolutionId);
        await assertKept(media, attachments, call);
        return { customerId };
      });
      if ("recalled" in checked) return checked.recalled;
      const { customerId } = checked;
      const { by, at } = handing(call, "");
      return notes.create(spend, () => {
        return {
          noteId: newId("nte"),
          version: 1,
          resolutionId,
          customerId,
          text,
          attachments,
          author: by,
          writeTime: at,
        };
      });
    },

    async reviseNote(request, call) {
      const spend = byRequest(methods.reviseNote, request, call, noted);
      const attachments = proto.readAttachments(request.attachments);
      const checked = await notes.orRecall(spend, async () => {
        await assertKept(media, attachments, call);
        return {};
      });
      if ("recalled" in checked) return checked.recalled;
      const { by, at } = handing(call, "");
      const written = { text: request.text, attachments, author: by, writeTime: at };
      return notes.change(request.noteId, spend, (before) => revised(before, request.version, written));
    },

    async listNotes({ resolutionId, everyVersion, ...page }) {
      await cases.find(resolutionId);
      const { rows, nextPageToken } = await notes.list(resolutionId, everyVersion, page);
      return { notes: rows.map(proto.toNote), nextPageToken };
    },

    async putQueue(request, call) {
      const spend = byRequest(methods.putQueue, request, call, queued);
      const asked = request.queue ?? QueueMessage.fromPartial({});
      const queue = proto.readQueue(asked, request.version, call.caller.subject, clock.now());
      return request.version === 0 ? queues.create(spend, queue) : queues.change(spend, queue);
    },

    async listQueues(page) {
      const { rows, nextPageToken } = await queues.list(page);
      return { queues: rows.map(proto.toQueueMessage), nextPageToken };
    },

    async listQueuedCases({ queueId, late: onlyLate, ...page }) {
      const queue = await queues.find(queueId);
      const now = clock.now();
      const filter = onlyLate ? late(queue, now) : waiting(queue);
      if (!filter) return { cases: [], nextPageToken: "" };
      const { rows, nextPageToken } = await cases.search(filter, queue.order, page, now);
      return { cases: rows.map(proto.toDeskCase), nextPageToken };
    },
  };
}
