// A canvas as a PDF of one page in its size. The image data goes in as it stands in the PNG: PDF reads the same rows.
import {
  concatTransformationMatrix,
  drawObject,
  PDFDocument,
  PDFName,
  popGraphicsState,
  pushGraphicsState,
} from "pdf-lib";
import type { Canvas } from "./canvas.js";
import { sheetMm } from "./sheet.js";

const pointsPerMm = 72 / 25.4;

export async function toPdf({ width, height }: Canvas, packed: Buffer, title: string): Promise<Uint8Array> {
  // No dates: the same label is the same bytes.
  const document = await PDFDocument.create({ updateMetadata: false });
  document.setTitle(title);
  const [wide, high] = [sheetMm.width * pointsPerMm, sheetMm.height * pointsPerMm];
  const page = document.addPage([wide, high]);
  const image = document.context.stream(packed, {
    Type: "XObject",
    Subtype: "Image",
    Width: width,
    Height: height,
    ColorSpace: "DeviceGray",
    BitsPerComponent: 8,
    Filter: "FlateDecode",
    DecodeParms: { Predictor: 15, Colors: 1, BitsPerComponent: 8, Columns: width },
  });
  const name = PDFName.of("Label");
  page.node.setXObject(name, document.context.register(image));
  const place = [pushGraphicsState(), concatTransformationMatrix(wide, 0, 0, high, 0, 0), drawObject(name)];
  page.pushOperators(...place, popGraphicsState());
  return document.save({ useObjectStreams: false });
}
