// Bad photos: at the system that keeps them, and as evidence.
import { CustodyServiceService } from "#gen/backhaul/inspection/v1/custody_service.js";
import { CustodyStage, type Photo } from "#gen/backhaul/inspection/v1/inspection.js";
import { MediaServiceService } from "#gen/backhaul/partner/media/v1/media_service.js";
import { RpcError } from "#kit/errors.js";
import { newId } from "#kit/ids.js";
import type { Field, Input } from "./field.js";

export function photoInputs({ desk, returns, count }: Field): Input[] {
  const media = desk.as("partners", MediaServiceService, "WAREHOUSE", "dora");
  const custody = desk.as("inspection", CustodyServiceService, "WAREHOUSE", "dora");

  async function photo(content: Buffer): Promise<[string, string]> {
    const { orderId } = await returns.sold();
    const answer = await reasonOf(() => media.putMedia({ requestId: newId("req"), orderId, content }));
    return [answer, `${await count("partners", '"{}".media WHERE order_id = $1', [orderId])} photos`];
  }

  async function evidence(photoOf: (orderId: string) => Promise<Photo>): Promise<[string, string]> {
    const { inspectionId, orderId } = await returns.opened();
    const shown = { stage: CustodyStage.CUSTODY_STAGE_DOCK, note: "", actor: "", photo: await photoOf(orderId) };
    const answer = await reasonOf(() => custody.addEvidence({ requestId: newId("req"), inspectionId, ...shown }));
    const entries = await count("inspection", '"{}".custody_entry WHERE inspection_id = $1', [inspectionId]);
    return [answer, `${entries} entries`];
  }

  return [
    {
      input: "a photo of more than 10 MB",
      answer: "MEDIA_TOO_LARGE",
      books: "0 photos",
      tell: () => photo(Buffer.concat([jpeg, Buffer.alloc(10 * 1024 * 1024)])),
    },
    {
      input: "a photo that is no image",
      answer: "MEDIA_NOT_IMAGE",
      books: "0 photos",
      tell: () => photo(Buffer.from("%PDF-1.7")),
    },
    {
      input: "evidence with a photo that is not kept",
      answer: "PARTNER_NOT_FOUND",
      books: "0 entries",
      tell: () => evidence(async () => ({ mediaId: "med_NEVER", sha256: "0".repeat(64) })),
    },
    {
      input: "evidence with another photo's hash",
      answer: "MEDIA_HASH_MISMATCH",
      books: "0 entries",
      tell: () =>
        evidence(async (orderId) => {
          const { media: kept } = await media.putMedia({ requestId: newId("req"), orderId, content: jpeg });
          return { mediaId: kept?.mediaId ?? "", sha256: "0".repeat(64) };
        }),
    },
  ];
}

/** The least that a JPEG begins with. */
const jpeg = Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 16, 74, 70, 73, 70]);

async function reasonOf(ask: () => Promise<unknown>): Promise<string> {
  try {
    await ask();
    return "taken";
  } catch (error) {
    if (error instanceof RpcError) return error.reason || error.message;
    throw error;
  }
}
