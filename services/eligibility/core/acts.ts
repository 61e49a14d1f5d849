// What goes on record of a policy's life: who did what to which version, and when. Nothing of it is ever taken back.

/** Who did what to a version, and when; the words of the contract's PolicyAct. */
export type Act = {
  readonly policyId: string;
  readonly time: Date;
  readonly subject: string;
  readonly verb: ActVerb;
  /** Why, or what came of it. */
  readonly note: string;
  /** The document's at that time. */
  readonly documentHash: string;
};
export type ActVerb =
  | "create"
  | "revise"
  | "validate"
  | "simulate"
  | "approve"
  | "activate"
  | "retire"
  | "rollback"
  | "shadow"
  | "unshadow";

/** Who does it, in business time. */
export type Who = { readonly subject: string; readonly now: Date };

/** @param policy as it is after it was done */
export function act(
  { policyId, documentHash }: Pick<Act, "policyId" | "documentHash">,
  verb: ActVerb,
  { subject, now }: Who,
  note: string,
): Act {
  return { policyId, time: now, subject, verb, note, documentHash };
}
