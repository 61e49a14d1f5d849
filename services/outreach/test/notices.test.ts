import assert from "node:assert/strict";
import { Resolution } from "#gen/backhaul/resolution/v1/resolution.js";
import { Progress } from "#gen/backhaul/resolution/v1/resolution_events.js";
import type { StepHandler } from "#kit/agenda.js";
import { ownCall } from "#kit/call.js";
import { RpcError } from "#kit/errors.js";
import { DomainError } from "#kit/pure/check.js";
import { isNews, type NoticeEvent, noticeEvents, noticesOf } from "../core/noticeEvents.js";
import { afterQuiet } from "../core/quiet.js";
import { valuesOf } from "../core/values.js";
import { asMail, assertSound, type Channel, languages, render, type Text, type Texts } from "../core/words.js";
import { examples } from "../examples.js";
import { quietHours } from "../hours.js";
import { languageOf, marketOf, shipped } from "../markets.js";
import { openNotices } from "../notices.js";

const channels: readonly Channel[] = ["SMS", "EMAIL"];
const textsBy = (channel: Channel, texts: Texts): Texts =>
  channel === "SMS"
    ? texts
    : Object.fromEntries(Object.entries(texts).map(([language, text]) => [language, asMail(text)]));

describe("the words of a notice", () => {
  it("are shipped for every event", () => {
    assert.deepEqual(new Set(shipped.map(({ event }) => event)), new Set(noticeEvents));
  });

  for (const { event, texts } of shipped) {
    it(`${event}: sound in every language and channel, and nothing is left to fill in`, () => {
      for (const channel of channels) {
        assertSound(event, channel, textsBy(channel, texts), examples);
        for (const language of languages) {
          const { subject, body } = render(textsBy(channel, texts)[language]!, examples[language]!, channel);
          assert.doesNotMatch(`${subject}${body}`, /[{}]|undefined/);
          assert.ok(body.includes("581587"), body);
        }
      }
    });
  }

  it("say amounts, days and hours as the customer reads them", () => {
    const r = Resolution.fromPartial({
      orderId: "ord_1",
      lines: [{ title: "Mug" }, { title: "Tea towel" }],
      refunded: { currencyCode: "TWD", units: 1_200n, nanos: 0 },
      deadlines: [{ step: "handover", dueTime: new Date("2026-12-06T16:30:00Z") }],
    });
    const window = { from: new Date("2026-11-25T00:00:00Z"), to: new Date("2026-11-25T03:00:00Z") };
    const ko = valuesOf(r, window, { language: "ko", timeZone: "Asia/Seoul" });
    const tw = valuesOf(r, window, { language: "zh-TW", timeZone: "Asia/Taipei" });
    const en = valuesOf(r, window, { language: "en", timeZone: "Europe/London" });
    assert.deepEqual([ko.items, tw.items, en.items], ["Mug 외 1건", "Mug 等 2 項", "Mug and 1 more"]);
    assert.deepEqual(
      [ko.hand_over_by, tw.hand_over_by, en.hand_over_by],
      ["12월 7일(월)", "12月7日（一）", "Sun 6 Dec"],
    );
    assert.deepEqual([ko.window, en.window], ["11월 25일(수) 09:00–12:00", "Wed 25 Nov 00:00–03:00"]);
    assert.equal(tw.amount?.replace(/[^\d.,]/g, ""), "1,200");
    const paid = (currencyCode: string, units: bigint, nanos: number, language: string) =>
      valuesOf({ ...r, refunded: { currencyCode, units, nanos } }, {}, { language, timeZone: "UTC" }).amount;
    assert.equal(paid("KRW", 47_000n, 0, "ko"), "₩47,000");
    assert.equal(paid("GBP", 16n, 50_000_000, "en"), "£16.05");
  });

  it("show what customers and sellers wrote as it was written, and never as markup or as another placeholder", () => {
    const text: Text = { subject: "{items}", body: "<p>{items}</p>" };
    const items = `<img src=x onerror="a">{order}\n& Co.\u0007`;
    assert.deepEqual(render(text, { items }, "EMAIL"), {
      subject: `<img src=x onerror="a">{order} & Co.`,
      body: "<p>&lt;img src=x onerror=&quot;a&quot;&gt;{order} &amp; Co.</p>",
    });
    assert.equal(render({ subject: "", body: "{items}" }, { items: "x".repeat(5_000) }, "SMS").body.length, 200);
  });

  it("are refused when a language is missing, a placeholder is unknown, or they are too long", () => {
    const good = shipped.find(({ event }) => event === "received")!.texts;
    const refuse = (channel: Channel, texts: Texts, problem: RegExp) =>
      assert.throws(
        () => assertSound("received", channel, texts, examples),
        (error) =>
          error instanceof DomainError && error.reason === "NOTICE_TEMPLATE_BROKEN" && problem.test(error.message),
      );
    const ko = (body: string, subject = "s"): Texts => ({ ...good, ko: { subject, body } });
    refuse("SMS", { ko: good.ko!, en: good.en! }, /zh-TW: it has no text/);
    refuse("SMS", { ...good, fr: good.en! }, /fr: nobody/);
    refuse("SMS", ko("{amount}"), /has no \{amount\}/);
    refuse("SMS", ko("{Order}"), /a brace/);
    refuse("SMS", ko("가".repeat(202)), /202 letters/);
    refuse("EMAIL", ko("x", "a\nb"), /subject/);
    refuse("EMAIL", ko("<script>1</script>"), /script/);
    assert.doesNotThrow(() => assertSound("received", "SMS", ko("x".repeat(459)), examples));
  });

  it("come in the customer's language where there are words in it, else in the market's", () => {
    const wanted = ["", "en", "en-US", "zh-TW", "zh-tw", "zh", "fr"].map((it) => languageOf(it, marketOf("KR")));
    assert.deepEqual(wanted, ["ko", "en", "en", "zh-TW", "zh-TW", "zh-TW", "ko"]);
    assert.equal(marketOf("XX").language, "en");
  });
});

