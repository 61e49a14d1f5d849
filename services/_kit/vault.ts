// What a service knows of people, sealed with a key per person. A key is a row of this schema, wrapped by one that no
// database holds; once it is destroyed, all that was sealed with it is gone, in every copy and backup of the rows.
import { newId } from "#kit/ids.js";
import { mapTexts, type Places, textsIn } from "#kit/places.js";
import type { Database, Statement } from "#kit/postgres.js";
import { DomainError } from "#kit/pure/check.js";
import {
  type Keyring,
  keyIdOf,
  newKey,
  seal,
  sealText,
  unseal,
  unsealText,
  unwrap,
  type WrappedKey,
  wrap,
} from "#kit/sealing.js";

/** A record whose texts are sealed: its table and id are part of each seal. */
export type Owned = { readonly table: string; readonly id: string };

/** What reads and writes what people said. */
export type Vault = {
  /** The record with its texts sealed for a subject. A subject without a key gets one. */
  seal<T extends object>(of: Owned, subject: string, record: T, places: Places): Promise<T>;
  /**
   * Records with their texts in clear; what no key opens any more is `erasedText`.
   * @throws DomainError PERSONAL_KEY_MISSING
   */
  open<T extends object>(table: string, id: (record: T) => string, records: readonly T[], places: Places): Promise<T[]>;
  sealBytes(of: Owned, subject: string, bytes: Uint8Array): Promise<Buffer>;
  /** Bytes in clear; those that were never sealed as they are. @throws DomainError PERSONAL_DATA_ERASED */
  openBytes(of: Owned, bytes: Buffer): Promise<Buffer>;
  /** Destroys the keys of subjects: what was sealed for them is gone. Says how many keys there were. */
  destroy(subjects: readonly string[]): Promise<number>;
  /** Wraps keys of older versions anew, some at a time; says how many. */
  rewrap(): Promise<number>;
};

/** What stands where a text was, once its key is gone. */
export const erasedText = "[erased]";

/** Bytes of a message never begin like this: it would be field 14 of a kind that there is not. */
const mark = Buffer.from("v1:");
const capacity = 10_000;
/** How long a key is remembered; another replica's destruction of it takes hold within this. */
const rememberMs = 60_000;
const batch = 200;

const keep: Statement = {
  name: "subject_key.keep",
  text: `INSERT INTO subject_key (key_id, subject, kek, wrapped) VALUES ($1, $2, $3, $4)
    ON CONFLICT (subject) WHERE destroy_time IS NULL DO UPDATE SET subject = excluded.subject
    RETURNING key_id AS "keyId", subject, kek, wrapped`,
};
const find: Statement = {
  name: "subject_key.find",
  text: `SELECT key_id AS "keyId", subject, kek, wrapped FROM subject_key
    WHERE key_id = ANY($1::text[]) AND destroy_time IS NULL`,
};
const destroy: Statement = {
  name: "subject_key.destroy",
  text: `UPDATE subject_key SET wrapped = NULL, destroy_time = now()
    WHERE subject = ANY($1::text[]) AND destroy_time IS NULL RETURNING key_id AS "keyId"`,
};
const older: Statement = {
  name: "subject_key.older",
  text: `SELECT key_id AS "keyId", subject, kek, wrapped FROM subject_key
    WHERE kek <> $1 AND destroy_time IS NULL ORDER BY key_id LIMIT ${batch}`,
};
/** Guarded by the old version, so that a key that was destroyed or wrapped meanwhile stays so. */
const renew: Statement = {
  name: "subject_key.renew",
  text: `UPDATE subject_key k SET kek = $1, wrapped = n.wrapped
    FROM unnest($2::text[], $3::text[], $4::bytea[]) AS n(key_id, kek, wrapped)
    WHERE k.key_id = n.key_id AND k.kek = n.kek AND k.destroy_time IS NULL RETURNING k.key_id`,
};

type Known = { readonly keyId: string; readonly key: Buffer | undefined; readonly until: number };

