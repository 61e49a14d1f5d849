// What spoils books that fit: one thing at a time, and the one break that comes of it.
import { keyOf } from "../core/ledger.js";
import type { Finding, StatementLine } from "../core/types.js";
import { ago, type Books, type Refund } from "./books.js";

type Expected = Pick<Finding, "kind" | "reference" | "refundId">;
type Spoiler = (books: Books, refund: Refund) => Expected;

const lineOf = (books: Books, refund: Refund) => books.lines.find(({ key }) => key === refund.tenders[0]!.providerKey)!;
const about = (kind: Finding["kind"], { refundId, tenders }: Refund): Expected => {
  return { kind, refundId, reference: tenders[0]!.providerKey };
};
const again = (books: Books, refund: Refund, change: Partial<StatementLine>) => {
  const line = lineOf(books, refund);
  books.lines.push({ ...line, lineId: `${line.lineId}_again`, ...change });
};
const putState = (refund: Refund, state: string, requestTime: Date | undefined) => {
  Object.assign(refund.tenders[0]!, { state, requestTime });
};

/** Each spoils a refund of one paid tender and a tax document in one way; what it answers is the one break of it. */
export const spoilers: Readonly<Record<string, Spoiler>> = {
  "MISSING: its line is gone": (books, refund) => {
    books.lines = books.lines.filter((line) => line !== lineOf(books, refund));
    return about("MISSING", refund);
  },
  "MISSING: our reversal is not on the statement": (_books, refund) => {
    putState(refund, "REVERSED", ago(50));
    refund.journals.push({ ...refund.journals[0]!, kind: "REVERSE", createTime: ago(5) });
    return about("MISSING", refund);
  },
  "DOUBLE: two lines under the key": (books, refund) => {
    again(books, refund, {});
    return about("DOUBLE", refund);
  },
  "DOUBLE: paid while we still wait": (books, refund) => {
    putState(refund, "PENDING", ago(50));
    refund.journals = [];
    again(books, refund, {});
    return about("DOUBLE", refund);
  },
  "DOUBLE: again under another key": (books, refund) => {
    again(books, refund, { key: `${refund.tenders[0]!.providerKey}.again` });
    return { kind: "DOUBLE", refundId: refund.refundId, reference: `${lineOf(books, refund).lineId}_again` };
  },
  "DOUBLE: by hand, and by the provider": (_books, refund) => {
    refund.tenders[0]!.route = "MANUAL";
    return about("DOUBLE", refund);
  },
  "WRONG_AMOUNT: one more": (books, refund) => {
    const line = lineOf(books, refund);
    line.amount = { ...line.amount!, minor: line.amount!.minor + 1n };
    return about("WRONG_AMOUNT", refund);
  },
  "WRONG_AMOUNT: cannot be read": (books, refund) => {
    lineOf(books, refund).amount = undefined;
    return about("WRONG_AMOUNT", refund);
  },
  "WRONG_CURRENCY: the same number of another": (books, refund) => {
    const line = lineOf(books, refund);
    line.amount = { ...line.amount!, currency: "EUR" };
    return about("WRONG_CURRENCY", refund);
  },
  "LATE: nobody answers": (books, refund) => {
    books.lines = books.lines.filter((line) => line !== lineOf(books, refund));
    putState(refund, "PENDING", ago(73));
    refund.journals = [];
    return about("LATE", refund);
  },
  "LATE: never asked for": (books, refund) => {
    books.lines = books.lines.filter((line) => line !== lineOf(books, refund));
    putState(refund, "GRANTED", undefined);
    refund.journals = [];
    Object.assign(refund, { createTime: ago(73) });
    return about("LATE", refund);
  },
  "LATE: came back, and nobody looks": (books, refund) => {
    putState(refund, "REVERSED", ago(900));
    refund.journals[0]!.createTime = ago(890);
    again(books, refund, { kind: "REVERSAL", bookTime: ago(100) });
    refund.journals.push({ ...refund.journals[0]!, kind: "REVERSE", createTime: ago(100) });
    return about("LATE", refund);
  },
  "ORPHAN: a key nobody knows": (books, refund) => {
    const amount = { minor: lineOf(books, refund).amount!.minor + 7n, currency: "GBP" };
    again(books, refund, { key: "key_unknown", amount });
    return { kind: "ORPHAN", refundId: "", reference: `${lineOf(books, refund).lineId}_again` };
  },
  "ORPHAN: no key at all": (books, refund) => {
    again(books, refund, { key: "", paymentId: "" });
    return { kind: "ORPHAN", refundId: "", reference: `${lineOf(books, refund).lineId}_again` };
  },
  "ORPHAN: paid what we gave up": (_books, refund) => {
    putState(refund, "VOIDED", ago(50));
    refund.journals = [];
    return about("ORPHAN", refund);
  },
  "REVERSED: it came back, we do not know": (books, refund) => {
    again(books, refund, { kind: "REVERSAL", bookTime: ago(2) });
    return about("REVERSED", refund);
  },
  "UNMATCHED_DOCUMENT: no correction": (books, refund) => {
    const { key } = refund.taxTwins[0]!;
    books.corrections = books.corrections.filter((correction) => correction.key !== key);
    return { kind: "UNMATCHED_DOCUMENT", refundId: refund.refundId, reference: key };
  },
  "UNMATCHED_DOCUMENT: another amount": (_books, refund) => {
    const twin = refund.taxTwins[0]!;
    twin.amount = { ...twin.amount, minor: twin.amount.minor + 1n };
    return { kind: "UNMATCHED_DOCUMENT", refundId: refund.refundId, reference: twin.key };
  },
  "UNMATCHED_DOCUMENT: corrected twice": (books, refund) => {
    const { key } = refund.taxTwins[0]!;
    const first = books.corrections.find((correction) => correction.key === key)!;
    books.corrections.push({ ...first, correctionNumber: `${first.correctionNumber}_again` });
    return { kind: "UNMATCHED_DOCUMENT", refundId: refund.refundId, reference: key };
  },
  "UNMATCHED_DOCUMENT: a correction of nothing": (books, refund) => {
    const correctionNumber = `${refund.refundId}_stray`;
    books.corrections.push({ correctionNumber, key: correctionNumber, amount: refund.tenders[0]!.amount });
    return { kind: "UNMATCHED_DOCUMENT", refundId: "", reference: correctionNumber };
  },
  "LEDGER: paid and not booked": (_books, refund) => {
    refund.journals = [];
    return about("LEDGER", refund);
  },
  "LEDGER: booked twice": (_books, refund) => {
    refund.journals.push({ ...refund.journals[0]!, source: `${refund.journals[0]!.source}#2` });
    return about("LEDGER", refund);
  },
  "LEDGER: booked, and not paid": (books, refund) => {
    books.lines = books.lines.filter((line) => line !== lineOf(books, refund));
    putState(refund, "PENDING", ago(2));
    return about("LEDGER", refund);
  },
  "LEDGER: another amount": (_books, refund) => {
    const journal = refund.journals[0]!;
    journal.amount = { ...journal.amount!, minor: journal.amount!.minor - 1n };
    return about("LEDGER", refund);
  },
  "LEDGER: under a key that no tender has": (_books, refund) => {
    const journal = { ...refund.journals[0]!, source: `${refund.refundId}.9#2` };
    refund.journals.push(journal);
    return { kind: "LEDGER", refundId: refund.refundId, reference: keyOf(journal) };
  },
};
