// Answers that are none, that no table may give, or that contradict each other.
import { at, cell, type Plant, rowOf } from "../plants.js";

const tooLate = "kr-too-late";

export const answers: readonly Plant[] = [
  {
    title: "an answer without its quotes",
    change: cell("verdict", tooLate, "verdict", "DECLINE"),
    code: "ANSWER_BROKEN",
    path: at("verdict", tooLate, "verdict"),
    says: /DECLINE is no plain value: write null, or put words in double quotes/,
  },
  {
    title: "an answer by chance",
    change: cell("window", "kr-window-withdrawal", "days", "rand(30)"),
    code: "ANSWER_BROKEN",
    path: at("window", "kr-window-withdrawal", "days"),
    says: /rand\(30\) is no plain value/,
  },
  {
    title: "an answer that would go through a hundred million numbers",
    change: cell("window", "kr-window-withdrawal", "days", "len(map([0..100000000], # * 2))"),
    code: "ANSWER_BROKEN",
    path: at("window", "kr-window-withdrawal", "days"),
    says: /is no plain value/,
  },
  {
    title: "an answer that is missing",
    change: cell("verdict", tooLate, "verdict", undefined),
    code: "ANSWER_BROKEN",
    path: at("verdict", tooLate, "verdict"),
    says: /is missing: verdict must answer verdict/,
  },
  {
    title: "an answer that is none",
    change: cell("verdict", tooLate, "verdict", '"NO"'),
    code: "ANSWER_INVALID",
    path: at("verdict", tooLate, "verdict"),
    says: /must be one of ACCEPT, REVIEW, DECLINE, not "NO"/,
  },
  {
    title: "half a day",
    change: cell("window", "kr-window-withdrawal", "days", "7.5"),
    code: "ANSWER_INVALID",
    path: at("window", "kr-window-withdrawal", "days"),
    says: /must be a whole number from 0 to 3660, or null, not 7.5/,
  },
  {
    title: "an outcome nobody can carry out",
    change: cell("outcomes", "kr-outcomes-default", "outcomes", '["REFUND", "VOUCHER"]'),
    code: "ANSWER_INVALID",
    path: at("outcomes", "kr-outcomes-default", "outcomes"),
    says: /must be a list of some of REFUND, STORE_CREDIT, .*, not \["REFUND", "VOUCHER"\]/,
  },
  {
    title: "a window of days and months",
    change: cell("window", "kr-window-withdrawal", "months", "1"),
    code: "ANSWER_CONTRADICTS",
    path: at("window", "kr-window-withdrawal"),
    says: /has both days and months: set one to null/,
  },
  {
    title: "a review after no window",
    change: cell("window", "kr-window-cancellation", "review_months", "6"),
    code: "ANSWER_CONTRADICTS",
    path: at("window", "kr-window-cancellation"),
    says: /has review_months but no window: give days or months, or set it to null/,
  },
  {
    title: "a refund at a receipt that never comes",
    change: cell("terms", "kr-terms-cancel", "refund_trigger", '"ON_RECEIPT"'),
    code: "ANSWER_CONTRADICTS",
    path: at("terms", "kr-terms-cancel"),
    says: /nothing is collected, so ON_RECEIPT never comes: say ON_APPROVAL/,
  },
  {
    title: "a fee without a name",
    change: cell("terms", "kr-terms-default", "fee_minor", "100"),
    code: "ANSWER_CONTRADICTS",
    path: at("terms", "kr-terms-default"),
    says: /fee_code and fee_minor must both be set, or null and 0/,
  },
  {
    title: "a fee that cannot be paid in whole dollars",
    market: "TW",
    change: (json) =>
      Object.assign(rowOf(json, "terms", "tw-terms-default"), { fee_code: '"RETURN_SHIPPING"', fee_minor: "6050" }),
    code: "FEE_UNPAYABLE",
    path: at("terms", "tw-terms-default"),
    says: /6050 cannot be paid in TWD: make it a multiple of 100/,
  },
];
