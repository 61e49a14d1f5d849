// Photos as SQL. The hash is always computed from the bytes as they are.
import type { Database, Statement } from "#kit/postgres.js";
import { type Asked, once } from "./once.js";

/** What is kept, without its bytes. */
export type KeptMedia = {
  readonly mediaId: string;
  readonly contentType: string;
  readonly sizeBytes: number;
  readonly sha256: string;
  readonly putTime: Date;
};

/** $4 the answer, $5 … the photo. */
const put = once(
  "media.put",
  `INSERT INTO media (media_id, order_id, content_type, content, put_time)
   SELECT $5::text, $6::text, $7::text, $8::bytea, $9::timestamptz FROM fresh
   RETURNING media_id AS id, $4::bytea AS response`,
);

const find: Statement = {
  name: "media.find",
  text: `SELECT media_id AS "mediaId", content_type AS "contentType", length(content) AS "sizeBytes",
    encode(sha256(content), 'hex') AS sha256, put_time AS "putTime" FROM media WHERE media_id = $1`,
};

/** Opens the photos. */
export function openMediaStore(db: Database) {
  return {
    put: async <R>(
      request: Asked<R>,
      answer: R,
      orderId: string,
      { mediaId, contentType, putTime }: KeptMedia,
      content: Uint8Array,
    ): Promise<R> => {
      const row = [mediaId, orderId, contentType, content, putTime];
      return ((await request.answer(put, [request.bytes(answer), ...row])) as { answer: R }).answer;
    },

    find: async (mediaId: string): Promise<KeptMedia | undefined> => (await db.query<KeptMedia>(find, [mediaId]))[0],
  };
}
