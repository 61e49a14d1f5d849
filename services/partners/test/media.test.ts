import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { MediaServiceService } from "#gen/backhaul/partner/media/v1/media_service.js";
import { newId } from "#kit/ids.js";
import { openStage, type Stage } from "#kit/testing/stage.js";
import { reason, type Sandbox, sandbox } from "./builders.js";

describe("partners: photos", () => {
  let stage: Stage;
  let box: Sandbox;
  before(async () => {
    stage = await openStage();
    box = await sandbox(stage);
  });
  after(async () => {
    await box?.stop();
    await stage?.close();
  });

  const jpeg = (size = 64) => Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), Buffer.alloc(size - 4, 7)]);
  const put = (content: Buffer) =>
    box.as(MediaServiceService).putMedia({ requestId: newId("req"), content, orderId: "o-1" });

  it("are kept with the hash of their bytes, up to ten megabytes", async () => {
    const content = jpeg(10 * 1024 * 1024);
    const { media } = await put(content);
    assert.deepEqual(
      [media?.contentType, media?.sizeBytes, media?.sha256],
      ["image/jpeg", content.length, createHash("sha256").update(content).digest("hex")],
    );
    const kept = await box.as(MediaServiceService).getMedia({ mediaId: media!.mediaId });
    assert.deepEqual(kept.media, media);
  });

  it("are told by their first bytes: what is too large or no image is refused, and nothing is kept", async () => {
    await assert.rejects(put(jpeg(10 * 1024 * 1024 + 1)), reason("MEDIA_TOO_LARGE"));
    await assert.rejects(put(Buffer.from("%PDF-1.7 not a photo")), reason("MEDIA_NOT_IMAGE"));
    for (const [start, type] of [
      [Buffer.from("89504e470d0a1a0a", "hex"), "image/png"],
      [Buffer.from("RIFF\0\0\0\0WEBPVP8 "), "image/webp"],
    ] as const)
      assert.equal((await put(Buffer.concat([start, Buffer.alloc(20)]))).media?.contentType, type);
    const unknown = box.as(MediaServiceService).getMedia({ mediaId: "med_none" });
    await assert.rejects(unknown, reason("PARTNER_NOT_FOUND"));
  });
});