describe("when a notice is sent", () => {
  const quiet = quietHours("QUIET_HOURS", "").parse("KR=21:00-08:00,GB=12:30-13:00");
  const sent = (at: string, market = "KR") =>
    afterQuiet(new Date(at), quiet.get(market), marketOf(market).timeZone).toISOString();

  it("not in the market's quiet hours, but when they end", () => {
    assert.equal(sent("2026-11-23T11:59:30Z"), "2026-11-23T11:59:30.000Z");
    assert.equal(sent("2026-11-23T12:00:00Z"), "2026-11-23T23:00:00.000Z");
    assert.equal(sent("2026-11-23T22:59:59Z"), "2026-11-23T23:00:00.000Z");
    assert.equal(sent("2026-11-23T23:00:00Z"), "2026-11-23T23:00:00.000Z");
    assert.equal(sent("2026-11-23T12:45:10Z", "GB"), "2026-11-23T13:00:00.000Z");
    assert.equal(sent("2026-07-23T11:45:00Z", "GB"), "2026-07-23T12:00:00.000Z");
    assert.equal(sent("2026-11-23T12:00:00Z", "TW"), "2026-11-23T12:00:00.000Z");
  });

  it("what was due before them and could not be sent waits for the morning, but for what rights hang on", async () => {
    let now = "2026-11-23T12:10:00Z";
    const done: string[] = [];
    const parts = {
      db: { query: async (_: unknown, [id, , due]: [string, number, Date]) => done.push(`${id} ${due.toISOString()}`) },
      agenda: { finish: ({ id }: { id: string }) => done.push(`${id} finished`) },
      resolution: { getResolution: async () => ({ resolution: Resolution.fromPartial({ market: "KR" }) }) },
      notification: { sendNotification: () => Promise.reject(new Error("it is sent")) },
      templates: { inForce: async () => [{ ...shipped[0], channel: "SMS" }], version: async () => shipped[0] },
      clock: { now: () => new Date(now) },
      quiet,
    };
    const { run } = openNotices(parts as never).steps.notice as StepHandler;
    const send = (event: NoticeEvent) =>
      run({ id: event, epoch: 1, aggregateId: "res_1", payload: { event, key: event } } as never, ownCall("outreach"));
    await send("received");
    assert.deepEqual(done, ["received 2026-11-23T23:00:00.000Z"]);
    await assert.rejects(send("auto-withdrawn"), /it is sent/);
    now = "2026-11-23T23:00:00Z";
    await assert.rejects(send("received"), /it is sent/);
  });

  it("once, and is in the list as sent, though the answer was lost and the words would be others by now", async () => {
    const kept: unknown[][] = [];
    const parts = {
      db: { query: async (_: unknown, values: unknown[]) => kept.push(values) },
      agenda: { finish: () => kept.push(["finished"]) },
      resolution: { getResolution: async () => ({ resolution: Resolution.fromPartial({ market: "KR" }) }) },
      notification: {
        sendNotification: () => Promise.reject(new RpcError(9, "REQUEST_ID_REUSED", "another body", {}, "")),
      },
      templates: { inForce: async () => [{ ...shipped[0], channel: "SMS" }], version: async () => shipped[0] },
      clock: { now: () => new Date("2026-11-23T03:00:00Z") },
      quiet,
    };
    const { run } = openNotices(parts as never).steps.notice as StepHandler;
    const payload = { event: "received", key: "received.7" };
    await run({ id: "stp_1", epoch: 1, aggregateId: "res_1", payload } as never, ownCall("outreach"));
    assert.equal(kept.length, 2);
    assert.match(String(kept[0]?.[0]), /"state":"SENT"/);
    assert.deepEqual(kept[1], ["finished"]);
  });

  it("hours that are none are refused", () => {
    for (const wrong of ["KR=21-08", "KR=24:00-08:00", "korea=21:00-08:00", ""]) {
      assert.throws(() => quietHours("QUIET_HOURS", "").parse(wrong), wrong);
    }
    assert.equal(quietHours("QUIET_HOURS", "").parse("off").size, 0);
  });

  const told = (...entries: (Partial<Progress> & { name: string })[]): NoticeEvent[] => {
    const progress = entries.map((entry, i) =>
      Progress.fromPartial({ sequence: BigInt(i + 1), state: 3, money: 2, applied: true, ...entry }),
    );
    return noticesOf(progress, 0, 0).map(({ event }) => event);
  };

  it("says how it was decided, and when the money sets out, once", () => {
    assert.deepEqual(told({ name: "Requested" }), ["approved"]);
    assert.deepEqual(told({ name: "Requested", state: 2 }, { name: "Approved" }), ["requested", "approved"]);
    assert.deepEqual(told({ name: "Requested", state: 4 }), ["declined"]);
    const refund = [
      { name: "InspectionCompleted", money: 3 },
      { name: "Resumed", money: 3 },
      { name: "RefundSucceeded", money: 4 },
    ];
    assert.deepEqual(told(...refund), ["inspected-deduction", "refund-sent", "refund-completed"]);
  });

  it("nothing of what came too late, or was told before", () => {
    assert.deepEqual(told({ name: "ParcelPickedUp", applied: false }, { name: "AttentionRaised" }), []);
    const entries = [Progress.fromPartial({ sequence: 1n, name: "ParcelPickedUp", applied: true })];
    assert.deepEqual(noticesOf(entries, 1, 0), []);
  });

  it("no verdict where all was good, and no grant where the shop began", () => {
    const r = (more: object) => Resolution.fromPartial({ lines: [{ accepted: 2 }], ...more });
    assert.ok(!isNews("inspected-deduction", r({})));
    assert.ok(isNews("inspected-deduction", r({ lines: [{ accepted: 1, missing: 1 }] })));
    assert.ok(isNews("approved", r({})));
    assert.ok(!isNews("approved", r({ cancelCode: 1 })));
  });
});
