// What happens besides REST with a token: a carrier reports a scan, a device keeps a photo.
import { randomBytes } from "node:crypto";
import { MediaServiceService } from "#gen/backhaul/partner/media/v1/media_service.js";
import { openAddress } from "#kit/client.js";
import { newId } from "#kit/ids.js";
import { parseSecrets, sign } from "../../gateway/webhooks.js";
import type { Mesh } from "../mesh.js";

export type Backstage = Awaited<ReturnType<typeof openBackstage>>;

export async function openBackstage(mesh: Mesh) {
  const secrets = parseSecrets(mesh.env("gateway").WEBHOOK_SECRETS ?? "");
  const clerk = await mesh.doors.token("WAREHOUSE", "wendy");
  const opened = openAddress(mesh.doors.sandboxAddress, { service: "test", mint: () => clerk, deadlineMs: 20_000 });
  const media = opened.connect(MediaServiceService);
  return {
    /** The carrier has something to tell of a parcel; that the driver has it, unless said otherwise. */
    report: async (
      carrier: string,
      trackingNumber: string,
      what: object = { kind: "TRACKING_KIND_PICKED_UP", code: "PICK" },
    ): Promise<void> => {
      const event = { eventId: newId("trk"), eventTime: new Date(), ...what };
      const body = JSON.stringify({ trackingNumber, event });
      const [id, timestamp] = [newId("msg"), String(Math.floor(Date.now() / 1000))];
      const [secret = Buffer.alloc(0)] = secrets.get(carrier) ?? [];
      const response = await fetch(`${mesh.gatewayUrl}/webhooks/carriers/${carrier}`, {
        method: "POST",
        body,
        headers: {
          "content-type": "application/json",
          "webhook-id": id,
          "webhook-timestamp": timestamp,
          "webhook-signature": `v1,${sign(secret, id, timestamp, Buffer.from(body)).toString("base64")}`,
        },
      });
      if (response.status !== 204) throw new Error(`the scan was answered ${response.status} ${await response.text()}`);
    },
    /** A photo of an order's goods, as evidence names it. */
    photo: async (orderId: string): Promise<{ mediaId: string; sha256: string }> => {
      // The least that a JPEG begins with, and something of its own.
      const content = Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 16, 74, 70, 73, 70]), randomBytes(8)]);
      const { media: kept } = await media.putMedia({ requestId: newId("req"), orderId, content });
      return { mediaId: kept?.mediaId ?? "", sha256: kept?.sha256 ?? "" };
    },
    close: opened.close,
  };
}
