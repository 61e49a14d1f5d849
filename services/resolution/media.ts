// The media system, as notes need it: whether it keeps a photo with the bytes that were named.
import type { MediaServiceService } from "#gen/backhaul/partner/media/v1/media_service.js";
import { asService, type Call } from "#kit/call.js";
import type { ClientOf } from "#kit/client.js";
import { check } from "#kit/pure/check.js";
import type { Attachment } from "./core/note.js";

export type MediaClient = ClientOf<typeof MediaServiceService>;

/** Sees that it has them. @throws RpcError PARTNER_NOT_FOUND; DomainError MEDIA_HASH_MISMATCH */
export async function assertKept(client: MediaClient, attachments: readonly Attachment[], call: Call): Promise<void> {
  for (const { mediaId, sha256 } of attachments) {
    const { media } = await client.getMedia({ mediaId }, asService("resolution", call));
    const kept = media?.sha256 ?? "";
    check(kept === sha256, "MEDIA_HASH_MISMATCH", `photo ${mediaId} is kept with other bytes than were named`, {
      media_id: mediaId,
      sha256,
      kept,
    });
  }
}
