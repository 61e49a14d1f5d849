import assert from "node:assert/strict";
import { inflateSync } from "node:zlib";
import {
  BarcodeFormat,
  BinaryBitmap,
  DecodeHintType,
  HybridBinarizer,
  MultiFormatReader,
  RGBLuminanceSource,
} from "@zxing/library";
import { PDFDocument, PDFName, PDFRawStream } from "pdf-lib";
import { handlingOf, type Label, labelOf, shortCode } from "../core/label.js";
import { print } from "../labels/label.js";
import { drawLabel } from "../labels/sheet.js";

function label(change: Partial<Label> = {}): Label {
  return {
    kind: "PARCEL",
    trackingNumber: "681234567890",
    carrier: "cj",
    collectionId: "col_01KAA0000000000000000000AA",
    units: 2,
    parcel: { number: 1, of: 1 },
    centre: "ICN-1",
    temperature: "AMBIENT",
    advice: ["Stick this on the parcel and leave it at the door."],
    ...change,
  };
}

/** What a scanner reads off the image; it knows nothing of how it was drawn. */
function scan(png: Buffer, format: BarcodeFormat): string {
  const { width, height, grey } = greyOf(png);
  const hints = new Map<DecodeHintType, unknown>([
    [DecodeHintType.POSSIBLE_FORMATS, [format]],
    [DecodeHintType.TRY_HARDER, true],
  ]);
  const bitmap = new BinaryBitmap(new HybridBinarizer(new RGBLuminanceSource(grey, width, height)));
  return new MultiFormatReader().decode(bitmap, hints).getText();
}

/** Reads an 8-bit grey PNG without filters, chunk by chunk. */
function greyOf(png: Buffer) {
  assert.equal(png.subarray(0, 8).toString("hex"), "89504e470d0a1a0a");
  const [width, height] = [png.readUInt32BE(16), png.readUInt32BE(20)];
  const rows = inflateSync(chunkOf(png, "IDAT"));
  assert.equal(rows.length, (width + 1) * height);
  const grey = new Uint8ClampedArray(width * height);
  for (let y = 0; y < height; y++) grey.set(rows.subarray(y * (width + 1) + 1, (y + 1) * (width + 1)), y * width);
  return { width, height, grey };
}

function chunkOf(png: Buffer, type: string): Buffer {
  for (let at = 8; at < png.length; at += 12 + png.readUInt32BE(at)) {
    const size = png.readUInt32BE(at);
    if (png.toString("latin1", at + 4, at + 8) === type) return png.subarray(at + 8, at + 8 + size);
  }
  throw new Error(`no ${type}`);
}

