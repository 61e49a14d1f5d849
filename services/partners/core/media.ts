// What counts as a photo: told by its first bytes, for a name or a header can say anything.
import { check } from "#kit/pure/check.js";

/** As large as phones make them. */
export const mediaBytesMax = 10 * 1024 * 1024;

/**
 * The type of a photo.
 * @throws DomainError MEDIA_TOO_LARGE, MEDIA_NOT_IMAGE
 */
export function contentTypeOf(content: Uint8Array): string {
  const metadata = { size_bytes: String(content.length), limit_bytes: String(mediaBytesMax) };
  check(content.length <= mediaBytesMax, "MEDIA_TOO_LARGE", `a photo has at most ${mediaBytesMax} bytes`, metadata);
  const type = kinds.find(({ at }) =>
    at.every(([from, bytes]) => bytes.every((byte, i) => content[from + i] === byte)),
  );
  const first = [...content.subarray(0, 12)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  check(!!type, "MEDIA_NOT_IMAGE", "send a JPEG, PNG or WebP image", { first_bytes: first });
  return type.name;
}

const ascii = (text: string) => [...text].map((letter) => letter.charCodeAt(0));

const kinds: readonly { name: string; at: readonly (readonly [number, readonly number[]])[] }[] = [
  { name: "image/jpeg", at: [[0, [0xff, 0xd8, 0xff]]] },
  { name: "image/png", at: [[0, [0x89, ...ascii("PNG"), 0x0d, 0x0a, 0x1a, 0x0a]]] },
  {
    name: "image/webp",
    at: [
      [0, ascii("RIFF")],
      [8, ascii("WEBP")],
    ],
  },
];
