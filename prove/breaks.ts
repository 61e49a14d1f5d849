// The reconciler finds every break that is planted, and none where there is none.
import { type Break, BreakKind, BreakState } from "#gen/backhaul/reconciler/v1/reconciler_service.js";
import type { Refund } from "#gen/backhaul/refund/v1/refund.js";
import { ProviderMove } from "#gen/backhaul/sandbox/v1/sandbox_service.js";
import { Scenario, Twist } from "#gen/backhaul/sandbox/v1/scenario_service.js";
import { newId } from "#kit/ids.js";
import type { ProvenMesh } from "./mesh.js";
import { atOnce, counter, number, type Proof, type Say } from "./proof.js";

const clean = 10_000;
const each = 20;
const hour = 3_600_000;

/** How each kind of break comes about in the provider's book, said to nobody. */
const planted = [
  [BreakKind.BREAK_KIND_MISSING, ProviderMove.PROVIDER_MOVE_DROP_LINE],
  [BreakKind.BREAK_KIND_DOUBLE, ProviderMove.PROVIDER_MOVE_PAY_TWICE],
  [BreakKind.BREAK_KIND_WRONG_AMOUNT, ProviderMove.PROVIDER_MOVE_WRONG_AMOUNT],
  [BreakKind.BREAK_KIND_WRONG_CURRENCY, ProviderMove.PROVIDER_MOVE_WRONG_CURRENCY],
  [BreakKind.BREAK_KIND_ORPHAN, ProviderMove.PROVIDER_MOVE_ADD_ORPHAN],
  [BreakKind.BREAK_KIND_REVERSED, ProviderMove.PROVIDER_MOVE_REVERSE],
  [BreakKind.BREAK_KIND_UNMATCHED_DOCUMENT, ProviderMove.PROVIDER_MOVE_DROP_CORRECTION],
] as const;

export async function provenBreaks(mesh: ProvenMesh, say: Say): Promise<Proof[]> {
  const { refunds, proof } = await unbroken(mesh, say);
  return [proof, await broken(mesh, refunds, say)];
}

async function unbroken(mesh: ProvenMesh, say: Say): Promise<{ refunds: Refund[]; proof: Proof }> {
  const orders = await mesh.buy(clean, true);
  const told = counter(say, "clean refunds", clean);
  let done = 0;
  const refunds = await atOnce(orders, 24, async ({ orderId }) => {
    const refund = await mesh.issue(orderId, "l-1", 2);
    told(++done);
    return refund?.refundId ?? "";
  });
  say("  waiting until they are settled");
  const settled = await atOnce(refunds, 24, (id) => mesh.settled(id, 300_000));
  await mesh.advance(2 * hour);
  const run = await reconcile(mesh);
  return {
    refunds: settled,
    proof: {
      asked: `${number(clean)} clean refunds: no break is invented`,
      counted: `${number(Number(run.refunds))} refunds, ${number(Number(run.statementLines))} statement lines, ${number(Number(run.corrections))} corrections compared: ${run.open} breaks`,
      ok: run.open === 0 && Number(run.refunds) >= clean,
    },
  };
}

async function broken(mesh: ProvenMesh, refunds: readonly Refund[], say: Say): Promise<Proof> {
  const expected = new Map<BreakKind, Set<string>>();
  let next = 0;
  for (const [kind, move] of planted) {
    const chosen = refunds.slice(next, (next += each));
    say(`  planting ${each} of ${BreakKind[kind]}`);
    await atOnce(chosen, 8, (refund) => plant(mesh, kind, move, refund));
    expected.set(kind, new Set(chosen.map(({ refundId }) => refundId)));
  }
  expected.set(BreakKind.BREAK_KIND_LATE, new Set(await late(mesh)));
  await mesh.advance(2 * hour);
  await reconcile(mesh);
  const found = await breaks(mesh);
  const lines = [...expected].map(([kind, ids]) => {
    const of = found.filter((b) => b.kind === kind);
    // An orphan is the provider's alone: it names no refund of ours.
    const hit = kind === BreakKind.BREAK_KIND_ORPHAN ? of.length : of.filter((b) => ids.has(b.refundId)).length;
    return { kind, hit, invented: of.length - hit };
  });
  const kinds = new Set(expected.keys());
  const invented = lines.reduce((sum, l) => sum + l.invented, 0) + found.filter((b) => !kinds.has(b.kind)).length;
  const names = lines.map(({ kind, hit }) => `${BreakKind[kind]?.replace("BREAK_KIND_", "")} ${hit}`);
  return {
    asked: `8 kinds of planted break × ${each}: all found, none invented`,
    counted: `${names.join(", ")}; ${invented} invented`,
    ok: invented === 0 && lines.every(({ hit }) => hit === each),
  };
}

async function plant(mesh: ProvenMesh, kind: BreakKind, move: ProviderMove, refund: Refund): Promise<void> {
  const tender = refund.quote?.tenders[0];
  const document = refund.twins.find((twin) => twin.kind === "TAX_DOCUMENT");
  const key = kind === BreakKind.BREAK_KIND_UNMATCHED_DOCUMENT ? document?.key : tender?.providerKey;
  await mesh.sandbox.moveProvider({ move, key: key ?? "", paymentId: tender?.paymentId ?? "", silently: true });
}

/** Refunds that the provider took, and never settles. */
async function late(mesh: ProvenMesh): Promise<string[]> {
  await mesh.scenarios.addScenario({
    scenario: Scenario.fromPartial({ twist: Twist.TWIST_REFUND_PENDING, method: "RefundPayment" }),
  });
  const orders = await mesh.buy(each);
  const refunds = await atOnce(orders, 8, ({ orderId }) => mesh.issue(orderId, "l-1", 1));
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  await mesh.scenarios.clearScenarios({});
  await mesh.advance(4 * 24 * hour);
  return refunds.flatMap((refund) => refund?.refundId ?? []);
}

async function reconcile(mesh: ProvenMesh) {
  const { run } = await mesh.reconciler.reconcile({ requestId: newId("req") });
  if (!run) throw new Error("the reconciler told of no run");
  return run;
}

async function breaks(mesh: ProvenMesh): Promise<Break[]> {
  const all: Break[] = [];
  for (let pageToken = ""; ; ) {
    const state = BreakState.BREAK_STATE_OPEN;
    const page = await mesh.reconciler.listBreaks({ state, kind: 0, pageSize: 100, pageToken });
    all.push(...page.breaks);
    pageToken = page.nextPageToken;
    if (pageToken === "") return all;
  }
}
