// A bank account as people may see it. Pure.

/** A bank account number for people: the last four characters, and never more than half of it. */
export function masked(bankCode: string, accountNumber: string): string {
  const shown = Math.min(4, Math.floor(accountNumber.length / 2));
  const hidden = "*".repeat(accountNumber.length - shown);
  return `${bankCode} ${hidden}${accountNumber.slice(accountNumber.length - shown)}`;
}
