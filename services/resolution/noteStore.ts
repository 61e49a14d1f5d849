// Notes as SQL: a row for every version, and none is ever changed. They say what they like of the customer, so they are
// sealed with the customer's key.
import { aggregates, type Personal, type Spend } from "#kit/aggregate.js";
import { commitStatement, type Followers } from "#kit/commit.js";
import { keyAfter, type Page, pageOf } from "#kit/pages.js";
import type { Database, Statement } from "#kit/postgres.js";
import { DomainError } from "#kit/pure/check.js";
import type { Vault } from "#kit/vault.js";
import type { Note } from "./core/note.js";
import { customerOf } from "./store.js";

const columns = `note_id AS "noteId", version, resolution_id AS "resolutionId", ${customerOf("n")}, text, attachments, author,
  author_role AS "authorRole", write_time AS "writeTime"`;

const insert = commitStatement(
  "note.insert",
  `INSERT INTO note (note_id, version, resolution_id, text, attachments, author, author_role, write_time)
   VALUES ($1, $2, $3, $4, $5::jsonb, $6, $7, $8) RETURNING note_id AS id`,
);

/** The notes of a resolution in the order in which they were begun, each in its latest version or in all of them. */
const list: Statement = {
  name: "note.list",
  text: `SELECT ${columns} FROM note n WHERE resolution_id = $1 AND (note_id, version) > ($2, $3::int)
    AND ($4::boolean OR NOT EXISTS (SELECT FROM note m WHERE m.note_id = n.note_id AND m.version > n.version))
    ORDER BY note_id, version LIMIT $5`,
};

/** Each version is a text of its own. */
const personal = {
  table: "note",
  id: ({ noteId, version }: Note) => `${noteId}.${version}`,
  subject: ({ customerId }: Note) => customerId,
  places: { text: [""] },
} satisfies Omit<Personal<Note>, "vault">;

export function openNotes(db: Database, followers: Followers, vault: Vault) {
  const values = ({ noteId, version, resolutionId, text, attachments, author, writeTime }: Note) => {
    return [noteId, version, resolutionId, text, JSON.stringify(attachments), author.subject, author.role, writeTime];
  };
  const notes = aggregates<Note>(
    db,
    followers,
    {
      select: `SELECT ${columns} FROM note n WHERE note_id = $1 ORDER BY version DESC LIMIT 1`,
      insert,
      update: insert,
      insertValues: values,
      updateValues: values,
      toCore: toNote,
      notFound: (id) => new DomainError("NOTE_NOT_FOUND", `no note ${id}`, { note_id: id }),
      personal: { ...personal, vault },
      // Two revised the same version at once.
      broken: (constraint) => (constraint === "note_pkey" ? "again" : undefined),
    },
    "note",
  );
  return {
    orRecall: notes.orRecall,
    create: <R>(spend: Spend<Note, R>, note: () => Note): Promise<R> =>
      notes.create(
        spend,
        async () => undefined,
        () => ({ next: note(), extra: undefined }),
      ),
    change: <R>(id: string, spend: Spend<Note, R>, decide: (before: Note) => Note): Promise<R> =>
      notes.change(id, spend, (before) => ({ next: decide(before), extra: undefined })),
    /** @throws DomainError PAGE_TOKEN_INVALID */
    list: async (resolutionId: string, everyVersion: boolean, page: Page) => {
      const [noteId = "", version = "0"] = keyAfter(page)?.split(".") ?? [];
      const take = (page.pageSize || 50) + 1;
      const rows = await db.query(list, [resolutionId, noteId, Number.parseInt(version, 10) || 0, everyVersion, take]);
      const open = await vault.open(personal.table, personal.id, rows.map(toNote), personal.places);
      return pageOf(open, page, (note) => `${note.noteId}.${note.version}`);
    },
  };
}

export type Notes = ReturnType<typeof openNotes>;

// biome-ignore lint/suspicious/noExplicitAny: a row of the select
function toNote({ author, authorRole, ...row }: any): Note {
  return { ...row, author: { subject: author, role: authorRole } };
}
