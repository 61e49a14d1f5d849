// The system that keeps photos.
import { createHash } from "node:crypto";
import { MediaServiceService } from "#gen/backhaul/partner/media/v1/media_service.js";
import type { Clock } from "#kit/clock.js";
import { newId } from "#kit/ids.js";
import { DomainError } from "#kit/pure/check.js";
import { contentTypeOf } from "../core/media.js";
import type { Partner } from "../played.js";
import type { Store } from "../store/store.js";

export function mediaPartner(store: Store, clock: Clock): Partner<typeof MediaServiceService> {
  return {
    putMedia: {
      about: ({ orderId }) => orderId,
      answer: async (request, call) => {
        const { content, orderId } = request;
        const media = {
          mediaId: newId("med"),
          contentType: contentTypeOf(content),
          sizeBytes: content.length,
          sha256: createHash("sha256").update(content).digest("hex"),
          putTime: clock.now(),
        };
        const asked = store.asked(MediaServiceService.putMedia, request, call);
        return store.media.put(asked, { media }, orderId, media, content);
      },
    },

    getMedia: {
      about: ({ mediaId }) => mediaId,
      answer: async ({ mediaId }) => {
        const media = await store.media.find(mediaId);
        if (media) return { media };
        throw new DomainError("PARTNER_NOT_FOUND", `no photo ${mediaId}`, { partner: "media", id: mediaId });
      },
    },
  };
}
