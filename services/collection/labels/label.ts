// A label in one of its formats, with the type of its bytes.
import type { Label } from "../core/label.js";
import { toPdf } from "./pdf.js";
import { packedRows, toPng } from "./png.js";
import { drawLabel } from "./sheet.js";
import { toZpl } from "./zpl.js";

export type LabelFormat = "PDF" | "PNG" | "ZPL";

export type Printed = { readonly contentType: string; readonly data: Buffer };

export async function print(label: Label, format: LabelFormat): Promise<Printed> {
  // What browsers know no name for is text to them: it can be looked at, or sent to the printer.
  if (format === "ZPL") return { contentType: "text/plain; charset=utf-8", data: Buffer.from(toZpl(label)) };
  const sheet = drawLabel(label);
  const packed = packedRows(sheet);
  if (format === "PNG") return { contentType: "image/png", data: toPng(sheet, packed) };
  return { contentType: "application/pdf", data: Buffer.from(await toPdf(sheet, packed, label.trackingNumber)) };
}
