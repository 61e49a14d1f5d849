// A service's audit trail as people read it: by resource, caller and time, newest first.
import type { Database, Statement } from "#kit/postgres.js";
import { DomainError } from "#kit/pure/check.js";
import type { AuditEntry } from "./entry.js";
import { entryColumns } from "./trail.js";

export type AuditFilter = {
  /** Empty for any. */
  readonly resourceId: string;
  readonly principal: string;
  readonly sinceTime: Date | undefined;
  readonly untilTime: Date | undefined;
};

const defaultSize = 50;
// Comparisons that an index can begin at, whether or not a value is given.
const range = `real_time >= coalesce($1::timestamptz, '-infinity') AND real_time < coalesce($2::timestamptz, 'infinity')
  AND (real_time, resource_id, sequence)
    < (coalesce($3::timestamptz, 'infinity'), coalesce($4::text, '') COLLATE "C", coalesce($5::int, 0))`;

/** A statement each, for a plan is made without knowing the values. */
const byTime = listing("time", "true");
const byResource = listing("resource", "resource_id = $7");
const byPrincipal = listing("principal", "principal = $7");
const byBoth = listing("both", "resource_id = $7 AND principal = $8");

function listing(name: string, condition: string): Statement {
  return {
    name: `audit.by_${name}`,
    text: `SELECT ${entryColumns} FROM audit WHERE ${condition} AND ${range}
    ORDER BY real_time DESC, resource_id DESC, sequence DESC LIMIT $6`,
  };
}

/** A page of the trail. @throws DomainError PAGE_TOKEN_INVALID */
export async function listAudit(
  db: Database,
  { resourceId, principal, sinceTime, untilTime }: AuditFilter,
  page: { readonly pageSize: number; readonly pageToken: string },
): Promise<{ entries: AuditEntry[]; nextPageToken: string }> {
  const size = page.pageSize || defaultSize;
  const named = [resourceId, principal].filter((text) => text !== "");
  const statement = named.length === 2 ? byBoth : resourceId ? byResource : principal ? byPrincipal : byTime;
  const place = placeOf(page.pageToken);
  const values = [sinceTime ?? null, untilTime ?? null, ...place, size + 1, ...named];
  const rows = await db.query<AuditEntry>(statement, values);
  const entries = rows.slice(0, size);
  const last = entries.at(-1);
  return { entries, nextPageToken: rows.length > size && last ? tokenOf(last) : "" };
}

function tokenOf({ realTime, resourceId, sequence }: AuditEntry): string {
  return Buffer.from(`${realTime.toISOString()} ${sequence} ${resourceId}`).toString("base64url");
}

function placeOf(token: string): [Date | null, string | null, number | null] {
  if (token === "") return [null, null, null];
  const text = Buffer.from(token, "base64url").toString();
  const [, time, sequence, resourceId] = /^(\d{4}-\d\d-\d\dT[\d:.]{12}Z) (\d{1,9}) ([^\0]{1,200})$/.exec(text) ?? [];
  const at = new Date(time ?? "");
  if (!resourceId || Number.isNaN(at.getTime()))
    throw new DomainError(
      "PAGE_TOKEN_INVALID",
      "page_token is not one that this list gave: leave it out to start over",
    );
  return [at, resourceId, Number(sequence)];
}
