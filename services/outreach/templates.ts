// Templates: what is shipped, and over it what was published. A published version is never changed, so that a notice can
// be read again in the words that were sent.
import { aggregates, type Spend } from "#kit/aggregate.js";
import { commitStatement, type Followers } from "#kit/commit.js";
import { gather } from "#kit/gather.js";
import type { Database, Statement } from "#kit/postgres.js";
import { DomainError } from "#kit/pure/check.js";
import { isNoticeEvent, type NoticeEvent } from "./core/noticeEvents.js";
import { asMail, type Channel, type Text, type Texts } from "./core/words.js";
import { shipped } from "./markets.js";

export type Template = {
  readonly event: NoticeEvent;
  /** Empty for all markets that have no template of their own. */
  readonly market: string;
  readonly channel: Channel;
  /** 0 is what is shipped. */
  readonly version: number;
  readonly texts: Texts;
  readonly author: string;
  readonly createTime: Date | undefined;
};

const columns = `event, market, channel, version, texts, author, create_time AS "createTime"`;
/** Of as many as are asked for at once. */
const inForce: Statement = {
  name: "notice_template.inForce",
  text: `SELECT DISTINCT ON (it.event, it.market, t.channel) it.market AS "askedFor", t.*
    FROM (SELECT ${columns} FROM notice_template) t
    JOIN unnest($1::text[], $2::text[]) AS it(event, market) ON t.event = it.event AND t.market IN ('', it.market)
    ORDER BY it.event, it.market, t.channel, t.market DESC, t.version DESC`,
};
const one: Statement = {
  name: "notice_template.one",
  text: `SELECT ${columns} FROM notice_template WHERE event = $1 AND market = $2 AND channel = $3 AND version = $4`,
};
const newest: Statement = {
  name: "notice_template.newest",
  text: `SELECT DISTINCT ON (event, market, channel) ${columns} FROM notice_template
    WHERE $1 = '' OR event = $1 ORDER BY event, market, channel, version DESC`,
};
const last: Statement = {
  name: "notice_template.last",
  text: `SELECT coalesce(max(version), 0)::int AS version FROM notice_template
    WHERE event = $1 AND market = $2 AND channel = $3`,
};
const insert = commitStatement(
  "notice_template.insert",
  `INSERT INTO notice_template (event, market, channel, version, texts, author, create_time)
   VALUES ($1, $2, $3, $4, $5::jsonb, $6, $7) RETURNING event AS id`,
);
const channels: readonly Channel[] = ["SMS", "EMAIL"];

export type Templates = ReturnType<typeof openTemplates>;

export function openTemplates(db: Database, followers: Followers) {
  const never = commitStatement("notice_template.never", "SELECT NULL::text AS id WHERE false");
  const templates = aggregates<Template>(
    db,
    followers,
    {
      select: `SELECT ${columns} FROM notice_template WHERE event = $1 LIMIT 1`,
      insert,
      insertValues: (t) => [t.event, t.market, t.channel, t.version, JSON.stringify(t.texts), t.author, t.createTime],
      update: never,
      updateValues: () => [],
      toCore: (row) => row,
      notFound: unknown,
      broken: (constraint) => (constraint === "notice_template_pkey" ? "again" : undefined),
    },
    "notice_template",
  );

  /** @throws DomainError NOTICE_TEMPLATE_UNKNOWN */
  function fromShip(event: string, channel: Channel): Template {
    const found = shipped.find((it) => it.event === event);
    if (!found) throw unknown(event);
    const texts = channel === "SMS" ? found.texts : mails(found.texts);
    return { event: found.event, market: "", channel, version: 0, texts, author: "", createTime: undefined };
  }

  const publishedFor = gather(
    async (asked: readonly { readonly event: string; readonly market: string }[]) => {
      const columns = [asked.map(({ event }) => event), asked.map(({ market }) => market)];
      const rows = await db.query<Template & { readonly askedFor: string }>(inForce, columns);
      return asked.map(({ event, market }) =>
        rows.filter((row) => row.event === event && row.askedFor === market).map(({ askedFor: _, ...row }) => row),
      );
    },
    ({ event, market }) => `${event} ${market}`,
  );

  return {
    /** Of each channel, in their order. @throws DomainError NOTICE_TEMPLATE_UNKNOWN */
    inForce: async (event: string, market: string, of: readonly Channel[]): Promise<Template[]> => {
      const published: readonly Template[] = await publishedFor({ event, market });
      return of.map((channel) => published.find((it) => it.channel === channel) ?? fromShip(event, channel));
    },
    /** A version, as it was sent. @throws DomainError NOTICE_TEMPLATE_UNKNOWN */
    version: async (event: string, market: string, channel: Channel, version: number): Promise<Template> => {
      if (version === 0) return fromShip(event, channel);
      const [row] = await db.query<Template>(one, [event, market, channel, version]);
      if (!row) throw unknown(event);
      return row;
    },
    list: async (event: string): Promise<Template[]> => {
      const published = await db.query<Template>(newest, [event]);
      const over = new Set(published.filter(({ market }) => market === "").map((it) => `${it.event} ${it.channel}`));
      const rest = shipped
        .filter((it) => event === "" || it.event === event)
        .flatMap((it) => channels.map((channel) => fromShip(it.event, channel)))
        .filter((it) => !over.has(`${it.event} ${it.channel}`));
      const key = (it: Template) => `${it.event} ${it.market} ${it.channel}`;
      return [...published, ...rest].sort((a, b) => (key(a) < key(b) ? -1 : 1));
    },
    publish: <R>(spend: Spend<Template, R>, draft: Omit<Template, "version">): Promise<R> =>
      templates.create(
        spend,
        async () => {
          const [row] = await db.query<{ version: number }>(last, [draft.event, draft.market, draft.channel]);
          return { ...draft, version: (row?.version ?? 0) + 1 };
        },
        (next) => ({ next, extra: undefined }),
      ),
  };
}

/** @throws DomainError NOTICE_TEMPLATE_UNKNOWN */
export function eventNamed(name: string): NoticeEvent {
  if (!isNoticeEvent(name)) throw unknown(name);
  return name;
}

function unknown(event: string): DomainError {
  const problem = "there is no such event";
  return new DomainError("NOTICE_TEMPLATE_UNKNOWN", `${event}: ${problem}`, { event, problem });
}

function mails(texts: Texts): Texts {
  return Object.fromEntries(Object.entries(texts).map(([language, text]): [string, Text] => [language, asMail(text)]));
}
