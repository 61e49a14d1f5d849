// Tables that do not read: nodes, columns and conditions.
import { addRule, at, cell, type Plant, windowOf } from "../plants.js";

const terms = "kr-terms-withdrawal";
const tooLate = "kr-too-late";

export const cells: readonly Plant[] = [
  {
    title: "a text that is no document",
    change: (json) => {
      for (const key of Object.keys(json)) delete json[key];
    },
    code: "DOCUMENT_BROKEN",
    path: "market",
    says: /must be a market of two capitals, not nothing/,
  },
  {
    title: "a function node",
    change: (json) => {
      json.tables.terms.nodes[1].type = "functionNode";
    },
    code: "DOCUMENT_BROKEN",
    path: "tables.terms.nodes[1].type",
    says: /a functionNode cannot be checked, so a policy may hold none: say it in the rows of the table/,
  },
  {
    title: "an expression node",
    change: (json) => json.tables.verdict.nodes.push({ id: "more", type: "expressionNode", content: {} }),
    code: "DOCUMENT_BROKEN",
    path: "tables.verdict.nodes[3].type",
    says: /an? expressionNode cannot be checked/,
  },
  {
    title: "a switch node",
    change: (json) => json.tables.window.nodes.push({ id: "more", type: "switchNode", content: {} }),
    code: "DOCUMENT_BROKEN",
    path: "tables.window.nodes[3].type",
    says: /a switchNode cannot be checked/,
  },

  {
    title: "a condition that does not parse",
    change: cell("terms", terms, "tier", "(("),
    code: "CELL_BROKEN",
    path: at("terms", terms, "tier"),
    says: /\(\( does not work as a condition of a word: Unexpected token/,
  },
  {
    title: "a text that is not closed",
    change: cell("terms", terms, "tier", '"PLUS'),
    code: "CELL_BROKEN",
    path: at("terms", terms, "tier"),
    says: /does not work as a condition of a word/,
  },
  {
    title: "a word without its quotes",
    change: cell("terms", terms, "tier", "PLUS"),
    code: "CELL_UNCHECKABLE",
    path: at("terms", terms, "tier"),
    says: /PLUS is no value: put words in quotes/,
  },
  {
    title: "a function in a condition, which might tell apart what nobody tries",
    change: cell("verdict", "kr-perishable", "category", 'startsWith($, "fre")'),
    code: "CELL_UNCHECKABLE",
    path: at("verdict", "kr-perishable", "category"),
    says: /startsWith cannot be checked: use words in quotes, numbers, comparisons, ranges and lists only/,
  },
  {
    title: "a function that would go through a hundred million numbers",
    change: cell("verdict", "kr-never-came-value", "line_minor", "len(map([0..100000000], # * 2)) > 0"),
    code: "CELL_UNCHECKABLE",
    path: at("verdict", "kr-never-came-value", "line_minor"),
    says: /len cannot be checked/,
  },
  {
    title: "a range without a sensible end",
    change: cell("verdict", "kr-never-came-value", "line_minor", "[0..9007199254740991]"),
    code: "CELL_UNCHECKABLE",
    path: at("verdict", "kr-never-came-value", "line_minor"),
    says: /a range may go as far as 1000000000000, not 9007199254740991: write it with >= and <=/,
  },
  {
    title: "a sum in a condition",
    change: cell("verdict", "kr-never-came-value", "line_minor", "$ % 7 == 3"),
    code: "CELL_UNCHECKABLE",
    path: at("verdict", "kr-never-came-value", "line_minor"),
    says: /% cannot be checked/,
  },
  {
    title: "a number in quotes",
    change: cell("verdict", "kr-never-came-value", "line_minor", '>= "300000"'),
    code: "CELL_TYPE",
    path: at("verdict", "kr-never-came-value", "line_minor"),
    says: /line_minor is a number: write 300000 without quotes/,
  },
  {
    title: "a number where words are",
    change: cell("terms", terms, "tier", "> 5"),
    code: "CELL_TYPE",
    path: at("terms", terms, "tier"),
    says: /tier is a word, and 5 is none/,
  },
  {
    title: "a yes in quotes",
    change: cell("verdict", "kr-cancel-too-late", "delivered", '"true"'),
    code: "CELL_TYPE",
    path: at("verdict", "kr-cancel-too-late", "delivered"),
    says: /delivered is a flag: write true without quotes/,
  },
  {
    title: "a misspelt word among good ones",
    change: cell("verdict", "kr-look-first", "reason", '"COUNTERFEIT_SUSPECT", "OTHER_PROBLEMS"'),
    code: "WORD_UNKNOWN",
    path: at("verdict", "kr-look-first", "reason"),
    says: /"OTHER_PROBLEMS" is no reason; known: NO_LONGER_NEEDED, .*OTHER_PROBLEM/,
  },
  {
    title: "a condition that nothing fits",
    change: cell("terms", "kr-terms-keep", "line_minor", "< 0"),
    code: "CELL_NEVER_FITS",
    path: at("terms", "kr-terms-keep", "line_minor"),
    says: /< 0 can never fit: mend it/,
  },
  {
    title: "a risk score beyond the last one",
    change: cell("terms", "kr-terms-keep", "risk_score", "> 100"),
    code: "CELL_NEVER_FITS",
    path: at("terms", "kr-terms-keep", "risk_score"),
    says: /> 100 can never fit/,
  },
  {
    title: "a condition that everything fits",
    change: cell("terms", "kr-terms-keep", "line_minor", ">= 0"),
    code: "CELL_ALWAYS_FITS",
    path: at("terms", "kr-terms-keep", "line_minor"),
    says: />= 0 fits everything: leave it empty/,
  },
  {
    title: "a cell that is missing",
    change: cell("verdict", tooLate, "kind", undefined),
    code: "CELL_MISSING",
    path: at("verdict", tooLate, "kind"),
    says: /is missing, and zen takes that for a cell that never fits: write "" where everything fits/,
  },
  {
    title: "a cell of no column",
    change: cell("verdict", tooLate, "catgory", '"fresh"'),
    code: "COLUMN_UNKNOWN",
    path: at("verdict", tooLate, "catgory"),
    says: /no column has this id/,
  },
  {
    title: "the risk score in the window table",
    change: (json) => addRule(json, "window", "kr-new", { risk_score: "> 80", ...windowOf({ days: "7" }) }),
    code: "COLUMN_UNKNOWN",
    path: (json) =>
      `tables.window.nodes[1].content.inputs[${json.tables.window.nodes[1].content.inputs.length - 1}].field`,
    says: /window has no risk_score here; known: kind, reason, /,
  },
  {
    title: "the days in the verdict table, by which a yes could follow a no",
    change: (json) => addRule(json, "verdict", "kr-new", { days_since: "> 3", verdict: '"ACCEPT"' }),
    code: "COLUMN_UNKNOWN",
    path: (json) =>
      `tables.verdict.nodes[1].content.inputs[${json.tables.verdict.nodes[1].content.inputs.length - 1}].field`,
    says: /verdict has no days_since here/,
  },
  {
    title: "a table that leaves an answer out",
    change: (json) => json.tables.terms.nodes[1].content.outputs.splice(2, 1),
    code: "COLUMN_MISSING",
    path: "tables.terms.nodes[1].content.outputs",
    says: /terms must answer inspect: add the column/,
  },
];
