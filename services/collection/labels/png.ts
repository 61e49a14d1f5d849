// A canvas as a PNG: 8-bit grey, with the dots per metre that make it come out in its size. The same dots are the same
// bytes: no time, no name of a program is in it.
import { deflateSync, crc32 as nodeCrc32 } from "node:zlib";
import type { Canvas } from "./canvas.js";
import { dotsPerMm } from "./sheet.js";

const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** The image data as PNG and PDF both store it: each row after a byte that says how it is filtered (not at all). */
export function packedRows({ width, height, dots }: Canvas): Buffer {
  const rows = Buffer.alloc((width + 1) * height);
  for (let y = 0; y < height; y++) rows.set(dots.subarray(y * width, (y + 1) * width), y * (width + 1) + 1);
  return deflateSync(rows, { level: 9 });
}

export function toPng({ width, height }: Canvas, packed: Buffer): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 0, 0, 0, 0], 8);
  const density = Buffer.alloc(9);
  density.writeUInt32BE(dotsPerMm * 1000, 0);
  density.writeUInt32BE(dotsPerMm * 1000, 4);
  density.writeUInt8(1, 8);
  const chunks = [chunk("IHDR", header), chunk("pHYs", density), chunk("IDAT", packed), chunk("IEND", Buffer.alloc(0))];
  return Buffer.concat([signature, ...chunks]);
}

function chunk(type: string, data: Buffer): Buffer {
  const typed = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const framed = Buffer.alloc(typed.length + 8);
  framed.writeUInt32BE(data.length, 0);
  framed.set(typed, 4);
  framed.writeUInt32BE(nodeCrc32(typed), typed.length + 4);
  return framed;
}
