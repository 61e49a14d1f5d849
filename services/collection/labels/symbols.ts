// Barcodes as dots on a canvas, each module a whole number of dots, so that edges stay sharp.
import bwip from "bwip-js/node";
import type { Canvas } from "./canvas.js";

/** Clear space that a reader needs, in modules. */
const quietModules = { code128: 10, qr: 4 } as const;

/**
 * Code 128, centred, as wide as it can be.
 * @throws RangeError if it is too long for the sheet even at one dot a module
 */
export function drawCode128(canvas: Canvas, content: string, top: number, high: number): void {
  const widths = (bwip.raw({ bcid: "code128", text: content })[0] as { sbs: number[] }).sbs;
  const modules = widths.reduce((sum, wide) => sum + wide, 0);
  const dots = Math.floor(canvas.width / (modules + 2 * quietModules.code128));
  if (dots < 1) throw new RangeError(`a number of ${content.length} characters is too long for a barcode`);
  let left = Math.floor((canvas.width - modules * dots) / 2);
  // Bars and spaces take turns, a bar first.
  for (const [i, wide] of widths.entries()) {
    if (i % 2 === 0) canvas.fill(left, top, wide * dots, high);
    left += wide * dots;
  }
}

/** A QR code that a scratch or a bright screen does not spoil (level Q), centred, within so many dots. */
export function drawQr(canvas: Canvas, content: string, top: number, within: number): void {
  const code = bwip.raw("qrcode", content, "eclevel=Q")[0] as { pixs: number[]; pixx: number };
  const side = code.pixx;
  const dots = Math.max(1, Math.floor(within / (side + 2 * quietModules.qr)));
  const left = Math.floor((canvas.width - side * dots) / 2);
  const first = top + Math.floor((within - side * dots) / 2);
  for (const [i, dark] of code.pixs.entries()) {
    if (dark) canvas.fill(left + (i % side) * dots, first + Math.floor(i / side) * dots, dots, dots);
  }
}
