// The allow and block lists of a market: who stands on them, why, and until when. Tables read them as the column "listed";
// what follows from it is the policy's to say, within the law.
import { check } from "#kit/pure/check.js";

export type ListKind = "ALLOW" | "BLOCK";
export type ListSubject = "CUSTOMER" | "ORDER" | "SKU";

export type ListEntry = {
  readonly listEntryId: string;
  readonly market: string;
  readonly kind: ListKind;
  readonly subject: ListSubject;
  /** The customer's or order's id, or the SKU. */
  readonly value: string;
  readonly reason: string;
  readonly author: string;
  readonly createTime: Date;
  /** Until when it counts; that moment no longer. */
  readonly endTime: Date;
  /** Who ended it before its time; empty if nobody did. */
  readonly ender: string;
  /** Guards its next change. */
  readonly version: number;
};

/** Puts somebody or something on a list. @throws DomainError LIST_ENTRY_INVALID unless it ends after it begins */
export function list(entry: Omit<ListEntry, "ender" | "version">): ListEntry {
  const { createTime, endTime } = entry;
  const [end_time, now] = [endTime.toISOString(), createTime.toISOString()];
  check(endTime > createTime, "LIST_ENTRY_INVALID", `end_time ${end_time} must lie after now, ${now}`, {
    end_time,
    now,
  });
  return { ...entry, ender: "", version: 1 };
}

/** Ends it now. @throws DomainError LIST_ENTRY_STATE if it has ended already */
export function end(entry: ListEntry, { subject, now }: { readonly subject: string; readonly now: Date }): ListEntry {
  const { listEntryId, endTime, version } = entry;
  const metadata = { list_entry_id: listEntryId, state: "ENDED" };
  check(endTime > now, "LIST_ENTRY_STATE", `${listEntryId} ended at ${endTime.toISOString()}`, metadata);
  return { ...entry, endTime: now, ender: subject, version: version + 1 };
}
