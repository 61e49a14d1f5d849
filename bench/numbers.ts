// Percentiles and a table for people.

/** The value below which this share of the sorted values lies. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** Rows of a name, a value and a remark, in columns. */
export function table(title: string, rows: readonly (readonly [string, string, string?])[]): string {
  const names = Math.max(...rows.map(([name]) => name.length));
  const values = Math.max(...rows.map(([, value]) => value.length));
  const lines = rows.map(([name, value, remark = ""]) =>
    `  ${name.padEnd(names)}  ${value.padStart(values)}  ${remark}`.trimEnd(),
  );
  return [title, ...lines].join("\n");
}

export function rounded(value: number, digits = 1): string {
  return value.toLocaleString("en-GB", { maximumFractionDigits: digits, minimumFractionDigits: 0 });
}
