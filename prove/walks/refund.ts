// Random walks of a refund's shares: providers answer at once, late, twice and against themselves; banks dispute; people
// approve, name accounts, try again, pay by hand. The desk checks the ledger at every step.
import { DomainError } from "#kit/pure/check.js";
import * as answers from "../../services/refund/core/answers.js";
import * as verbs from "../../services/refund/core/refund.js";
import { isPaid, tenderMoves, tenderTo } from "../../services/refund/core/tenders.js";
import type { Outcome, Refund, Tender, TenderState } from "../../services/refund/core/types.js";
import { nothingYet, policy, soldLine, soldOrder } from "../../services/refund/test/builders.js";
import { type Desk, days, gbp, manners, openDesk, openGoodwill, said } from "../../services/refund/test/desk.js";
import type { Chance } from "../chance.js";
import { Edges, edgesOf, refusals, type WalkReport } from "./ledger.js";

export function walkRefunds(walks: number, chance: Chance): WalkReport {
  const edges = new Edges(edgesOf(tenderMoves));
  const unequal: string[] = [];
  for (let nth = 0; nth < walks; nth++) {
    journey(chance, edges);
    const difference = retold(chance);
    if (difference) unequal.push(`walk ${nth}: ${difference}`);
  }
  const { refund } = open(false);
  const { refused, allowed } = refusals<TenderState>(tenderMoves, (from, to) =>
    tenderTo(refund, { ...(refund.tenders[0] as Tender), state: from }, to),
  );
  return {
    walks,
    edges: edges.size,
    missed: edges.missed,
    refused,
    allowed: [...allowed, ...edges.strays],
    retold: walks,
    unequal,
  };
}

/** Paid by card and from a virtual account, which needs the customer's account; above £1 somebody else approves. */
function open(approval: boolean, disputed = false): Desk {
  const order = soldOrder({
    lines: [soldLine("a", 1, 3000n)],
    shipping: gbp(0n),
    payments: [
      { paymentId: "card", method: "CARD", captured: gbp(2000n) },
      { paymentId: "va", method: "VIRTUAL_ACCOUNT", captured: gbp(1000n) },
    ],
  });
  const payments = new Map([["card", { refunded: 0n, goodwill: 0n, chargedBack: 0n, disputeOpen: true }]]);
  return openDesk({
    order,
    abilities: manners({ VIRTUAL_ACCOUNT: { accountNeeded: true } }),
    policy: policy({ fourEyesAbove: gbp(approval ? 100n : 1_000_000n) }),
    ...(disputed && { soFar: { ...nothingYet, payments } }),
  });
}

function journey(chance: Chance, edges: Edges): void {
  const desk = chance.percent(15)
    ? openGoodwill({}, { policy: policy({ fourEyesAbove: gbp(100n) }) })
    : open(chance.percent(40), chance.percent(25));
  let keys = 0;
  const newKey = () => `more-${++keys}`;
  for (let left = chance.between(4, 30), hour = 0; left > 0; left--) {
    hour += chance.between(1, 20);
    const before = statesOf(desk.refund);
    happen(desk, chance, days(hour / 24), newKey);
    for (const [key, state] of statesOf(desk.refund)) gone(edges, before.get(key) ?? state, state);
  }
}

/** Money that came back before we heard that it was paid was paid all the same: it goes both ways at once. */
function gone(edges: Edges, from: TenderState, to: TenderState): void {
  const paidUnheard = to === "REVERSED" && from !== to && !edges.has(from, to);
  const way = paidUnheard ? [from, "SUCCEEDED", to] : [from, to];
  way.slice(1).forEach((state, at) => {
    edges.go(way[at] as string, state);
  });
}

function statesOf({ tenders }: Refund): Map<string, TenderState> {
  return new Map(tenders.map(({ providerKey, state }) => [providerKey, state]));
}

/** Anything that providers, banks and people may do; what people are refused changes nothing. */
function happen(desk: Desk, chance: Chance, now: Date, newKey: () => string): void {
  const tender = chance.pick(desk.refund.tenders);
  const { paymentId, providerKey: key, state } = tender;
  const people: readonly ((r: Refund) => Outcome)[] = [
    (r) => verbs.approve(r, "LEAD:lena", now),
    (r) => verbs.decline(r, "no", now),
    (r) => verbs.setAccount(r, "acct-1", newKey, now),
    (r) => verbs.retry(r, now),
    (r) => verbs.settleManually(r, paymentId, "wire", "FINANCE:fiona", now),
  ];
  const answer = chance.pick(["PENDING", "SUCCEEDED", "FAILED", "REVERSED"] as const);
  // Nobody answers what nobody was asked.
  const asked = state !== "GRANTED" && !(state === "HELD" && tender.requestTime === undefined);
  const others: readonly ((r: Refund) => Outcome)[] = [
    ...(asked
      ? [
          (r: Refund) => answers.answered(r, key, said(answer), { now, customerDays: 3 }),
          (r: Refund) => answers.answered(r, key, said(answer), { now, customerDays: 3 }),
          (r: Refund) => answers.refused(r, key, "refused", now),
          (r: Refund) => answers.unclear(r, key, "unclear", now),
          (r: Refund) => answers.takenBack(r, key, now),
        ]
      : []),
    (r) => answers.disputeOpened(r, paymentId, now),
    (r) => answers.disputeWon(r, paymentId, now),
    (r) => answers.disputeLost(r, paymentId, now),
  ];
  const byPerson = chance.percent(35);
  try {
    desk.do(chance.pick(byPerson ? people : others));
  } catch (error) {
    const refused = error instanceof DomainError && ["REFUND_STATE", "SELF_APPROVAL"].includes(error.reason);
    if (!refused || !byPerson) throw error;
  }
}

/** What each share's provider said, in order and otherwise; says what differs. */
function retold(chance: Chance): string | undefined {
  const words = [
    chance.pick([
      ["SUCCEEDED"],
      ["PENDING", "SUCCEEDED"],
      ["PENDING", "SUCCEEDED", "REVERSED"],
      ["SUCCEEDED", "REVERSED"],
    ]),
    chance.pick([["SUCCEEDED"], ["PENDING", "SUCCEEDED"]]),
  ] as const;
  const story = words.flatMap((all, share) => all.map((word) => ({ share, word })));
  const [one, other] = [ended(story), ended(chance.retold(story))];
  return one === other ? undefined : `${one} in order, ${other} otherwise`;
}

type Word = { readonly share: number; readonly word: string };

function ended(story: readonly Word[]): string {
  const desk = open(false);
  desk.do((r) => verbs.setAccount(r, "acct-1", () => "never", days(0)));
  for (const { share, word } of story) {
    const key = desk.refund.tenders[share]?.providerKey ?? "";
    const answer = said(word as "PENDING" | "SUCCEEDED" | "REVERSED");
    desk.do((r) => answers.answered(r, key, answer, { now: days(1), customerDays: 3 }));
  }
  if (isPaid(desk.refund))
    for (const { key } of desk.refund.twins) desk.do((r) => answers.matched(r, key, "theirs", days(1)));
  desk.sound();
  const { state, tenders } = desk.refund;
  return `${state} (${tenders.map((t) => t.state).join(", ")}, owed ${-desk.balance("refunds_payable")})`;
}