/** Opens the vault of one service, on the table that `prisma/personal.sql` makes. */
export function openVault(db: Database, ring: Keyring): Vault {
  const bySubject = new Map<string, Known>();
  const byId = new Map<string, Known>();

  async function keyFor(subject: string): Promise<{ keyId: string; key: Buffer }> {
    const known = recent(bySubject, subject);
    if (known?.key) return { keyId: known.keyId, key: known.key };
    const { stored } = newKey(ring, newId("key"), subject);
    const { keyId, kek, wrapped } = stored;
    const [row] = await db.query<WrappedKey>(keep, [keyId, subject, kek, wrapped]);
    return remember(row as WrappedKey);
  }

  function remember(row: WrappedKey): { keyId: string; key: Buffer } {
    const { keyId, subject } = row;
    const key = unwrap(ring, row);
    const known = { keyId, key, until: Date.now() + rememberMs };
    put(bySubject, subject, known);
    put(byId, keyId, known);
    return { keyId, key };
  }

  /** Has the keys of these ids at hand, those that are gone as such. */
  async function load(keyIds: Iterable<string>): Promise<ReadonlyMap<string, Buffer | undefined>> {
    const keys = new Map<string, Buffer | undefined>();
    const unknown: string[] = [];
    for (const keyId of new Set(keyIds)) {
      const known = recent(byId, keyId);
      if (known) keys.set(keyId, known.key);
      else unknown.push(keyId);
    }
    if (unknown.length === 0) return keys;
    for (const row of await db.query<WrappedKey>(find, [unknown])) keys.set(row.keyId, remember(row).key);
    return keys;
  }

  function forget(keyIds: readonly string[], subjects: readonly string[]): void {
    for (const keyId of keyIds) byId.delete(keyId);
    for (const subject of subjects) bySubject.delete(subject);
  }

  return {
    seal: async (of, subject, record, places) => {
      if (!textsIn(record, places).some((text) => text !== erasedText)) return record;
      const { keyId, key } = await keyFor(subject);
      return mapTexts(record, places, (text, column, name) =>
        text === erasedText ? text : sealText(keyId, key, placeOf(of, column, name), text),
      );
    },

    open: async (table, id, records, places) => {
      const sealed = records.flatMap((record) => textsIn(record, places)).flatMap((text) => keyIdOf(text) ?? []);
      if (sealed.length === 0) return [...records];
      const keys = await load(sealed);
      return records.map((record) =>
        mapTexts(record, places, (text, column, name) => {
          const keyId = keyIdOf(text);
          if (keyId === undefined) return text;
          const key = keys.get(keyId);
          return key ? unsealText(key, placeOf({ table, id: id(record) }, column, name), text) : erasedText;
        }),
      );
    },

    sealBytes: async (of, subject, bytes) => {
      const { keyId, key } = await keyFor(subject);
      return Buffer.concat([mark, Buffer.from(`${keyId}:`), seal(key, placeOf(of, "", ""), bytes)]);
    },

    openBytes: async (of, bytes) => {
      if (!bytes.subarray(0, mark.length).equals(mark)) return bytes;
      const end = bytes.indexOf(":", mark.length);
      const keyId = bytes.subarray(mark.length, end).toString();
      const key = (await load([keyId])).get(keyId);
      if (key) return unseal(key, placeOf(of, "", ""), bytes.subarray(end + 1));
      throw new DomainError("PERSONAL_DATA_ERASED", "this was answered before, and the answer has been erased since");
    },

    destroy: async (subjects) => {
      const rows = await db.query<{ keyId: string }>(destroy, [subjects]);
      forget(
        rows.map(({ keyId }) => keyId),
        subjects,
      );
      return rows.length;
    },

    rewrap: async () => {
      const rows = await db.query<WrappedKey>(older, [ring.newest]);
      const anew = rows.map((row) => wrap(ring, row.keyId, row.subject, unwrap(ring, row)).wrapped);
      const ids = rows.map(({ keyId }) => keyId);
      return (await db.query(renew, [ring.newest, ids, rows.map(({ kek }) => kek), anew])).length;
    },
  };
}

function placeOf({ table, id }: Owned, column: string, name: string): string {
  return `${table}/${id}/${column}/${name}`;
}

function recent(known: Map<string, Known>, name: string): Known | undefined {
  const found = known.get(name);
  if (found && found.until > Date.now()) return found;
  known.delete(name);
  return undefined;
}

/** Oldest out. */
function put(known: Map<string, Known>, name: string, entry: Known): void {
  known.delete(name);
  known.set(name, entry);
  if (known.size <= capacity) return;
  const [oldest] = known.keys();
  known.delete(oldest as string);
}
