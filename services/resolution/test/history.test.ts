import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { raised } from "../core/advance.js";
import { historyTexts, ownWords, textsOf } from "../history.js";
import { toEntry, toResolution } from "../proto.js";
import { line, requested, scene, told } from "./builders.js";

/** Every name that the core gives an entry: it stands before the entry's text, alone or as one of two. */
function namesInCore(): Set<string> {
  const folder = new URL("../core/", import.meta.url);
  const sources = readdirSync(folder).map((name) => readFileSync(new URL(name, folder), "utf8"));
  const before = /(?:name: |const name = )(?:[\w.() ]+\? )?"([A-Z]\w+)"(?: : "([A-Z]\w+)")?[,;]\s*(?=text\b|return)/g;
  const calls = /\bfact\(\s*r,[^;]*?\{ name: "([A-Z]\w+)"/gs;
  return new Set(
    sources.flatMap((source) =>
      [...source.matchAll(before), ...source.matchAll(calls)].flatMap(([, one, other]) => [one, other]),
    ),
  ) as Set<string>;
}

describe("what a timeline says to a customer", () => {
  const names = [...namesInCore()].filter((name): name is string => name !== undefined);

  it("is written for every entry that the core makes, but for those that are somebody's own words", () => {
    assert.ok(names.length > 40, names.join());
    assert.deepEqual(
      names.filter((name) => !(name in historyTexts) && !ownWords.has(name)),
      [],
    );
    assert.deepEqual(
      Object.keys(historyTexts).filter((name) => !names.includes(name)),
      [],
    );
  });

  it("is written in three languages, each time", () => {
    for (const [name, texts] of Object.entries(historyTexts)) {
      assert.deepEqual(Object.keys(texts).sort(), ["en-GB", "ko-KR", "zh-TW"], name);
      assert.match(texts["ko-KR"], /\p{Script=Hangul}/u, name);
      assert.match(texts["zh-TW"], /\p{Script=Han}/u, name);
      assert.match(texts["en-GB"], /^[\x20-\x7e]+\.$/, name);
    }
  });

  it("leaves what a person wrote as it is", () => {
    for (const name of ownWords) assert.deepEqual(textsOf(name), {});
  });

  it("comes with the entry to a customer; staff read what happened in full", () => {
    const entry = {
      sequence: 1,
      name: "ParcelReceived",
      text: "The warehouse has the goods.",
      state: "OPEN",
      tracks: undefined,
      actor: { subject: "inspection", role: "SERVICE" },
      time: new Date(0),
      applied: true,
    } as const;
    assert.equal(toEntry(entry, "CUSTOMER").texts["ko-KR"], "상품을 받았습니다.");
    assert.deepEqual(toEntry(entry, "AGENT").texts, {});
  });

  it("never has what staff wrote for each other, in whatever language or none it is read", () => {
    const suspicion = "alice's hold has ended, and what it held back goes on: is it fraud?";
    const held = told(requested("RETURN"), (r) => raised(r, scene(), "desk-hold", suspicion));
    const [entry] = held.entries;
    assert.ok(entry);
    for (const role of ["CUSTOMER", "GUEST"] as const) {
      assert.equal(toEntry(entry, role).text, "Somebody is looking into it.");
      const seen = toResolution(held.next, role);
      assert.deepEqual([seen.onHold, seen.holdReason], [true, ""]);
    }
    assert.equal(toEntry(entry, "AGENT").text, suspicion);
    assert.equal(toResolution(held.next, "AGENT").holdReason, suspicion);
    for (const role of ["SELLER", "CARRIER"] as const) {
      const seen = toResolution({ ...held.next, lines: [line({ note: "call Minji" })] }, role);
      assert.deepEqual([seen.holdReason, seen.lines[0]?.note], ["", ""]);
    }
  });
});
