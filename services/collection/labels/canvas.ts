// A sheet of grey dots: rectangles and text, in dots from the top left. The typeface is OCR-B, which people and machines
// read; it has ASCII alone, anything else becomes "?".
import bwip from "bwip-js/node";

const { FontLib } = bwip;
const ocrB = FontLib.lookup("OCR-B");
const white = 255;

export type Canvas = ReturnType<typeof openCanvas>;

export type TextStyle = {
  /** Height of a line in dots. */
  readonly size: number;
  readonly align?: "left" | "center" | "right";
  /** White on what is dark already. */
  readonly inverse?: boolean;
};

export function openCanvas(width: number, height: number) {
  const dots = new Uint8Array(width * height).fill(white);

  const fill = (left: number, top: number, wide: number, high: number) => {
    for (let y = top; y < top + high; y++) dots.fill(0, y * width + left, y * width + left + wide);
  };

  /** @throws RangeError for text that leaves the sheet: a label that lacks its end is worse than none */
  const text = (words: string, x: number, baseline: number, { size, align = "left", inverse = false }: TextStyle) => {
    const glyphs = glyphsOf(words, size);
    const wide = widthOf(glyphs);
    let left = Math.round(x - { left: 0, center: wide / 2, right: wide }[align]);
    if (left < 0 || left + wide > width) throw new RangeError(`"${words}" is too wide for the label`);
    for (const glyph of glyphs) {
      for (let row = 0; row < glyph.height; row++) {
        for (let column = 0; column < glyph.width; column++) {
          const ink = glyph.bytes[row * glyph.width + column] ?? 0;
          const at = (baseline - glyph.top + row) * width + left + glyph.left + column;
          if (ink > 0) dots[at] = inverse ? Math.max(dots[at] ?? 0, ink) : Math.min(dots[at] ?? white, white - ink);
        }
      }
      left += glyph.advance;
    }
  };

  return { width, height, dots, fill, text };
}

/** The largest of these sizes in which the words fit. */
export function sizeWithin(words: string, wide: number, sizes: readonly number[]): number {
  return sizes.find((size) => widthOf(glyphsOf(words, size)) <= wide) ?? (sizes.at(-1) as number);
}

function glyphsOf(words: string, size: number) {
  const printable = words.replaceAll(/[^\x20-\x7e]/gu, "?");
  return [...printable].map((letter) => FontLib.getglyph(ocrB, letter.charCodeAt(0), size, size));
}

function widthOf(glyphs: readonly { readonly advance: number }[]): number {
  return glyphs.reduce((sum, { advance }) => sum + advance, 0);
}
