// A contact in one form, however somebody writes it: what is looked up must be what was kept.

/** The country's calling code by market, and whether national numbers begin with a 0 that falls away from abroad. */
const callingCodes: Readonly<Record<string, { readonly code: string; readonly trunk: boolean }>> = {
  KR: { code: "82", trunk: true },
  TW: { code: "886", trunk: true },
  GB: { code: "44", trunk: true },
  JP: { code: "81", trunk: true },
  US: { code: "1", trunk: false },
};

/** Markets whose numbers are known. */
export const numberedMarkets: readonly string[] = Object.keys(callingCodes);

/** National digits of the shortest and the longest number, without country code and trunk 0; ITU E.164 for the whole. */
const [shortest, longest] = [7, 15];

/**
 * A telephone number as E.164, e.g. "010-1234-5678" in KR as "+821012345678"; undefined for what is none. A number without a
 * country code is the market's.
 */
export function normalPhone(text: string, market: string): string | undefined {
  const written = text
    .normalize("NFKC")
    .replace(/\s*(ext\.?|x|#|내선|分機|内線)\s*\d+\s*$/i, "")
    .replace(/\(0\)/g, "")
    .trim();
  if (/[^\d\s().+\-‐-―−/]/.test(written) || /\d.*\+/.test(written)) return undefined;
  const digits = written.replace(/\D/g, "");
  const national = callingCodes[market];
  if (written.startsWith("+")) return worldwide(digits);
  if (digits.startsWith("00")) return worldwide(digits.slice(2));
  if (!national) return undefined;
  const { code, trunk } = national;
  if (trunk && digits.startsWith("0")) return sized(code + digits.slice(1), code);
  if (digits.startsWith(code) && digits.length >= code.length + 8) return worldwide(digits);
  return sized(code + digits, code);
}

/** Digits that begin with a country code; some write the trunk 0 all the same. */
function worldwide(digits: string): string | undefined {
  const known = Object.values(callingCodes).find(({ code }) => digits.startsWith(code));
  if (!known) return digits.length > longest || digits.length < 8 ? undefined : `+${digits}`;
  const rest = digits.slice(known.code.length);
  return sized(known.code + (known.trunk ? rest.replace(/^0/, "") : rest), known.code);
}

function sized(digits: string, code: string): string | undefined {
  return digits.length >= code.length + shortest && digits.length <= longest ? `+${digits}` : undefined;
}

/** An e-mail address in small letters; undefined for what is none. */
export function normalEmail(text: string): string | undefined {
  const address = text.normalize("NFKC").trim().toLowerCase();
  return /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(address) && address.length <= 254 ? address : undefined;
}
