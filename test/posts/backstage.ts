// What happens besides REST with a token: a carrier reports a scan, a device keeps a photo, a guest reads their mail.
import { randomBytes } from "node:crypto";
import { MediaServiceService } from "#gen/backhaul/partner/media/v1/media_service.js";
import { GuestDeskServiceService } from "#gen/backhaul/sandbox/v1/guest_desk_service.js";
import { openAddress } from "#kit/client.js";
import { newId } from "#kit/ids.js";
import { until } from "#kit/testing/peers.js";
import { parseSecrets, sign } from "../../gateway/webhooks.js";
import type { Mesh } from "../mesh.js";

export type Backstage = Awaited<ReturnType<typeof openBackstage>>;

export async function openBackstage(mesh: Mesh) {
  const secrets = parseSecrets(mesh.env("gateway").WEBHOOK_SECRETS ?? "");
  const clerk = await mesh.doors.token("WAREHOUSE", "wendy");
  const opened = openAddress(mesh.doors.sandboxAddress, { service: "test", mint: () => clerk, deadlineMs: 20_000 });
  const media = opened.connect(MediaServiceService);
  const operator = await mesh.doors.token("OPERATOR", "olga");
  const desk = openAddress(mesh.doors.sandboxAddress, { service: "test", mint: () => operator, deadlineMs: 20_000 });
  const guests = desk.connect(GuestDeskServiceService);
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
    /** The code that is sent to who asks for one as a guest. */
    codeFor: async (guest: { readonly orderId: string; readonly contact: string }): Promise<string> => {
      const response = await fetch(`${mesh.gatewayUrl}/v1/guests:requestCode`, {
        method: "POST",
        headers: { "content-type": "application/json", "idempotency-key": newId("key") },
        body: JSON.stringify(guest),
      });
      if (!response.ok) throw new Error(`no code was sent: ${response.status} ${await response.text()}`);
      const { orderId } = guest;
      return until("a code is sent", async () => (await guests.listGuestCodes({ orderId })).codes[0]?.code);
    },
    close: () => {
      opened.close();
      desk.close();
    },
  };
}
