// A resolution as the back office looks for it: what it is found by, and what a list shows of it.
import type { HeldBack } from "./context2.js";
import type { Kind, Resolution, State, Tracks } from "./types.js";

/** What a search is narrowed by; all that is said must fit. Plain JSON but for its times, for queues keep it. */
export type CaseFilter = {
  readonly orderId?: string;
  readonly customerId?: string;
  readonly trackingNumber?: string;
  /** What contacts are kept as; a number without a country has one in each. No queue and no export has either. */
  readonly phoneHashes?: readonly string[];
  readonly emailHash?: string;
  readonly kinds?: readonly Kind[];
  readonly states?: readonly State[];
  readonly reason?: string;
  readonly market?: string;
  readonly assignee?: string;
  readonly unassigned?: true;
  readonly overdue?: true;
  readonly dueBefore?: Date;
  readonly createdFrom?: Date;
  readonly createdBefore?: Date;
  readonly updatedFrom?: Date;
  readonly updatedBefore?: Date;
  /** Those that last moved before this: what a queue promises. */
  readonly movedBefore?: Date;
  readonly onHold?: true;
};

export type CaseOrder = "NEWEST" | "OLDEST" | "DUE";

/** What a list shows. */
export type Case = Pick<
  Resolution,
  "resolutionId" | "orderId" | "customerId" | "market" | "kind" | "state" | "hold" | "createTime" | "updateTime"
> & {
  readonly tracks: Tracks | undefined;
  readonly reasons: readonly string[];
  readonly moveTime: Date;
  /** Undefined where no time runs. */
  readonly dueTime: Date | undefined;
  readonly heldBack: HeldBack | undefined;
  readonly assignee: string;
  readonly queueId: string;
  readonly assignTime: Date | undefined;
};

/** Work that waits for whoever comes next: what is in it, what comes first, and how soon it should be taken. */
export type Queue = {
  readonly queueId: string;
  readonly title: string;
  readonly filter: CaseFilter;
  readonly order: CaseOrder;
  /** 0 for no promise. */
  readonly slaMinutes: number;
  readonly closed: boolean;
  readonly version: number;
  readonly editor: string;
  readonly updateTime: Date;
};

/** What waits in a queue: nobody has it. */
export function waiting({ filter }: Queue): CaseFilter {
  const { assignee: _, ...others } = filter;
  return { ...others, unassigned: true };
}

/** What of it waits longer than promised; nothing where nothing is promised. */
export function late(queue: Queue, now: Date): CaseFilter | undefined {
  if (queue.slaMinutes === 0) return undefined;
  return { ...waiting(queue), movedBefore: new Date(now.getTime() - queue.slaMinutes * 60_000) };
}
