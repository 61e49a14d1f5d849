// A market that nobody has heard of, added by a document alone: Japan, with its law in it. No code knows it, and nobody
// publishes its calendar.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { Verdict } from "#gen/backhaul/eligibility/v1/decision.js";
import { RequestedLine } from "#gen/backhaul/eligibility/v1/eligibility_service.js";
import { PolicyState } from "#gen/backhaul/eligibility/v1/policy.js";
import { Kind } from "#gen/backhaul/type/v1/kind.js";
import { newId } from "#kit/ids.js";
import { addDays, type CalendarData, calendarOf, endOfLocalDay } from "#kit/pure/calendar.js";
import { fromProto, money } from "#kit/pure/money.js";
import { decide } from "../core/decide.js";
import { parseDocument } from "../core/document.js";
import { compile } from "../core/engine.js";
import { findings } from "../core/lint.js";
import { asked, line, type Market, order } from "./builders.js";
import { type Desk, openDesk, reason } from "./desk.js";

const json = readFileSync(new URL("./documents/JP.json", import.meta.url), "utf8");
const document = parseDocument(json);

describe("a fourth market", () => {
  const policy = compile(document);
  const { time_zone: timeZone, weekend } = document.civil;
  const calendar = (data: Pick<CalendarData, "version" | "from" | "to" | "holidays">) =>
    calendarOf({ market: "JP", timeZone, weekend, workdays: {}, ...data });
  const unpublished = calendar({ version: "unpublished", from: "1970-01-01", to: "1970-01-01", holidays: {} });
  /** The national holidays of 2026, as the law on them makes them: 6 May for Sunday 3, 22 Sept between two others. */
  const days2026 =
    "01-01 01-12 02-11 02-23 03-20 04-29 05-03 05-04 05-05 05-06 07-20 08-11 09-21 09-22 09-23 10-12 11-03 11-23";
  const holidays = Object.fromEntries(days2026.split(" ").map((day) => [`2026-${day}`, "national holiday"]));
  const published = calendar({ version: "JP-2026", from: "2026-01-01", to: "2026-12-31", holidays });

  /** What is answered to a line that came in the middle of a day. */
  function answered(day: string, now: Date, by = unpublished, tier = "NONE", code = "NO_LONGER_NEEDED") {
    const bought = { ...line(), paid: money(5_000n, "JPY") };
    const sold = order("JP" as Market, [bought], `${day}T12:00:00+09:00`, { currency: "JPY", tier });
    return decide(policy, by, sold, asked("RETURN", { reason: code }), now);
  }
  const windowOf = (day: string, by = unpublished) =>
    answered(day, new Date(`${day}T13:00:00+09:00`), by).lines[0]?.windowEnd;

  it("has a document that the linter has nothing to say of, held against the law that it brings", () => {
    assert.deepEqual(findings(document), []);
    const short = JSON.parse(json);
    const rows: Record<string, string>[] = short.tables.window.nodes[1].content.rules;
    Object.assign(rows.at(-1) ?? {}, { days: "6" });
    const [first] = findings(parseDocument(JSON.stringify(short)));
    assert.deepEqual([first?.severity, first?.code], ["ERROR", "BELOW_FLOOR"]);
    assert.match(first?.article ?? "", /Specified Commercial Transactions art\. 15-3/);
  });
  it("cannot leave its law out", () => {
    const { law: _, ...lawless } = JSON.parse(json);
    assert.equal(findings(parseDocument(JSON.stringify(lawless)))[0]?.code, "LAW_MISSING");
  });
  it("ends its windows after Golden Week, once its calendar is there", () => {
    // Delivered on Sat 25 April: the 8th day is Sun 3 May; Mon 4, Tue 5 and Wed 6 are holidays, too: Thu 7.
    const end = windowOf("2026-04-25", published);
    assert.equal(end?.time.toISOString(), "2026-05-07T15:00:00.000Z");
    assert.equal(end?.provisional, false);
  });
  it("marks every end as provisional until then, and none is earlier than it will be", () => {
    for (let day = "2026-01-01"; day <= "2026-12-10"; day = addDays(day, 1)) {
      const [supposed, known] = [windowOf(day), windowOf(day, published)];
      assert.equal(supposed?.provisional, true);
      assert.ok(supposed && known && supposed.time >= known.time, day);
      assert.ok(supposed.time >= endOfLocalDay(addDays(day, 8), timeZone), day);
    }
  });
  it("grants on the last provisional moment, and not after it", () => {
    const end = windowOf("2026-04-25")?.time as Date;
    assert.equal(answered("2026-04-25", new Date(end.getTime() - 1)).verdict, "ACCEPT");
    assert.equal(answered("2026-04-25", end).verdict, "DECLINE");
  });
  it("gives each of its tiers more than the one before", () => {
    const on = (day: number, tier: string) =>
      answered("2026-06-01", new Date(Date.parse("2026-06-01T12:00:00+09:00") + day * 86_400_000), published, tier)
        .verdict;
    assert.deepEqual([on(8, "NONE"), on(9, "NONE"), on(14, "NONE")], ["ACCEPT", "DECLINE", "DECLINE"]);
    assert.deepEqual([on(14, "SILVER"), on(15, "SILVER")], ["ACCEPT", "DECLINE"]);
    assert.deepEqual([on(30, "GOLD"), on(31, "GOLD")], ["ACCEPT", "DECLINE"]);
  });
});

