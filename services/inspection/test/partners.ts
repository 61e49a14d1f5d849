// A dock and a stock book that answer like the real ones: the same request id again gives the first answer.
import { status } from "@grpc/grpc-js";
import {
  InventoryServiceService,
  type PostDispositionsRequest,
  type PostDispositionsResponse,
} from "#gen/backhaul/partner/inventory/v1/inventory_service.js";
import { MediaServiceService } from "#gen/backhaul/partner/media/v1/media_service.js";
import {
  type AnnounceParcelRequest,
  type SendBackRequest,
  type SendBackResponse,
  WarehouseServiceService,
} from "#gen/backhaul/partner/warehouse/v1/warehouse_service.js";
import { RpcError } from "#kit/errors.js";
import { DomainError } from "#kit/pure/check.js";
import { type Implementation, implement } from "#kit/server.js";

/** What happens to the next call: its answer is lost after the work was done, or the partner says no for good. */
export type Mood = "lost answer" | "refuse";

/** Calls of one kind: the work that was done, by request id, and every call that came. */
function desk<Q extends { requestId: string }, R>(work: (request: Q, nth: number) => R) {
  const done = new Map<string, { request: Q; answer: R }>();
  const calls: Q[] = [];
  const moods: Mood[] = [];
  return {
    done,
    calls,
    moods,
    async take(request: Q): Promise<R> {
      calls.push(request);
      const mood = moods.shift();
      if (mood === "refuse")
        throw new DomainError("PARTNER_REFUSED", "no such product", { partner: "test", code: "sku" });
      const entry = done.get(request.requestId) ?? { request, answer: work(request, done.size + 1) };
      done.set(request.requestId, entry);
      if (mood === "lost answer") throw new RpcError(status.DEADLINE_EXCEEDED, "", "too late", {}, "test");
      return entry.answer;
    },
  };
}

export function openPartners() {
  const dock = desk<AnnounceParcelRequest, object>(() => ({}));
  const outbound = desk<SendBackRequest, SendBackResponse>((_, nth) => ({ trackingNumber: `TN-${nth}` }));
  const stock = desk<PostDispositionsRequest, PostDispositionsResponse>(() => ({ restocked: 0 }));
  const never = () => Promise.reject(new DomainError("INTERNAL", "not for the inspection service"));
  /** Photos by id: the hash of the bytes that are kept now. */
  const photos = new Map<string, string>();
  const contracts: Implementation[] = [
    implement(MediaServiceService, {
      putMedia: never,
      getMedia: async ({ mediaId }) => {
        const sha256 = photos.get(mediaId);
        if (sha256 === undefined)
          throw new DomainError("PARTNER_NOT_FOUND", "no such photo", { partner: "media", id: mediaId });
        return { media: { mediaId, sha256, contentType: "image/jpeg", sizeBytes: 3, putTime: undefined } };
      },
    }),
    implement(WarehouseServiceService, { announceParcel: dock.take, sendBack: outbound.take }),
    implement(InventoryServiceService, {
      postDispositions: stock.take,
      holdStock: never,
      releaseStock: never,
      renewStock: never,
    }),
  ];
  return { dock, outbound, stock, photos, contracts };
}
