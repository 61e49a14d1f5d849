import assert from "node:assert/strict";
import fc from "fast-check";
import { openComparison } from "../core/compare.js";
import type { Finding } from "../core/types.js";
import { ago, type Books, booksOf, patience, plots, type StoryName, spoilable, stories } from "./books.js";
import { spoilers } from "./spoilers.js";

/** Compares page by page, as a run does. */
function compare({ lines, corrections, refunds }: Books, pageSize = 7): Finding[] {
  const comparison = openComparison(patience);
  comparison.statement(lines);
  comparison.corrections(corrections);
  const findings: Finding[] = [];
  for (let i = 0; i < refunds.length; i += pageSize)
    findings.push(...comparison.refunds(refunds.slice(i, i + pageSize)));
  return [...findings, ...comparison.rest()];
}

const named = (findings: readonly Pick<Finding, "kind" | "reference" | "refundId">[]): string[] =>
  findings.map(({ kind, reference, refundId }) => `${kind} ${reference} ${refundId}`).sort();

describe("reconciler: comparison", () => {
  for (const name of Object.keys(stories) as StoryName[]) {
    it(`finds nothing wrong with a tender that is ${name}`, () => {
      assert.deepEqual(compare(booksOf([{ tenders: [name], minor: 1_250n, taxed: false }])), []);
    });
  }

  for (const [title, spoil] of Object.entries(spoilers)) {
    it(`finds ${title}`, () => {
      const books = booksOf([spoilable, spoilable, spoilable]);
      const expected = spoil(books, books.refunds[1]!);
      assert.deepEqual(named(compare(books)), named([expected]));
    });
  }

  it("has a spoiler for every kind of break", () => {
    const kinds = new Set(Object.keys(spoilers).map((title) => title.split(":")[0]));
    assert.equal(kinds.size, 9);
  });

  it("finds nothing in books that fit, whatever befell the refunds and in whatever order the lines come", () => {
    const shuffled = fc.tuple(plots, fc.infiniteStream(fc.nat()));
    fc.assert(
      fc.property(shuffled, ([some, order]) => {
        const books = booksOf(some);
        const weighed = books.lines.map((line) => ({ line, weight: order.next().value as number }));
        books.lines = weighed.sort((a, b) => a.weight - b.weight).map(({ line }) => line);
        assert.deepEqual(compare(books), []);
      }),
      { numRuns: 300 },
    );
  });

  it("finds exactly what was spoilt, each kind at any place among any others", () => {
    const choice = fc.array(fc.constantFrom(...Object.keys(spoilers)), { maxLength: 30 });
    fc.assert(
      fc.property(plots, choice, fc.nat(50), (some, titles, before) => {
        const books = booksOf([...some.slice(0, before), ...titles.map(() => spoilable), ...some.slice(before)]);
        const first = Math.min(before, some.length);
        const expected = titles.map((title, i) => spoilers[title]!(books, books.refunds[first + i]!));
        assert.deepEqual(named(compare(books)), named(expected));
      }),
      { numRuns: 300 },
    );
  });

  it("leaves alone what an unknown key paid and took back, and what the customer's bank took", () => {
    const books = booksOf([spoilable]);
    const [line] = books.lines;
    const strange = { ...line!, key: "key_x", lineId: "sln_x" };
    books.lines.push(strange, { ...strange, lineId: "sln_y", kind: "REVERSAL" });
    books.lines.push({ ...line!, lineId: "sln_z", kind: "CHARGEBACK", key: "" });
    assert.deepEqual(compare(books), []);
  });

  it("says ORPHAN, not DOUBLE, where the provider has only mistaken the key", () => {
    const books = booksOf([spoilable]);
    books.lines[0]!.key = "key_typo";
    assert.deepEqual(
      named(compare(books)),
      named([
        { kind: "MISSING", reference: "rfd_000000.0", refundId: "rfd_000000" },
        { kind: "ORPHAN", reference: books.lines[0]!.lineId, refundId: "" },
      ]),
    );
  });

  it("counts a line that pays a second time once, however many of the same amount there are", () => {
    const books = booksOf([{ ...spoilable, tenders: ["paid", "paid"] }]);
    const [line] = books.lines;
    for (const n of [1, 2]) books.lines.push({ ...line!, lineId: `sln_more_${n}`, key: `key_more_${n}` });
    assert.deepEqual(
      compare(books).map(({ kind }) => kind),
      ["DOUBLE", "DOUBLE"],
    );
  });

  it("gives news time to get from one book to the other, to the minute", () => {
    for (const [minutes, kinds] of [
      [59, []],
      [60, ["MISSING"]],
    ] as const) {
      const books = booksOf([{ ...spoilable, taxed: false }]);
      books.lines = [];
      books.refunds[0]!.tenders[0]!.settleTime = ago(minutes / 60);
      assert.deepEqual(
        compare(books).map(({ kind }) => kind),
        kinds,
      );
    }
  });

  it("says what is in either book", () => {
    const books = booksOf([spoilable]);
    books.lines[0]!.amount = { minor: 1_300n, currency: "GBP" };
    const [found] = compare(books);
    assert.deepEqual([found?.ours?.minor, found?.theirs?.minor], [1_250n, 1_300n]);
    assert.equal(found?.text, "the provider paid £13.00 where we booked £12.50");
  });

  it("finds 50 of each kind among a hundred thousand refunds, within seconds, and nothing else", () => {
    const whole = booksOf(Array.from({ length: 100_000 }, () => spoilable));
    const parts = whole.refunds.map(
      (refund, i): Books => ({ refunds: [refund], lines: [whole.lines[i]!], corrections: [whole.corrections[i]!] }),
    );
    const planted = Object.values(spoilers).flatMap((spoil, s) =>
      Array.from({ length: 50 }, (_, n) => {
        const part = parts[n * 1_999 + s]!;
        return spoil(part, part.refunds[0]!);
      }),
    );
    const books: Books = {
      refunds: parts.flatMap((part) => part.refunds),
      lines: parts.flatMap((part) => part.lines),
      corrections: parts.flatMap((part) => part.corrections),
    };
    const startedAt = performance.now();
    const findings = compare(books, 5_000);
    assert.ok(performance.now() - startedAt < 5_000);
    assert.deepEqual(named(findings), named(planted));
  });
});
