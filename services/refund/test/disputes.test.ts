// Every order in which a refund and a dispute of its payment can meet: never more goes out of a payment than came in.
import assert from "node:assert/strict";
import { newId } from "#kit/ids.js";
import { money } from "#kit/pure/money.js";
import { openStage, type Stage } from "#kit/testing/stage.js";
import { approve, grant, setAccount } from "../core/refund.js";
import type { Refund, SoldOrder } from "../core/types.js";
import { policy, soldLine, soldOrder } from "./builders.js";
import { owed, scene } from "./desk.js";
import type { Mood } from "./fakes.js";
import { type Hand, openHand } from "./hand.js";

const gbp = (minor: bigint) => money(minor, "GBP");
const minute = 60_000;

/** How a refund comes to be asked for. */
type Way = "plain" | "two people" | "account";
const ways: Readonly<Record<Way, readonly string[]>> = {
  plain: ["grant", "ask", "ask"],
  "two people": ["grant", "approve", "ask"],
  account: ["grant", "account", "ask"],
};

/** All ways to merge two sequences that each keep their order. */
function merges(a: readonly string[], b: readonly string[]): string[][] {
  if (a.length === 0 || b.length === 0) return [[...a, ...b]];
  const [x, ...restA] = a as [string, ...string[]];
  const [y, ...restB] = b as [string, ...string[]];
  return [...merges(restA, b).map((m) => [x, ...m]), ...merges(a, restB).map((m) => [y, ...m])];
}

describe("refund: a refund and a dispute, in every order", function () {
  this.timeout(60_000);
  let stage: Stage;
  let hand: Hand;
  before(async () => {
    stage = await openStage();
    hand = await openHand(stage);
    hand.psp.manners.set("VIRTUAL_ACCOUNT", { accountNeeded: true });
    await hand.abilities();
  });
  after(async () => {
    await hand?.close();
    await stage?.close();
  });

  /** £30.00 of £50.00. */
  function sold(way: Way): SoldOrder {
    const method = way === "account" ? "VIRTUAL_ACCOUNT" : "CARD";
    const paymentId = newId("pay");
    hand.psp.payments.set(paymentId, {
      captured: gbp(5_000n),
      method,
      refunded: 0n,
      chargedBack: 0n,
      disputeOpen: false,
    });
    return soldOrder({
      orderId: newId("ord"),
      lines: [soldLine("a", 1, 3_000n), soldLine("b", 1, 2_000n)],
      shipping: gbp(0n),
      payments: [{ paymentId, method, captured: gbp(5_000n) }],
    });
  }

  async function granted(order: SoldOrder, way: Way): Promise<Refund> {
    const abilities = await hand.abilities();
    const fourEyesAbove = way === "two people" ? gbp(1n) : gbp(100_000n);
    const given = { order, abilities, refundId: newId("rfd"), newKey: () => newId("key"), now: hand.now() };
    return hand.grant(order, (soFar) => {
      const at = scene({ ...given, soFar, policy: policy({ fourEyesAbove }) });
      return grant(at, owed(order, { lines: [{ lineId: "a", quantity: 1 }] }));
    });
  }

  /** One story: what happens in turn, how the dispute ends, whether we hear of it at once, and how a first call fares. */
  async function play(way: Way, turns: readonly string[], lost: boolean, atOnce: boolean, mood: Mood | undefined) {
    const story = `${way}: ${turns.join(", ")}; ${lost ? "lost" : "won"}; ${atOnce ? "heard" : "late"}; ${mood ?? "well"}`;
    const order = sold(way);
    const { paymentId } = order.payments[0]!;
    const payment = hand.psp.payments.get(paymentId)!;
    let refund: Refund | undefined;
    hand.psp.moods.length = 0;
    if (mood) hand.psp.moods.push(mood);
    let disputed = 0n;
    const happen: Readonly<Record<string, () => Promise<unknown>>> = {
      grant: async () => {
        refund = await granted(order, way);
      },
      approve: () => hand.change(refund!.refundId, (r) => approve(r, "LEAD:lena", hand.now())),
      account: () => hand.change(refund!.refundId, (r) => setAccount(r, "acct", () => newId("key"), hand.now())),
      ask: () => hand.run("pay"),
      // The bank disputes what the customer has not got back, and we hear that it does before anything else happens.
      open: async () => {
        disputed = payment.captured.minor - payment.refunded;
        Object.assign(payment, { disputeOpen: true });
        await hand.hint(paymentId);
        if (atOnce) await hand.run("news");
      },
      end: async () => {
        Object.assign(payment, { disputeOpen: false, chargedBack: lost ? disputed : 0n });
        await hand.hint(paymentId);
        if (atOnce) await hand.run("news");
      },
    };
    for (const turn of turns) {
      // What was void by then needs no second person and no account.
      await happen[turn]!().catch((error) =>
        assert.equal((error as { reason?: string }).reason, "REFUND_STATE", story),
      );
      hand.pass(minute);
      assert.ok(payment.refunded + payment.chargedBack <= payment.captured.minor, `${story}: after ${turn}`);
    }
    await hand.rest();
    const end = await hand.store.find(refund!.refundId);
    assert.ok(payment.refunded + payment.chargedBack <= payment.captured.minor, `${story}: in the end`);
    const paid = end.tenders.filter(({ state }) => state === "SUCCEEDED").reduce((sum, t) => sum + t.amount.minor, 0n);
    assert.equal(payment.refunded, paid, `${story}: what the provider paid is what is booked`);
    assert.ok(end.state === "SUCCEEDED" || end.state === "VOIDED", `${story}: it ends, not ${end.state}`);
    if (!lost) assert.equal(end.state, "SUCCEEDED", `${story}: what was won is paid`);
    const [row] = await hand.db.query(
      {
        name: "disputes.books",
        text: `SELECT (SELECT coalesce(sum(amount_minor), 0)::int FROM ledger_entry WHERE refund_id = $1
             AND account = 'refunds_payable') AS payable,
           (SELECT refunded_minor::int FROM payment WHERE payment_id = $2) AS refunded`,
      },
      [end.refundId, paymentId],
    );
    assert.deepEqual([row.payable, row.refunded], [0, Number(paid)], `${story}: the books are even`);
  }

  for (const way of Object.keys(ways) as Way[]) {
    for (const [said, lost] of [
      ["won", false],
      ["lost", true],
    ] as const) {
      it(`${way}, ${said}: pays once or not at all, and the books are even`, async () => {
        const moods: (Mood | undefined)[] =
          way === "plain" ? [undefined, "lost", "done, answer lost"] : [undefined, "lost"];
        for (const turns of merges(ways[way], ["open", "end"])) {
          for (const atOnce of [true, false]) for (const mood of moods) await play(way, turns, lost, atOnce, mood);
        }
      });
    }
  }
});
