// Rules that never fire, and tables that leave something unanswered or tell too much apart.
import { addRule, at, cell, freeTerms, type Json, type Plant, rowsOf } from "../plants.js";

const columnsOf = (json: Json, table: string) => json.tables[table].nodes[1].content.inputs;

export const order: readonly Plant[] = [
  {
    title: "a last rule with a condition",
    change: cell("deadlines", "kr-deadlines-default", "tier", '"PLUS"'),
    code: "NO_CATCH_ALL",
    path: at("deadlines", "kr-deadlines-default"),
    says: /the last rule must fit everything: leave its conditions empty, or add one/,
  },
  {
    title: "a rule without conditions before others",
    change: (json) => addRule(json, "outcomes", "kr-new", { outcomes: '["REFUND"]' }),
    code: "RULE_UNREACHABLE",
    path: at("outcomes", "kr-new"),
    says: /fits everything, so the rules after it never fire: move it to the end/,
  },
  {
    title: "a rule that an earlier one hides",
    change: (json) =>
      addRule(
        json,
        "verdict",
        "kr-new",
        { kind: '"CANCELLATION"', delivered: "true", opened: "true", verdict: '"REVIEW"' },
        "kr-cancel",
      ),
    code: "RULE_UNREACHABLE",
    path: at("verdict", "kr-new"),
    says: /kr-new never fires: kr-cancel-too-late take every line that it fits; move it up, or take it out/,
  },
  {
    title: "a rule that two earlier ones hide together, neither of them alone",
    change: (json) => {
      addRule(json, "outcomes", "kr-first", { kind: '"CLAIM"', opened: "true", outcomes: '["REFUND"]' });
      addRule(json, "outcomes", "kr-second", { kind: '"CLAIM"', opened: "false", outcomes: '["REFUND"]' });
    },
    code: "RULE_UNREACHABLE",
    path: at("outcomes", "kr-outcomes-claim"),
    says: /kr-outcomes-claim never fires: .*kr-second.* take every line that it fits/,
  },
  {
    title: "a rule for something that cannot be",
    change: (json) =>
      addRule(json, "verdict", "kr-new", { nonconforming: "true", never_came: "true", verdict: '"REVIEW"' }),
    code: "RULE_UNREACHABLE",
    path: at("verdict", "kr-new"),
    says: /kr-new never fires: no line has all that it asks for at once; mend it/,
  },
  {
    title: "a rule for a review that no window has",
    change: (json) => {
      for (const row of rowsOf(json, "window")) row.review_months = "null";
    },
    code: "RULE_UNREACHABLE",
    path: at("verdict", "kr-nonconforming-late"),
    says: /kr-nonconforming-late never fires/,
  },
  {
    title: "cells that tell too many values apart",
    change: cell(
      "verdict",
      "kr-never-came-value",
      "line_minor",
      Array.from({ length: 180 }, (_, i) => i * 3).join(", "),
    ),
    code: "TOO_COMPLEX",
    path: (json) =>
      `tables.verdict.nodes[1].content.inputs[${columnsOf(json, "verdict").findIndex((c: Json) => c.field === "line_minor")}]`,
    says: /the cells of line_minor tell \d+ values apart, too many to check: keep to 500/,
  },
  {
    title: "terms that are others nearly every day",
    change: (json) => {
      const days = Array.from({ length: 40 }, (_, at) => at * 5).join(", ");
      addRule(json, "terms", "kr-new", { days_since: days, ...freeTerms });
    },
    code: "TOO_COMPLEX",
    path: (json) => `tables.terms.nodes[1].content.inputs[${columnsOf(json, "terms").length - 1}]`,
    says: /the cells of days_since tell \d+ values apart, too many to check: keep to 100/,
  },
];
