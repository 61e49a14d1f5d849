import assert from "node:assert/strict";
import { DomainError } from "#kit/pure/check.js";
import { type Assignment, assign, handOver, takeFrom, unassign } from "../core/assignment.js";
import { late, type Queue, waiting } from "../core/case.js";
import { type Note, revised } from "../core/note.js";

const at = new Date("2026-11-24T03:00:00.000Z");
const by = (subject: string, role = "AGENT") => ({ by: { subject, role }, at, reason: "" });
const case1 = (change: Partial<Assignment> = {}): Assignment => ({
  resolutionId: "res_1",
  customerId: "c-1",
  assignee: "",
  queueId: "",
  actor: "",
  reason: "",
  assignTime: undefined,
  version: 0,
  ...change,
});
const refused = (reason: string) => (error: unknown) => error instanceof DomainError && error.reason === reason;

describe("resolution: who of the back office has a case", () => {
  const hers = case1({ assignee: "alice", version: 1 });

  it("an agent takes what nobody has, for nobody else", () => {
    assert.equal(assign(case1(), "alice", by("alice")).assignee, "alice");
    assert.throws(() => assign(case1(), "bob", by("alice")), refused("ASSIGNED_TO_OTHER"));
    assert.equal(assign(case1(), "bob", by("lena", "LEAD")).assignee, "bob");
  });

  it("only whoever has it, or a lead, passes it on or puts it back", () => {
    assert.equal(handOver(hers, "bob", by("alice")).assignee, "bob");
    assert.equal(unassign(hers, by("lena", "LEAD")).assignee, "");
    assert.throws(() => unassign(hers, by("bob")), refused("ASSIGNED_TO_OTHER"));
    assert.throws(() => handOver(case1(), "bob", by("lena", "LEAD")), refused("ASSIGNED_TO_OTHER"));
  });

  it("whoever is slower at a queue gets nothing, not what the other got", () => {
    assert.throws(() => takeFrom(hers, "q", by("bob")), refused("ASSIGNED_TO_OTHER"));
    assert.deepEqual([takeFrom(case1(), "q", by("bob")).queueId, takeFrom(case1(), "q", by("bob")).version], ["q", 1]);
  });

  it("a queue holds what nobody has, and is late only where something is promised", () => {
    const queue: Queue = {
      queueId: "q",
      title: "Q",
      filter: { market: "KR", assignee: "alice" },
      order: "DUE",
      slaMinutes: 0,
      closed: false,
      version: 1,
      editor: "lena",
      updateTime: at,
    };
    assert.deepEqual(waiting(queue), { market: "KR", unassigned: true });
    assert.equal(late(queue, at), undefined);
    assert.equal(late({ ...queue, slaMinutes: 30 }, at)?.movedBefore?.getTime(), at.getTime() - 1_800_000);
  });

  it("a note is revised by its author or a lead, from the version that was read", () => {
    const author = { subject: "alice", role: "AGENT" };
    const note: Note = {
      noteId: "nte_1",
      version: 1,
      resolutionId: "res_1",
      customerId: "c-1",
      text: "a",
      attachments: [],
      author,
      writeTime: at,
    };
    const written = (who: Note["author"]) => ({ text: "b", attachments: [], author: who, writeTime: at });
    assert.equal(revised(note, 1, written(author)).version, 2);
    assert.equal(revised(note, 1, written({ subject: "lena", role: "LEAD" })).author.subject, "lena");
    assert.throws(() => revised(note, 1, written({ ...author, role: "FINANCE" })), refused("ROLE_NOT_ALLOWED"));
    assert.throws(() => revised({ ...note, version: 2 }, 1, written(author)), refused("NOTE_CHANGED"));
  });
});
