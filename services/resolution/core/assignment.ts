// Who of the back office has a resolution. An agent takes what nobody has and lets go of what is theirs; a lead gives
// anything to anybody.
import { check } from "#kit/pure/check.js";
import type { Actor } from "./types.js";

export type Assignment = {
  readonly resolutionId: string;
  /** Whose resolution it is: with their key the reason is read. */
  readonly customerId: string;
  /** Empty for nobody. */
  readonly assignee: string;
  /** The queue it was taken from; empty where it was given by hand. */
  readonly queueId: string;
  /** Who did it, and why. */
  readonly actor: string;
  readonly reason: string;
  /** Undefined as long as nobody ever had it. */
  readonly assignTime: Date | undefined;
  /** Counts every time it changed hands. */
  readonly version: number;
};

/** Who assigns, when, and why. */
export type Handing = { readonly by: Actor; readonly at: Date; readonly reason: string };

/** Gives what nobody has to somebody. @throws DomainError ASSIGNED_TO_OTHER */
export function assign(before: Assignment, assignee: string, handing: Handing): Assignment {
  const { by } = handing;
  refuse(before, by.role === "LEAD" || (before.assignee === "" && assignee === by.subject) || isTheirs(before, by));
  return handed(before, assignee, "", handing);
}

/** Puts it back where nobody has it. @throws DomainError ASSIGNED_TO_OTHER */
export function unassign(before: Assignment, handing: Handing): Assignment {
  refuse(before, handing.by.role === "LEAD" || before.assignee === "" || isTheirs(before, handing.by));
  return handed(before, "", "", handing);
}

/** Passes on what somebody has. @throws DomainError ASSIGNED_TO_OTHER */
export function handOver(before: Assignment, assignee: string, handing: Handing): Assignment {
  refuse(before, isTheirs(before, handing.by) || (handing.by.role === "LEAD" && before.assignee !== ""));
  return handed(before, assignee, "", handing);
}

/** Takes it from a queue. @throws DomainError ASSIGNED_TO_OTHER if somebody was faster */
export function takeFrom(before: Assignment, queueId: string, handing: Handing): Assignment {
  refuse(before, before.assignee === "");
  return handed(before, handing.by.subject, queueId, handing);
}

function isTheirs({ assignee }: Assignment, { subject }: Actor): boolean {
  return assignee === subject;
}

function refuse({ resolutionId, assignee }: Assignment, may: boolean): void {
  const whose = assignee === "" ? "nobody has it: take it first" : `${assignee} has it: ask them, or a lead`;
  check(may, "ASSIGNED_TO_OTHER", `${resolutionId} is not yours to pass on; ${whose}`, {
    resolution_id: resolutionId,
    assignee,
  });
}

function handed(before: Assignment, assignee: string, queueId: string, { by, at, reason }: Handing): Assignment {
  return { ...before, assignee, queueId, actor: by.subject, reason, assignTime: at, version: before.version + 1 };
}
