import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { csvRows } from "../csv.js";
import { londonToUtc } from "../london.js";
import { parsePence, RecordError, readRecord } from "../record.js";
import { header, read } from "./build.js";

const good = "536365,85123A,WHITE HEART,6,2010-12-01 08:26:00,2.55,17850,United Kingdom";

describe("the record's reader", () => {
  it("types a line, and reads the same from CRLF, LF and gzip", async () => {
    const expected = {
      invoiceNo: "536365",
      stockCode: "85123A",
      description: "WHITE HEART",
      quantity: 6,
      time: new Date("2010-12-01T08:26:00Z"),
      unitPriceMinor: 255n,
      priceRounded: false,
      customerId: "17850",
      country: "United Kingdom",
      rowNumber: 2,
    };
    assert.deepEqual(await read(`${header}\r\n${good}\r\n`), [expected]);
    assert.deepEqual(await read(`${header}\n${good}`), [expected]);
    assert.deepEqual(await read(`\uFEFF${header}\n${good}\n`), [expected]);
    assert.deepEqual(await read(gzipSync(`${header}\r\n${good}\r\n`), {}, "record.csv.gz"), [expected]);
  });

  it("keeps quotes, commas, blanks, pound signs and line feeds of a description, and counts file lines", async () => {
    const rows = [
      '1,21506,"FANCY FONT, CARD, ",1,2010-12-01 08:26:00,0.42,13408,United Kingdom',
      '2,22041,"RECORD FRAME 7"" SINGLE",1,2010-12-01 08:26:00,2.1,,EIRE',
      '3,22042,"TWO\nLINES",1,2010-12-01 08:26:00,2.1,,EIRE',
      "4,gift_0001_40,Voucher £40.00,1,2010-12-01 08:26:00,34.04,,EIRE",
      "5,84049,,1,2010-12-01 08:26:00,0.0,,EIRE",
    ];
    const lines = await read([header, ...rows].join("\n"));
    const texts = ["FANCY FONT, CARD, ", 'RECORD FRAME 7" SINGLE', "TWO\nLINES", "Voucher £40.00", ""];
    assert.deepEqual(
      lines.map((each) => each.description),
      texts,
    );
    assert.deepEqual(
      lines.map((each) => each.rowNumber),
      [2, 3, 4, 6, 7],
    );
    assert.equal("customerId" in (lines[1] ?? {}), false);
  });

  const malformed: [string, string, RegExp][] = [
    ["a missing column", "536365,85123A,X,6,2010-12-01 08:26:00,2.55,17850", /row 3: 7 columns instead of 8; quote/],
    ["an unquoted comma", good.replace("WHITE HEART", "WHITE, HEART"), /row 3: 9 columns instead of 8/],
    ["a blank line", "", /row 3: 1 columns instead of 8/],
    ["an invoice that is no number", good.replace("536365", "x1"), /row 3, InvoiceNo: "x1" does not fit; write digits/],
    ["no stock code", good.replace("85123A", ""), /row 3, StockCode: it is empty; write/],
    ["a quantity with decimals", good.replace(",6,", ",6.5,"), /row 3, Quantity: "6.5" .* write a whole number/],
    ["a quantity beyond counting", good.replace(",6,", ",99999999999999999,"), /row 3, Quantity/],
    ["a price in words", good.replace("2.55", "free"), /row 3, UnitPrice: "free" .* such as 2.55/],
    ["a price with a comma", good.replace("2.55", '"2,55"'), /row 3, UnitPrice/],
    ["a day first date", good.replace("2010-12-01", "01/12/2010"), /row 3, InvoiceDate: .* yyyy-mm-dd hh:mm:ss/],
    ["a day that never was", good.replace("2010-12-01", "2011-02-29"), /row 3, InvoiceDate/],
    ["a customer written as a float", good.replace("17850", "17850.0"), /row 3, CustomerID: "17850.0"/],
    ["no country", good.replace("United Kingdom", ""), /row 3, Country: it is empty/],
  ];
  for (const [name, row, message] of malformed) {
    it(`refuses ${name}, naming row and column`, async () => {
      const content = [header, good, row, good].join("\n");
      await assert.rejects(read(content), (error: RecordError) => error instanceof RecordError && error.row === 3);
      await assert.rejects(read(content), { message });
      const errors: RecordError[] = [];
      assert.equal((await read(content, { onError: (error) => errors.push(error) })).length, 2);
      assert.equal(errors.length, 1);
    });
  }

  it("refuses a file without the header, an empty one, broken quotes and text that is not UTF-8", async () => {
    await assert.rejects(read(good), { name: "RecordError", message: /row 1: the header reads "536365.*it must read/ });
    await assert.rejects(read(""), { name: "RecordError", message: /the file is empty/ });
    await assert.rejects(read(`${header}\n${good}\n1,2,"never closed`), { message: /row 3: a quote opens here and/ });
    await assert.rejects(read(`${header}\n1,2,7" and 8" frames,1`), { message: /row 2: a quote inside a field/ });
    await assert.rejects(read(`${header}\n1,2,"FRAME" 7,1`), {
      message: /row 2: text after the closing quote of field 3/,
    });
    const latin1 = Buffer.concat([Buffer.from(`${header}\n`), Buffer.from("1,2,£40", "latin1")]);
    await assert.rejects(read(latin1), { name: "RecordError", message: /not UTF-8/ });
  });

  it("does not read the rest of a file into one row when a quote never closes", async () => {
    const content = `${header}\n1,2,"open\n${`${good}\n`.repeat(5_000)}`;
    await assert.rejects(read(content), { name: "RecordError", message: /row 2: a quote opens here/ });
  });

  it("passes on what the file system and gunzip say", async () => {
    await assert.rejects(read("no gzip", {}, "record.csv.gz"), { code: "Z_DATA_ERROR" });
    await assert.rejects(read(gzipSync(good).subarray(0, 40), {}, "record.csv.gz"), { code: "Z_BUF_ERROR" });
    for (const path of ["no-such.csv", "no-such.csv.gz"]) {
      await assert.rejects(readRecord(path).next(), { code: "ENOENT" });
    }
  });

  it("reads from and to as UK days, both included", async () => {
    const days = ["2011-05-31 23:59:00", "2011-06-01 00:00:00", "2011-06-02 23:59:00", "2011-06-03 00:00:00"];
    const content = [header, ...days.map((each) => good.replace("2010-12-01 08:26:00", each))].join("\n");
    const rows = async (from?: string, to?: string) =>
      (await read(content, { from, to })).map((each) => each.rowNumber);
    assert.deepEqual(await rows("2011-06-01", "2011-06-02"), [3, 4]);
    assert.deepEqual(await rows("2011-06-02"), [4, 5]);
    assert.deepEqual(await rows(undefined, "2011-05-31"), [2]);
    await assert.rejects(rows("June"), { name: "RangeError", message: /write yyyy-mm-dd/ });
  });
});

describe("the CSV rows", () => {
  it("are the same however the text is cut into chunks", async () => {
    const field = fc.string({ unit: fc.constantFrom("a", ",", '"', "\n", "\r\n", "£", " ") });
    const table = fc.array(fc.array(field, { minLength: 2, maxLength: 4 }), { minLength: 1, maxLength: 5 });
    const quote = (text: string) => `"${text.replaceAll('"', '""')}"`;
    await fc.assert(
      fc.asyncProperty(table, fc.integer({ min: 1, max: 7 }), async (rows, size) => {
        const text = rows.map((row) => row.map(quote).join()).join("\r\n");
        const found: string[][] = [];
        for await (const row of csvRows(chunks(text, size))) found.push(row.fields);
        assert.deepEqual(found, rows);
      }),
    );
  });
});

describe("a price", () => {
  it("is read exactly, and says when a fraction of a penny was rounded", () => {
    const pence = (text: string) => parsePence(text)?.minor;
    assert.equal(pence("2.55"), 255n);
    assert.equal(pence("2.1"), 210n);
    assert.equal(pence("0.29"), 29n);
    assert.equal(pence("38970"), 3_897_000n);
    assert.equal(pence("-11062.06"), -1_106_206n);
    assert.deepEqual(parsePence("1.230"), { minor: 123n, rounded: false });
    assert.deepEqual(parsePence("0.001"), { minor: 0n, rounded: true });
    assert.deepEqual(parsePence("-0.005"), { minor: -1n, rounded: true });
    for (const text of ["", ".5", "5.", "1e3", "£2", "1,000.00", " 2", "+2", "--2"])
      assert.equal(parsePence(text), undefined);
  });
});

describe("UK wall clock", () => {
  it("is one hour ahead of UTC in summer", () => {
    const utc = (text: string) => londonToUtc(text)?.toISOString();
    assert.equal(utc("2011-03-27 00:59:00"), "2011-03-27T00:59:00.000Z");
    assert.equal(utc("2011-03-27 02:00:00"), "2011-03-27T01:00:00.000Z");
    assert.equal(utc("2011-10-30 00:59:00"), "2011-10-29T23:59:00.000Z");
    assert.equal(utc("2011-10-30 02:00:00"), "2011-10-30T02:00:00.000Z");
  });

  it("takes the first of the hour shown twice, and counts on over the hour never shown", () => {
    assert.equal(londonToUtc("2011-10-30 01:30:00")?.toISOString(), "2011-10-30T00:30:00.000Z");
    assert.equal(londonToUtc("2011-03-27 01:30:00")?.toISOString(), "2011-03-27T01:30:00.000Z");
  });

  it("agrees with the time zone database on every hour of March and October from 1998 to 2030", () => {
    const london = new Intl.DateTimeFormat("sv-SE", {
      timeZone: "Europe/London",
      dateStyle: "short",
      timeStyle: "medium",
    });
    for (let year = 1998; year <= 2030; year += 1) {
      for (const month of [2, 9]) {
        for (let hour = 0; hour < 31 * 24; hour += 1) {
          const wall = london.format(Date.UTC(year, month, 1, hour));
          assert.equal(london.format(londonToUtc(wall)), wall);
        }
      }
    }
  });
});

async function* chunks(text: string, size: number): AsyncGenerator<string> {
  for (let at = 0; at < text.length; at += size) yield text.slice(at, at + size);
}
