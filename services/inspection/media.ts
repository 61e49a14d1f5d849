// The media system, as evidence needs it: what bytes it has under an id now.
import { status } from "@grpc/grpc-js";
import type { MediaServiceService } from "#gen/backhaul/partner/media/v1/media_service.js";
import { asService, type Call } from "#kit/call.js";
import type { ClientOf } from "#kit/client.js";
import { RpcError } from "#kit/errors.js";
import { check } from "#kit/pure/check.js";
import type { Photo } from "./core/types.js";

export type MediaDesk = ReturnType<typeof openMedia>;

/** So many questions are under way at once: a chain has hundreds of photos. */
const atOnce = 8;

/** Opens it. */
export function openMedia(client: ClientOf<typeof MediaServiceService>) {
  async function hashOf(mediaId: string, call: Call): Promise<string | undefined> {
    const { media } = await client.getMedia({ mediaId }, asService("inspection", call));
    return media?.sha256;
  }

  return {
    /**
     * Sees that it has these photos, with the hashes that were named.
     * @throws RpcError PARTNER_NOT_FOUND; DomainError MEDIA_HASH_MISMATCH
     */
    assertKept: async (photos: readonly Photo[], call: Call): Promise<void> => {
      for (const { mediaId, sha256 } of photos) {
        const kept = (await hashOf(mediaId, call)) ?? "";
        check(kept === sha256, "MEDIA_HASH_MISMATCH", `photo ${mediaId} is kept with other bytes than were named`, {
          media_id: mediaId,
          sha256,
          kept,
        });
      }
    },

    /** The hash of what it has under each id now; undefined where it has nothing any more. */
    kept: async (mediaIds: Iterable<string>, call: Call): Promise<Map<string, string | undefined>> => {
      const left = [...new Set(mediaIds)];
      const kept = new Map<string, string | undefined>();
      const ask = async () => {
        for (let id = left.pop(); id !== undefined; id = left.pop()) kept.set(id, await hashOrGone(id, call));
      };
      await Promise.all(Array.from({ length: atOnce }, ask));
      return kept;
    },
  };

  async function hashOrGone(mediaId: string, call: Call): Promise<string | undefined> {
    try {
      return await hashOf(mediaId, call);
    } catch (error) {
      if (error instanceof RpcError && error.code === status.NOT_FOUND) return undefined;
      throw error;
    }
  }
}
