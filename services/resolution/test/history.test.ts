import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { historyTexts, ownWords, textsOf } from "../history.js";
import { toEntry } from "../proto.js";

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
});
