// A label drawn: 100 × 150 mm at 8 dots per mm, as thermal printers have them.
import { handlingOf, inFours, type Label, shortCode } from "../core/label.js";
import { type Canvas, openCanvas, sizeWithin } from "./canvas.js";
import { drawCode128, drawQr } from "./symbols.js";

export const dotsPerMm = 8;
export const sheetMm = { width: 100, height: 150 } as const;

const [width, height] = [sheetMm.width * dotsPerMm, sheetMm.height * dotsPerMm];
const [middle, margin] = [width / 2, 40];
const inner = width - 2 * margin;

/** @throws RangeError for a number that no label is wide enough for */
export function drawLabel(label: Label): Canvas {
  const sheet = openCanvas(width, height);
  drawHead(sheet, label);
  if (label.kind === "CODE") drawCode(sheet, label);
  else drawBarcode(sheet, label);
  drawHandling(sheet, label);
  drawFoot(sheet, label);
  return sheet;
}

/** What it is and who carries it, white on black, to be told apart from a shop's own labels at a glance. */
function drawHead(sheet: Canvas, { carrier, centre }: Label): void {
  sheet.fill(0, 0, width, 150);
  sheet.text("RETURN", margin, 104, { size: 84, inverse: true });
  const name = carrier.toUpperCase();
  const size = sizeWithin(name, inner - 380, [56, 44, 34, 26, 20]);
  sheet.text(name, width - margin, 98, { size, align: "right", inverse: true });
  if (centre === "") return;
  sheet.text("TO", margin, 226, { size: 30 });
  sheet.text(centre, margin + 80, 232, { size: sizeWithin(centre, inner - 80, [52, 42, 34, 26, 18, 12]) });
  sheet.fill(margin, 262, inner, 3);
}

function drawBarcode(sheet: Canvas, { trackingNumber }: Label): void {
  drawCode128(sheet, trackingNumber, 320, 300);
  const words = inFours(trackingNumber);
  sheet.text(words, middle, 690, { size: sizeWithin(words, inner, [56, 46, 38, 30, 24, 18, 12]), align: "center" });
}

function drawCode(sheet: Canvas, label: Label): void {
  const top = label.centre === "" ? 170 : 280;
  drawQr(sheet, label.trackingNumber, top, 680 - top);
  sheet.text(shortCode(label), middle, 758, { size: 72, align: "center" });
}

function drawHandling(sheet: Canvas, { temperature }: Label): void {
  const handling = handlingOf(temperature);
  if (!handling) return;
  sheet.fill(margin, 792, inner, 84);
  sheet.text(handling, middle, 850, { size: 48, align: "center", inverse: true });
}

function drawFoot(sheet: Canvas, { kind, collectionId, trackingNumber, units, parcel, advice }: Label): void {
  sheet.fill(margin, 908, inner, 3);
  const rows = [
    ["PARCEL", `${parcel.number} of ${parcel.of}`],
    ["UNITS", `${units}`],
    // The barcode of a parcel has its number below; a code shows its number here.
    ...(kind === "CODE" ? [["NUMBER", trackingNumber]] : []),
    ["COLLECTION", collectionId],
  ] as const;
  for (const [i, [name = "", value = ""]] of rows.entries()) {
    const baseline = 960 + 42 * i;
    sheet.text(name, margin, baseline, { size: 24 });
    const size = sizeWithin(value, inner - 200, [28, 24, 20, 14, 12]);
    sheet.text(value, margin + 200, baseline, { size });
  }
  for (const [i, line] of advice.entries()) {
    sheet.text(line, middle, 1138 + 34 * i, { size: sizeWithin(line, inner, [24, 22, 20]), align: "center" });
  }
}
