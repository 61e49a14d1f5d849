// Texts as bytes that are hashed: so that no two lists of texts share them.

const encoder = new TextEncoder();

/** Each text as UTF-8 after its length in four bytes. */
export function canonical(texts: readonly string[]): Uint8Array {
  const fields = texts.map((text) => encoder.encode(text));
  const bytes = new Uint8Array(fields.reduce((size, field) => size + 4 + field.length, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const field of fields) {
    view.setUint32(at, field.length);
    bytes.set(field, at + 4);
    at += 4 + field.length;
  }
  return bytes;
}
