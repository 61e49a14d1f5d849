import assert from "node:assert/strict";
import { methodOf, registry } from "#kit/contracts.js";
import { DomainError } from "#kit/pure/check.js";
import { languageOf, languages, textIn } from "../language.js";
import { hasTexts, localise } from "../localise.js";
import { manual } from "../manual.js";
import { reasonsOf } from "../openapi/faults.js";
import { allReasons } from "../openapi/operation.js";
import { answerOf } from "../problem.js";
import { buildRoutes } from "../routes.js";
import { written } from "../texts/problems.js";

describe("which language somebody wants to read", () => {
  const asked: Readonly<Record<string, string | undefined>> = {
    ko: "ko",
    "ko-KR": "ko",
    "KO-kore-kr": "ko",
    "zh-TW": "zh-TW",
    "zh-Hant-HK": "zh-TW",
    zh: "zh-TW",
    "en-US,en;q=0.9": "en",
    "fr-FR, ko;q=0.5, en;q=0.4": "ko",
    "en;q=0.3, ko;q=0.8": "ko",
    "en;q=0.8, ko;q=0.8": "en",
    "ko;q=0, en;q=0.1": "en",
    "zh-CN, en;q=0.5": "en",
    "zh-CN,zh;q=0.9,en;q=0.8": "zh-TW",
    "zh-Hans-TW": undefined,
    "fr, *;q=0.5": undefined,
    "*": undefined,
    "de, fr": undefined,
    "ko;q=2": undefined,
    "ko;q=0.1234": undefined,
    "; ;,,=": undefined,
    "": undefined,
  };
  for (const [header, language] of Object.entries(asked)) {
    it(`"${header}" is ${language ?? "nothing that is written"}`, () => assert.equal(languageOf(header), language));
  }

  it("is none where nobody says anything, and a header of any length is read at once", () => {
    assert.equal(languageOf(undefined), undefined);
    const started = performance.now();
    assert.equal(languageOf(`${"x-".repeat(8000)},${"a;q=0.5,".repeat(2000)}ko`), undefined);
    assert.ok(performance.now() - started < 50);
  });

  it("takes a text of the language, of whichever country, and none that is empty", () => {
    assert.equal(textIn({ "en-GB": "one", "ko-KR": "하나" }, "ko"), "하나");
    assert.equal(textIn({ "zh-Hant-TW": "一", kok: "x" }, "zh-TW"), undefined);
    assert.equal(textIn({ kok: "x" }, "ko"), undefined);
    assert.equal(textIn({ "ko-KR": "" }, "ko"), undefined);
  });
});

describe("an error in the language that is asked for", () => {
  it("is written in every language for every reason that a customer or guest can meet", () => {
    const routes = buildRoutes(registry).filter(
      ({ access }) => access.roles.has("CUSTOMER") || access.roles.has("GUEST"),
    );
    const atTheDoor = ["ROUTE_NOT_FOUND", "METHOD_NOT_ALLOWED", "ISSUER_KEYS_UNAVAILABLE"];
    const met = new Set([...atTheDoor, ...routes.flatMap((route) => allReasons(route, methodOf(route.path)))]);
    assert.ok(met.size > 45 && reasonsOf(methodOf(routes[0]?.path ?? "")).every((reason) => met.has(reason)));
    for (const [language, texts] of Object.entries(written)) {
      assert.deepEqual(
        [...met].filter((reason) => !(reason in texts)),
        [],
        `not in ${language}`,
      );
    }
  });

  it("is written for reasons that there are, and speaks only of what their metadata holds", () => {
    for (const [language, texts] of Object.entries(written)) {
      for (const [reason, [title, detail]] of Object.entries(texts)) {
        const known = manual.get(reason);
        assert.ok(known, `${reason} is no reason`);
        const script = language === "ko" ? /\p{Script=Hangul}/u : /\p{Script=Han}/u;
        assert.match(title, script, reason);
        assert.match(detail, script, reason);
        for (const [, name = ""] of detail.matchAll(/\{(\w+)\}/g))
          assert.ok(known.metadata.includes(name), `${reason} ${name}`);
      }
    }
    const reasons = Object.values(written).map((texts) => Object.keys(texts).sort());
    for (const some of reasons) assert.deepEqual(some, reasons[0]);
  });

  it("keeps its reason, status and metadata, and puts their values into the sentence", () => {
    const error = new DomainError("ORDER_NOT_FOUND", "there is no order 4711", { order_id: "4711" });
    const { body: english } = answerOf(error, "t");
    for (const language of languages) {
      const { body, headers } = answerOf(error, "t", undefined, language);
      assert.equal(headers["content-language"], language);
      assert.match(body.detail, /4711/);
      assert.deepEqual({ ...body, title: "", detail: "" }, { ...english, title: "", detail: "" });
    }
    assert.equal(answerOf(error, "t", undefined, "ko").body.title, "주문을 찾을 수 없습니다.");
    assert.equal(answerOf(error, "t", undefined, "en").body.detail, "there is no order 4711");
  });

  it("says no more than its title where a value is not known, and is English where nothing is written", () => {
    const bare = answerOf(new DomainError("ORDER_NOT_FOUND", "x"), "t", undefined, "ko").body;
    assert.equal(bare.detail, bare.title);
    const { body, headers } = answerOf(new DomainError("POLICY_BROKEN", "cell 3"), "t", undefined, "ko");
    assert.deepEqual([body.detail, headers["content-language"]], ["cell 3", "en"]);
  });
});

describe("the texts of an answer", () => {
  const { output } = methodOf("/backhaul.resolution.v1.ResolutionService/GetResolution");
  const texts = { "en-GB": "You can send this back.", "ko-KR": "반품할 수 있습니다." };
  const answer = () => ({
    resolution: {
      decision: {
        lines: [
          { text: "You can send this back.", texts },
          { text: "as it is", texts: {} },
        ],
      },
    },
  });

  it("are in the language asked for, wherever a message has them, and stay where there are none", () => {
    const json = answer();
    assert.equal(localise(output, json, "ko"), true);
    assert.deepEqual(
      json.resolution.decision.lines.map(({ text }) => text),
      ["반품할 수 있습니다.", "as it is"],
    );
    const other = answer();
    assert.equal(localise(output, other, "zh-TW"), false);
    assert.deepEqual(other, answer());
  });

  it("are looked for only where a contract has some", () => {
    assert.equal(hasTexts(output), true);
    assert.equal(hasTexts(methodOf("/backhaul.resolution.v1.ResolutionService/ListTimeline").output), true);
    assert.equal(hasTexts(methodOf("/backhaul.refund.v1.RefundService/GetRefund").output), false);
  });
});
