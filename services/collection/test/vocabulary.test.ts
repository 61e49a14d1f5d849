import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type CodeBook, readSources } from "../../../scripts/carriers/sources.js";
import { withTable } from "../../../scripts/carriers/table.js";
import { readerOf } from "../core/vocabulary.js";
import { openReporters } from "../reporters.js";

const carriers = new URL("../carriers/", import.meta.url);
const lists = fileURLToPath(new URL("../../../../shared/data/carriers/", import.meta.url));
const names = ["aggregators.json", "delivery-tracker.json", "ecpay.json", "karrio.json"];
const shipped = (): Record<string, CodeBook> =>
  Object.fromEntries(names.map((name) => [name, JSON.parse(readFileSync(new URL(name, carriers), "utf8"))]));

/** Every text in a list of codes, whatever its shape: words under keys that are not codes are named here. */
function rawCodes(): { vocabulary: string; code: string }[] {
  const list = (name: string) => JSON.parse(readFileSync(`${lists}${name}`, "utf8"));
  const all: { vocabulary: string; code: string }[] = [];
  for (const [carrier, tables] of Object.entries<Record<string, Record<string, string[]>>>(
    list("karrio-tracking-status-map.json").carriers,
  )) {
    const vocabulary = carrier === "_unified" ? "karrio" : carrier;
    for (const table of ["TrackingStatus", "TrackingIncidentReason"]) {
      for (const code of Object.values(tables[table] ?? {}).flat()) all.push({ vocabulary, code });
    }
  }
  for (const { carrier, raw } of list("kr-delivery-tracker-status-map.json").rows)
    all.push({ vocabulary: carrier, code: raw });
  for (const { code, carrier } of list("tw-ecpay-logistics-codes.json").codes)
    all.push({ vocabulary: carrier === "FAMILY" ? "family" : "unimart", code });
  for (const { code } of list("tw-ecpay-logistics-codes.json").common) {
    const holders = ["unimart", "family", "okmart", "hilife"].filter((v) => shipped()["ecpay.json"]?.vocabularies[v]);
    assert.ok(
      holders.some((v) => openReporters().read(v, code).aside !== "UNKNOWN"),
      code,
    );
  }
  const vocabularies: Record<string, string> = { karrio: "karrio-status", "delivery-tracker(KR)": "delivery-tracker" };
  for (const [name, words] of Object.entries<Record<string, unknown>>(list("aggregator-statuses.json"))) {
    for (const key of ["status", "tag", "sub_status", "label_refund_status"])
      for (const code of (words[key] as string[] | undefined) ?? [])
        all.push({ vocabulary: vocabularies[name] ?? name, code });
    for (const [word, range] of Object.entries((words.subtag_ranges ?? {}) as Record<string, number | number[]>))
      for (const n of Array.isArray(range) ? range : Array.from({ length: range }, (_, i) => i + 1))
        all.push({ vocabulary: name, code: `${word}_${String(n).padStart(3, "0")}` });
  }
  return all;
}

describe("collection: carriers' codes", () => {
  const reporters = openReporters();

  it("reads every code of the published lists: as a kind, or set aside by a reason", function () {
    if (!existsSync(lists)) this.skip();
    const codes = rawCodes();
    assert.ok(codes.length > 1850, `${codes.length} codes`);
    assert.deepEqual(
      codes.filter(({ vocabulary, code }) => reporters.read(vocabulary, code).aside === "UNKNOWN"),
      [],
    );
  });

  it("ships what the published lists come to", function () {
    if (!existsSync(lists)) this.skip();
    assert.deepEqual(shipped(), JSON.parse(JSON.stringify(readSources(lists))));
  });

  it("counts them in the README's table as they are", () => {
    const readme = readFileSync(new URL("README.md", carriers), "utf8");
    assert.equal(readme, withTable(readme, shipped()));
  });

  it("reads what reporters really say: CJ, 7-ELEVEN, EasyPost, Hermes", () => {
    const read = (reporter: string, codes: readonly string[]) =>
      codes.map((code) => {
        const { kind, fault, aside } = reporters.read(reporter, code);
        return [kind ?? aside, fault].filter(Boolean).join(":");
      });
    const cj = ["PICKED_UP", "IN_TRANSIT", "IN_TRANSIT", "OUT_FOR_DELIVERY", "DELIVERED", "UNKNOWN"];
    assert.deepEqual(read("cj", ["11", "21", "44", "82", "91", "99"]), cj);
    const seven = ["DROPPED_OFF", "IN_TRANSIT", "OUT_FOR_DELIVERY", "DELIVERED", "NEEDS_A_PERSON", "LOST"];
    assert.deepEqual(read("seven", ["2068", "2030", "2073", "2067", "2074", "7020"]), seven);
    const easypost = ["CARRIER_NOTIFIED", "IN_TRANSIT", "LOST", "NEEDS_A_PERSON", "UNCLEAR"];
    const said = ["pre_transit/label_created", "in_transit", "failure/lost", "return_to_sender/return", "error"];
    assert.deepEqual(read("easypost", said), easypost);
    assert.deepEqual(read("hermes", ["0000", "4000", "7000"]), [
      "CARRIER_NOTIFIED",
      "ATTEMPT_FAILED:GENERAL",
      "NO_PLACE",
    ]);
    assert.deepEqual(read("ups", ["weather?"]), ["UNKNOWN"]);
    assert.deepEqual(read("nobody", ["11"]), ["UNKNOWN"]);
  });

  it("blames the customer only where the source says it was them", () => {
    const { vocabularies } = shipped()["karrio.json"] as CodeBook;
    assert.deepEqual(reporters.read("asendia", "NH"), { kind: "ATTEMPT_FAILED", fault: "CUSTOMER" });
    assert.deepEqual(reporters.read("asendia", "WEATHER"), { kind: "ATTEMPT_FAILED", fault: "GENERAL" });
    assert.deepEqual(reporters.read("asendia", "VB"), { kind: "ATTEMPT_FAILED", fault: "LOGISTICS" });
    assert.ok(vocabularies.asendia);
  });

  it("takes the code itself before a pattern, and of patterns the one that says most", () => {
    const read = readerOf({
      IN_TRANSIT: ["*moved*", "moved"],
      DELIVERED: ["*moved to you*"],
      LOST: ["lost (no+trace)"],
    });
    assert.deepEqual(
      ["moved", "was moved on", "was moved to you now", "lost (no+trace)", "lost"].map((code) => read(code).kind),
      ["IN_TRANSIT", "IN_TRANSIT", "DELIVERED", "LOST", undefined],
    );
  });

  it("refuses a vocabulary with a word that is none of ours, or a code of two meanings", () => {
    assert.throws(() => readerOf({ ARRIVED: ["1"] }), /"ARRIVED" is no meaning/);
    assert.throws(() => readerOf({ ATTEMPT_FAILED: ["1"] }), /is no meaning/);
    assert.throws(() => readerOf({ PICKED_UP: ["1"], DELIVERED: ["1"] }), /code "1" has two meanings/);
  });
});
