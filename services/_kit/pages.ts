// Lists page by key: the token names the last row that was given, so pages stay right while rows come and go.
import { DomainError } from "#kit/pure/check.js";

/** What a caller asked for: `size` 0 means the default. */
export type Page = { readonly pageSize: number; readonly pageToken: string };

const grammar = /^[A-Za-z0-9_.-]{1,100}$/;
const sequence = /^[1-9][0-9]{0,8}$/;

/**
 * The part of a Prisma query that reads one page after the token, by a unique time-ordered key.
 * @throws DomainError PAGE_TOKEN_INVALID
 */
export function pageQuery<K extends string>(page: Page, key: K, order: "asc" | "desc", defaultSize = 50) {
  const after = keyAfter(page);
  const beyond =
    after === undefined ? {} : ({ [key]: order === "desc" ? { lt: after } : { gt: after } } as Record<K, object>);
  const take = (page.pageSize || defaultSize) + 1;
  return { beyond, orderBy: { [key]: order } as Record<K, "asc" | "desc">, take };
}

/**
 * The key after which a page begins; undefined for the first.
 * @throws DomainError PAGE_TOKEN_INVALID
 */
export function keyAfter({ pageToken }: Page): string | undefined {
  return pageToken === "" ? undefined : decode(pageToken);
}

/** Cuts the one row too many off, and names the next page if there is one. */
export function pageOf<R>(
  rows: readonly R[],
  page: Page,
  key: (row: R) => string,
  defaultSize = 50,
): { rows: R[]; nextPageToken: string } {
  const size = page.pageSize || defaultSize;
  const kept = rows.slice(0, size);
  const last = kept.at(-1);
  return { rows: kept, nextPageToken: rows.length > size && last ? Buffer.from(key(last)).toString("base64url") : "" };
}

/**
 * The entry of a history after which a page begins, where its sequence number is the token; 0 without one.
 * @throws DomainError PAGE_TOKEN_INVALID
 */
export function sequenceAfter(token: string): number {
  if (token === "") return 0;
  if (sequence.test(token)) return Number(token);
  throw invalidToken();
}

function decode(token: string): string {
  const text = Buffer.from(token, "base64url").toString();
  if (grammar.test(text)) return text;
  throw invalidToken();
}

export function invalidToken(): DomainError {
  return new DomainError("PAGE_TOKEN_INVALID", "page_token is not one that this list gave: leave it out to start over");
}
