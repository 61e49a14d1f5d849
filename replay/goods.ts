/**
 * What in the record is an article that can be sent back. Codes of articles are five digits, with letters for the
 * variant (85123A, 15056BL), or DCGS… for the shop's own gift lines (party bags, dog collars). All else is a fee or
 * bookkeeping: POST, DOT and C2 carriage, M manual, D discount, S samples, B bad debt, BANK CHARGES, AMAZONFEE, CRUK
 * commission, PADS at 0.001, gift_0001_… vouchers (bought as money, so not returned as goods).
 * The DCGS codes change no count of cancellations: none of them was ever cancelled or sold to a named customer.
 */
export function isGoods(stockCode: string): boolean {
  return /^(\d{5}[A-Za-z]*|DCGS[A-Z0-9]+)$/.test(stockCode);
}