describe("collection: labels", () => {
  for (const number of [
    "681234567890",
    "1234567890",
    "RM123456785KR",
    "trn-01KAA0000000000000000000AA",
    "7".repeat(40),
  ]) {
    it(`has a barcode that a scanner reads as ${number}`, async () => {
      const { contentType, data } = await print(label({ trackingNumber: number }), "PNG");
      assert.equal(contentType, "image/png");
      assert.equal(scan(data, BarcodeFormat.CODE_128), number);
    });
  }

  it("shows a counter a QR code of the number, and a clerk its end in fours", async () => {
    const code = label({ kind: "CODE", trackingNumber: "SV00012345678" });
    assert.equal(scan((await print(code, "PNG")).data, BarcodeFormat.QR_CODE), "SV00012345678");
    assert.equal(shortCode(code), "1234 5678");
  });

  it("draws every number that a contract lets in", () => {
    for (let length = 1; length <= 60; length++)
      drawLabel(label({ trackingNumber: "A1-".repeat(20).slice(0, length) }));
  });

  it("is a PDF of one page of 100 × 150 mm that holds the very image", async () => {
    const { contentType, data } = await print(label(), "PDF");
    assert.equal(contentType, "application/pdf");
    const document = await PDFDocument.load(data);
    assert.equal(document.getPageCount(), 1);
    const { width, height } = document.getPage(0).getSize();
    assert.equal(((width / 72) * 25.4).toFixed(3), "100.000");
    assert.equal(((height / 72) * 25.4).toFixed(3), "150.000");
    const images = document.context
      .enumerateIndirectObjects()
      .flatMap(([, thing]) => (thing instanceof PDFRawStream ? thing : []))
      .filter((stream) => stream.dict.get(PDFName.of("Subtype")) === PDFName.of("Image"));
    assert.equal(images.length, 1);
    const png = (await print(label(), "PNG")).data;
    assert.deepEqual(Buffer.from(images[0]?.contents ?? []), chunkOf(png, "IDAT"));
  });

  it("comes out in its size when printed: 8 dots per mm", async () => {
    const { data } = await print(label(), "PNG");
    const { width, height } = greyOf(data);
    assert.deepEqual([width, height], [800, 1200]);
    assert.equal(chunkOf(data, "pHYs").readUInt32BE(0), 8000);
  });

  it("is the same bytes for the same label, and others for another", async () => {
    for (const format of ["PDF", "PNG", "ZPL"] as const) {
      const [one, again, other] = await Promise.all([
        print(label(), format),
        print(label(), format),
        print(label({ units: 3 }), format),
      ]);
      assert.ok(one.data.equals(again.data), format);
      assert.ok(!one.data.equals(other.data), format);
    }
  });

  it("tells a label printer the number, and no command that hides in a name", async () => {
    const { data } = await print(label({ centre: "^XZ~JR" }), "ZPL");
    const zpl = data.toString();
    assert.match(zpl, /\^BCN,300,N,N,N,A\^FD681234567890\^FS/);
    assert.equal(zpl.split("^XZ").length, 2);
    assert.ok(!zpl.includes("~JR"));
  });

  it("says how cold goods must stay, and nothing of what may get warm", () => {
    assert.match(handlingOf("CHILLED") ?? "", /CHILLED/);
    assert.match(handlingOf("FROZEN") ?? "", /FROZEN/);
    assert.equal(handlingOf("AMBIENT"), undefined);
    const dark = (grey: Uint8Array) => grey.reduce((sum, dot) => sum + (dot < 128 ? 1 : 0), 0);
    assert.ok(dark(drawLabel(label({ temperature: "FROZEN" })).dots) > dark(drawLabel(label()).dots) + 20_000);
  });

  const collectionId = "col_01KAA0000000000000000000AA";
  const parcels = [
    { carrier: "cj", trackingNumber: "1", units: 2 },
    { carrier: "cj", trackingNumber: "2", units: 1 },
  ];
  const nowhere = { centre: "", temperature: "AMBIENT" } as const;

  it("gives each parcel its own, with what is in it", () => {
    const wanted = { collectionId, state: "SCHEDULED", method: "PICKUP_CONTACTLESS" } as const;
    const second = labelOf(wanted, parcels, 2, nowhere);
    assert.deepEqual([second.trackingNumber, second.units, second.parcel], ["2", 1, { number: 2, of: 2 }]);
    assert.equal(second.kind, "PARCEL");
    assert.throws(() => labelOf(wanted, parcels, 3, nowhere), { reason: "COLLECTION_STATE" });
  });

  it("gives a code where the goods are dropped off", () => {
    for (const method of ["DROP_OFF_CVS", "DROP_OFF_LOCKER"] as const)
      assert.equal(labelOf({ collectionId, state: "SCHEDULED", method }, parcels, 1, nowhere).kind, "CODE");
  });

  it("gives none before there is a number, nor once it is called off", () => {
    for (const state of ["CREATED", "CANCELED", "DIRECTION_FAILED"] as const) {
      const wanted = { collectionId, state, method: "PICKUP_CONTACTLESS" } as const;
      assert.throws(() => labelOf(wanted, parcels, 1, nowhere), { reason: "COLLECTION_STATE" });
    }
    const unnumbered = [{ carrier: "cj", trackingNumber: "", units: 1 }];
    const wanted = { collectionId, state: "SCHEDULED", method: "CUSTOMER_SHIPS" } as const;
    assert.throws(() => labelOf(wanted, unnumbered, 1, nowhere), { reason: "COLLECTION_STATE" });
  });
});
