/**
 * Ids that say what they name and sort by birth: `res_01J9Z3…` = kind of three letters, underscore, ULID
 * (github.com/ulid/spec: 48 bits of milliseconds, 80 random bits, Crockford base32). Time and randomness come in.
 */

/** An id of kind K, e.g. `Id<"rfd">`. */
export type Id<K extends string = string> = `${K}_${string}`;

const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const kindGrammar = /^[a-z]{3}$/;
const ulidGrammar = /^[0-9A-HJKMNP-TV-Z]{26}$/;
const latestMs = 2 ** 48 - 1;

/**
 * 26 characters whose text order is the order of `nowMs`; two of the same millisecond sort at random.
 * @param nowMs Unix time in milliseconds, 0 … 2^48-1
 * @param randomBytes10 ten bytes from a cryptographic source
 * @throws RangeError if the time or the number of bytes does not fit
 */
export function ulid(nowMs: number, randomBytes10: Uint8Array): string {
  if (!Number.isInteger(nowMs) || nowMs < 0 || nowMs > latestMs) throw new RangeError(`no ULID time: ${nowMs}`);
  if (randomBytes10.length !== 10) throw new RangeError(`a ULID takes 10 random bytes, got ${randomBytes10.length}`);
  let time = "";
  for (let rest = nowMs; time.length < 10; rest = Math.floor(rest / 32)) time = alphabet.charAt(rest % 32) + time;
  let random = "";
  let bits = 0;
  let held = 0;
  for (const byte of randomBytes10) {
    bits = ((bits & 31) << 8) | byte; // at most 4 bits wait from the byte before
    for (held += 8; held >= 5; held -= 5) random += alphabet.charAt((bits >> (held - 5)) & 31);
  }
  return time + random;
}

/**
 * The id of a kind: idOf("rfd", ulid(…)) → `rfd_01J…`.
 * @throws RangeError if kind is not three small letters or the second argument is no ULID
 */
export function idOf<K extends string>(kind: K, ulidText: string): Id<K> {
  if (!kindGrammar.test(kind)) throw new RangeError(`an id's kind is three small letters, got "${kind}"`);
  if (!ulidGrammar.test(ulidText)) throw new RangeError(`not a ULID: "${ulidText}"`);
  return `${kind}_${ulidText}`;
}

/** Whether the text is an id of this kind: the kind, `_`, 26 characters of Crockford base32 in capitals. */
export function isId<K extends string>(kind: K, text: string): text is Id<K> {
  return kindGrammar.test(kind) && text.startsWith(`${kind}_`) && ulidGrammar.test(text.slice(kind.length + 1));
}