describe("eligibility: a fourth market", () => {
  let desk: Desk;
  before(async () => {
    desk = await openDesk();
  });
  after(() => desk?.close());

  /** An order of now that came so many days ago. */
  const sell = (delivered: number, customerId = "c-jp") =>
    desk.world.sell({ market: "JP", minor: 5_000n, delivered, customerId, orderTime: new Date() });

  it("is judged by its document from when that is in force, in its own currency and language", async () => {
    await assert.rejects(desk.decide(sell(3)), reason("NO_POLICY", { market: "JP" }));
    const { market, version, state } = await desk.bringToLife(json);
    assert.deepEqual([market, version, state], ["JP", 1, PolicyState.POLICY_STATE_ACTIVE]);

    const { verdict, currencyCode, calendarVersion, lines, terms } = await desk.decide(sell(3));
    assert.deepEqual([verdict, currencyCode, calendarVersion], [Verdict.VERDICT_ACCEPT, "JPY", "unpublished"]);
    assert.deepEqual([lines[0]?.ruleId, lines[0]?.text], ["jp-return", "返品いただけます。"]);
    assert.deepEqual(Object.keys(lines[0]?.texts ?? {}).sort(), ["en-GB", "ja-JP"]);
    assert.deepEqual(
      terms?.fees.map(({ amount }) => fromProto(amount!)),
      [{ minor: 800n, currency: "JPY" }],
    );
    assert.equal(lines[0]?.windowEndProvisional, true);
  });
  // 28 days: more than 14 and the ten days of rest and a weekend that are supposed after them, less than 30.
  it("says no in its language, and what would have made it a yes", async () => {
    desk.world.tiers.set("c-none", "NONE");
    const [first] = (await desk.decide(sell(28, "c-none"))).lines;
    assert.deepEqual([first?.verdict, first?.ruleId], [Verdict.VERDICT_DECLINE, "jp-too-late"]);
    assert.match(first?.text ?? "", /返品の期間を過ぎております/);
    const tier = first?.counterfactuals.find(({ fact }) => fact === "tier");
    assert.deepEqual([tier?.needed, tier?.texts["ja-JP"]], ["GOLD", "GOLD会員であれば、お受けできました。"]);
  });
  it("knows its own tiers", async () => {
    desk.world.tiers.set("c-gold", "GOLD");
    const { verdict, terms } = await desk.decide(sell(28, "c-gold"));
    assert.equal(verdict, Verdict.VERDICT_ACCEPT);
    assert.deepEqual(terms?.fees, []);
  });
  it("knows its own reasons, and no others", async () => {
    const client = desk.decisionsAs("SERVICE", "test");
    const ask = (code: string) =>
      client.decideEligibility({
        requestId: newId("req"),
        orderId: sell(3),
        kind: Kind.KIND_RETURN,
        lines: [RequestedLine.fromPartial({ lineId: "l-1", quantity: 1, reason: code })],
      });
    assert.equal((await ask("SIZE")).decision?.lines[0]?.ruleId, "jp-return");
    await assert.rejects(ask("SIZE_TOO_SMALL"), reason("REASON_UNKNOWN", { market: "JP" }));
  });
  it("changes nothing for the others", async () => {
    const { policyVersion, lines } = await desk.decide(desk.world.sell({ market: "KR", orderTime: new Date() }));
    assert.deepEqual([policyVersion, lines[0]?.ruleId], [1, "kr-withdrawal"]);
  });
});
