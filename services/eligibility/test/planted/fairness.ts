// Who gets less, or pays more, than the document may let them: for their risk, their place on a list, their tier, or
// for asking early.
import { addRule, at, freeTerms, type Plant, windowOf } from "../plants.js";

export const fairness: readonly Plant[] = [
  {
    title: "a review for customers of high risk, within their right",
    change: (json) =>
      addRule(
        json,
        "verdict",
        "kr-new",
        { kind: '"RETURN"', risk_score: "> 80", in_window: "true", verdict: '"REVIEW"' },
        "kr-withdrawal",
      ),
    code: "RISK_DECIDES",
    path: at("verdict", "kr-new"),
    says: /risk may not decide about .*: kr-new says REVIEW, where at risk 0 kr-withdrawal says ACCEPT; take risk_score out/,
  },
  {
    title: "a fee for customers of high risk",
    change: (json) =>
      addRule(json, "terms", "kr-new", {
        kind: '"RETURN"',
        fault: '"CUSTOMER"',
        risk_score: "> 80",
        ...freeTerms,
        fee_code: '"RETURN_SHIPPING"',
        fee_minor: "9000",
      }),
    code: "RISK_DECIDES",
    path: at("terms", "kr-new"),
    says: /risk may not cost anything: kr-new charges ₩9,000, where at risk 0 kr-terms-withdrawal\S* charges ₩3,000/,
  },
  {
    title: "a fee for customers on the block list, within their right",
    change: (json) =>
      addRule(json, "terms", "kr-new", {
        kind: '"RETURN"',
        fault: '"CUSTOMER"',
        listed: '"BLOCKED"',
        ...freeTerms,
        fee_code: '"RETURN_SHIPPING"',
        fee_minor: "9000",
      }),
    code: "LISTING_DECIDES",
    path: at("terms", "kr-new"),
    says: /a list may not make .* dearer: kr-new charges ₩9,000, where for who is not listed kr-terms-\S+ charges ₩3,000/,
  },
  {
    title: "a no for customers on the block list, within their right",
    change: (json) =>
      addRule(json, "verdict", "kr-new", {
        kind: '"RETURN"',
        nonconforming: "false",
        listed: '"BLOCKED"',
        verdict: '"DECLINE"',
      }),
    code: "BELOW_FLOOR",
    path: at("verdict", "kr-new"),
    says: /takes away .*: kr-new declines it, though the law gives until/,
  },

  {
    title: "a shorter window for members",
    change: (json) =>
      addRule(json, "window", "kr-new", { kind: '"EXCHANGE"', tier: '"PLUS"', ...windowOf({ days: "5" }) }),
    code: "TIER_GETS_LESS",
    path: at("window", "kr-new"),
    says: /a higher tier gets less: PLUS has until \S+ only by kr-new, where NONE has until \S+ by kr-window-\w+; give PLUS as much/,
  },
  {
    title: "a no for members",
    change: (json) =>
      addRule(json, "verdict", "kr-new", { kind: '"EXCHANGE"', tier: '"PLUS"', verdict: '"REVIEW"' }, "kr-withdrawal"),
    code: "TIER_GETS_LESS",
    path: at("verdict", "kr-new"),
    says: /PLUS gets REVIEW by kr-new, where NONE gets ACCEPT by kr-withdrawal/,
  },
  {
    title: "a higher fee for members",
    change: (json) =>
      addRule(json, "terms", "kr-new", {
        kind: '"RETURN"',
        fault: '"CUSTOMER"',
        tier: '"PLUS"',
        ...freeTerms,
        fee_code: '"RETURN_SHIPPING"',
        fee_minor: "3500",
      }),
    code: "TIER_GETS_LESS",
    path: at("terms", "kr-new"),
    says: /PLUS pays ₩3,500 by kr-new, where NONE pays ₩3,000/,
  },
  {
    title: "a later refund for members",
    change: (json) => addRule(json, "terms", "kr-new", { kind: '"CANCELLATION"', tier: '"PLUS"', ...freeTerms }),
    code: "TIER_GETS_LESS",
    path: at("terms", "kr-new"),
    says: /PLUS has the money back ON_INSPECTION by kr-new, where NONE has the money back ON_APPROVAL by kr-terms-cancel/,
  },
  {
    title: "fewer days to hand over for members",
    change: (json) =>
      addRule(json, "deadlines", "kr-new", { tier: '"PLUS"', handover_days: "10", max_pickup_attempts: "3" }),
    code: "TIER_GETS_LESS",
    path: at("deadlines", "kr-new"),
    says: /PLUS has 10 days by kr-new, where NONE has 14 days to hand over/,
  },
  {
    title: "a yes for who waits until the window has ended",
    change: (json) =>
      addRule(
        json,
        "verdict",
        "kr-new",
        { category: '"fresh"', in_window: "false", verdict: '"ACCEPT"' },
        "kr-perishable",
      ),
    code: "LATER_GETS_MORE",
    path: at("verdict", "kr-new"),
    says: /a later day turns a no into a yes: kr-perishable says DECLINE as long as kr-window-\w+ runs, then kr-new says ACCEPT/,
  },
];
