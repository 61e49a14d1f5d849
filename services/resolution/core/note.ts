// What staff write to each other about a resolution. A note is only ever added to: what it said before stays.
import { check } from "#kit/pure/check.js";
import type { Actor } from "./types.js";

/** A photo that goes with a note, and the hash of its bytes. */
export type Attachment = { readonly mediaId: string; readonly sha256: string };

/** One version of a note. */
export type Note = {
  readonly noteId: string;
  readonly version: number;
  readonly resolutionId: string;
  /** Whose resolution it is: with their key a note is read. */
  readonly customerId: string;
  readonly text: string;
  readonly attachments: readonly Attachment[];
  readonly author: Actor;
  readonly writeTime: Date;
};

export type Written = Pick<Note, "text" | "attachments" | "author" | "writeTime">;

/** The next version of a note. @throws DomainError NOTE_CHANGED, ROLE_NOT_ALLOWED for whoever is neither author nor lead */
export function revised(before: Note, read: number, written: Written): Note {
  const { noteId, version, author } = before;
  check(version === read, "NOTE_CHANGED", `note ${noteId} was revised meanwhile: it has version ${version}`, {
    note_id: noteId,
    version: String(version),
  });
  const { subject, role } = written.author;
  const may = role === "LEAD" || (subject === author.subject && role === author.role);
  check(may, "ROLE_NOT_ALLOWED", `note ${noteId} is ${author.subject}'s: write one of your own`, { role });
  return { ...before, ...written, version: version + 1 };
}
