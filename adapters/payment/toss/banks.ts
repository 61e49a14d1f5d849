// Banks by their national code (금융결제원, three digits) as Toss names them (two).
// Source: https://docs.tosspayments.com/codes/org-codes (은행 코드), as copies of it say; securities firms are left out.

/** All but one drop the leading zero: KB is 06 at Toss, and 004 to everybody else. */
const own: Readonly<Record<string, string>> = { "004": "06" };
const national = new Set(
  (
    "002 003 004 007 011 012 020 023 027 031 032 034 035 037 039 " + // KDB to Kyongnam
    "045 048 050 054 064 071 081 088 089 090 092"
  ) // Saemaul, Shinhyup, savings banks, HSBC, Sanlim, Post, Hana, Shinhan, K, Kakao, Toss
    .split(" "),
);

/** Undefined for a bank that Toss does not refund to. Two digits are taken for Toss's own. */
export function tossBank(code: string): string | undefined {
  const three = code.length === 2 ? (Object.keys(own).find((it) => own[it] === code) ?? `0${code}`) : code;
  return national.has(three) ? (own[three] ?? three.slice(1)) : undefined;
}
