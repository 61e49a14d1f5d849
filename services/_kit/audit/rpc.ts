// The rpc of backhaul.audit.v1.AuditService, as every service answers it for its own trail.
import { AuditServiceService, AuditEntry as EntryMessage } from "#gen/backhaul/audit/v1/audit_service.js";
import { InvalidRequest } from "#kit/errors.js";
import type { Database } from "#kit/postgres.js";
import { type Implementation, implement } from "#kit/server.js";
import type { AuditEntry } from "./entry.js";
import { listAudit } from "./list.js";

export function auditRpc(service: string, db: Database): Implementation {
  return implement(AuditServiceService, {
    async listAudit({ service: asked, pageSize, pageToken, ...filter }) {
      if (asked !== service)
        throw new InvalidRequest([{ field: "service", description: `this is ${service}; ask ${asked} itself` }]);
      const { entries, nextPageToken } = await listAudit(db, filter, { pageSize, pageToken });
      return { entries: entries.map(toMessage), nextPageToken };
    },
  });
}

function toMessage({ requestDigest, previousHash, hash, ...entry }: AuditEntry): EntryMessage {
  const hex = (bytes: Buffer) => bytes.toString("hex");
  const hashes = { requestDigest: hex(requestDigest), previousHash: hex(previousHash), hash: hex(hash) };
  return EntryMessage.fromPartial({ ...entry, ...hashes });
}
