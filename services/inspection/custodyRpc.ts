// The rpcs of backhaul.inspection.v1.CustodyService: check, one verb, reply.
import { createHash } from "node:crypto";
import { CustodyServiceService } from "#gen/backhaul/inspection/v1/custody_service.js";
import { byRequest } from "#kit/aggregate.js";
import type { Clock } from "#kit/clock.js";
import { InvalidRequest } from "#kit/errors.js";
import { DomainError } from "#kit/pure/check.js";
import type { Handlers } from "#kit/server.js";
import { append, type Digest, verify } from "./core/custody.js";
import type { CustodyStage, Evidence } from "./core/evidence.js";
import { custodyStages, toEvidence, toFault } from "./custodyProto.js";
import type { Chain } from "./custodyStore.js";
import type { MediaDesk } from "./media.js";
import { assertCarries } from "./ownership.js";
import type { Store } from "./store.js";

export type CustodyParts = {
  readonly store: Store;
  readonly media: MediaDesk;
  readonly clock: Clock;
};

export const sha256: Digest = (bytes) => createHash("sha256").update(bytes).digest("hex");

export function custodyRpc({ store, media, clock }: CustodyParts): Handlers<typeof CustodyServiceService> {
  async function chainOf(inspectionId: string): Promise<Chain> {
    const chain = await store.chain(inspectionId);
    if (chain) return chain;
    throw new DomainError("INSPECTION_NOT_FOUND", `no inspection ${inspectionId}`, { inspection_id: inspectionId });
  }

  return {
    async addEvidence(request, call) {
      const { inspectionId, stage, photo, note, actor } = request;
      if (!photo) throw new InvalidRequest([{ field: "photo", description: "must be given" }]);
      let added: Evidence | undefined;
      const spend = byRequest(CustodyServiceService.addEvidence, request, call, () => ({
        evidence: added && toEvidence(added),
      }));
      const recalled = await store.recall(spend);
      if (recalled) return recalled;
      if (call.caller.role === "CARRIER") assertCarries(await store.find(inspectionId), call.caller, stage);
      await media.assertKept([photo], call);
      const { subject, role } = call.caller;
      const sighting = {
        stage: custodyStages.word(stage) as CustodyStage,
        actor: (role === "SERVICE" && actor) || subject,
        time: clock.now(),
        photo: { mediaId: photo.mediaId, sha256: photo.sha256 },
        note,
      };
      return store.change(inspectionId, spend, (inspection) => {
        const outcome = append(inspection, sighting, sha256);
        added = outcome.evidence?.[0];
        return outcome;
      });
    },

    async listEvidence({ inspectionId }) {
      return { evidence: (await chainOf(inspectionId)).entries.map(toEvidence) };
    },

    async verifyCustody({ inspectionId }, call) {
      const { anchor, entries } = await chainOf(inspectionId);
      const kept = await media.kept(
        entries.map(({ photo }) => photo.mediaId),
        call,
      );
      const found = verify(anchor, entries, kept, sha256);
      return { intact: found.length === 0, findings: found.map(toFault), count: entries.length };
    },
  };
}
