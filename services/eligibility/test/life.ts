// The way of a policy into force over its rpcs, for tests that need a version that has come so far.
import assert from "node:assert/strict";
import { type Policy, PolicyState, SimulationState } from "#gen/backhaul/eligibility/v1/policy.js";
import type { PolicyServiceService } from "#gen/backhaul/eligibility/v1/policy_service.js";
import type { ClientOf } from "#kit/client.js";
import { newId } from "#kit/ids.js";
import { until } from "#kit/testing/peers.js";

type PolicyClient = ClientOf<typeof PolicyServiceService>;

/** Each step gives the version as it then stands; those before it are taken first. The time is now unless it is said. */
export function policyLife(author: PolicyClient, approver: PolicyClient) {
  const of = (policyId: string) => ({ requestId: newId("req"), policyId });

  async function drafted(document: string, effectiveTime = new Date()): Promise<Policy> {
    const { policy } = await author.createPolicy({ requestId: newId("req"), document, effectiveTime });
    return policy!;
  }

  async function validated(document: string, effectiveTime?: Date): Promise<Policy> {
    const { policyId } = await drafted(document, effectiveTime);
    const { policy, findings } = await author.validatePolicy(of(policyId));
    const why = findings.map(({ path, message }) => `${path}: ${message}`).join("\n");
    assert.equal(policy?.state, PolicyState.POLICY_STATE_VALIDATED, why);
    return policy;
  }

  async function simulated(document: string, effectiveTime?: Date): Promise<Policy> {
    const { policyId } = await validated(document, effectiveTime);
    const asked = { ...of(policyId), sinceTime: undefined, untilTime: undefined };
    const { simulationId = "" } = (await author.simulatePolicy(asked)).simulation ?? {};
    await until("the simulation is done", async () => {
      const { simulation } = await author.getSimulation({ simulationId });
      assert.notEqual(simulation?.state, SimulationState.SIMULATION_STATE_FAILED, simulation?.note);
      return simulation?.state === SimulationState.SIMULATION_STATE_DONE;
    });
    return (await author.getPolicy({ policyId })).policy!;
  }

  async function approved(document: string, effectiveTime?: Date): Promise<Policy> {
    const { policyId } = await simulated(document, effectiveTime);
    return (await approver.approvePolicy({ ...of(policyId), note: "as discussed" })).policy!;
  }

  async function bringToLife(document: string, effectiveTime?: Date): Promise<Policy> {
    const { policyId } = await approved(document, effectiveTime);
    return (await approver.activatePolicy(of(policyId))).policy!;
  }

  return { drafted, validated, simulated, approved, bringToLife };
}
