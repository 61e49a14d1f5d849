// The sandbox's payment provider keeps the same contract as the adapters: what is tried against it holds for them.
import { PaymentServiceService } from "#gen/backhaul/partner/payment/v1/payment_service.js";
import { Scenario, Twist } from "#gen/backhaul/sandbox/v1/scenario_service.js";
import { newId } from "#kit/ids.js";
import { fromProto, money, toProto } from "#kit/pure/money.js";
import { openStage } from "#kit/testing/stage.js";
import { order, sandbox } from "../../../services/partners/test/builders.js";
import { type Bench, contract } from "./contract.js";
import type { Mishap } from "./fake-server.js";

/** How the sandbox fails: by its scenarios, for it speaks no HTTP. */
const twists: Partial<Record<Mishap, Twist>> = {
  LOSE_ANSWER: Twist.TWIST_TIMEOUT_AFTER_SUCCESS,
  TOO_MANY: Twist.TWIST_ERROR,
  ERROR: Twist.TWIST_ERROR,
};

async function open(): Promise<Bench> {
  const stage = await openStage();
  const box = await sandbox(stage);
  const orderOf = (paymentId: string) => paymentId.replace(/^pay-/, "");
  return {
    client: box.as(PaymentServiceService),
    currency: "GBP",
    foreign: "KRW",
    tooFine: 1_000_000,
    method: "CARD",
    pay: async (minor) => {
      const imported = order({ orderId: newId("ord") });
      const [payment] = imported.order?.payments ?? [];
      if (!payment) throw new Error("the builder's order is not paid");
      payment.captured = toProto(money(minor, "GBP"));
      await box.operator.importOrders({ orders: [imported] });
      return payment.paymentId;
    },
    nobody: "pay-nobody",
    booked: async (paymentId) => {
      const { refunds } = await box.operator.listProviderRefunds({ orderId: orderOf(paymentId) });
      const minor = refunds.reduce((sum, { amount }) => sum + (amount ? fromProto(amount).minor : 0n), 0n);
      return { count: refunds.length, minor };
    },
    mishap: async (kind, times = 0) => {
      const scenario = { twist: twists[kind], method: "RefundPayment", times: Number.isFinite(times) ? times : 0 };
      await box.scenarios.addScenario({ scenario: Scenario.fromPartial(scenario) });
    },
    calm: async () => {
      await box.scenarios.clearScenarios({});
    },
    patienceMs: 500,
    close: async () => {
      await box.stop();
      await stage.close();
    },
  };
}

contract("the sandbox", Object.keys(twists) as Mishap[], open);
