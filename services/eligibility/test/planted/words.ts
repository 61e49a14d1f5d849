// What stands beside the tables: rules and their texts, languages, tiers, reminders, the reason tree, the law.
import { at, lawIn, type Plant, rowOf, rowsOf } from "../plants.js";

const tooLate = "kr-too-late";

export const words: readonly Plant[] = [
  {
    title: "a rule that stands there twice",
    change: (json) => rowsOf(json, "verdict").splice(2, 0, { ...rowOf(json, "verdict", "kr-cancel-too-late") }),
    code: "STANDS_TWICE",
    path: "tables.verdict.nodes[1].content.rules[2]._id",
    says: /kr-cancel-too-late stands there twice: take one out/,
  },
  {
    title: "another market's rule",
    change: (json) => {
      json.rules["gb-too-late"] = json.rules[tooLate];
      rowOf(json, "verdict", tooLate)._id = "gb-too-late";
    },
    code: "RULE_ID_FOREIGN",
    path: at("verdict", "gb-too-late", "_id"),
    says: /gb-too-late must begin with kr-/,
  },
  {
    title: "a rule without its article",
    change: (json) => delete json.rules[tooLate],
    code: "RULE_UNEXPLAINED",
    path: at("verdict", tooLate, "_id"),
    says: /kr-too-late has no article and text: add them in rules/,
  },
  {
    title: "a rule that stands nowhere",
    change: (json) => {
      json.rules["kr-old"] = json.rules[tooLate];
    },
    code: "RULE_UNUSED",
    path: "rules.kr-old",
    says: /stands in no table: take it out, or write its row/,
  },
  {
    title: "a decline without its text in one language",
    change: (json) => delete json.rules[tooLate].texts["ko-KR"],
    code: "TEXT_MISSING",
    path: `rules.${tooLate}.texts`,
    says: /has no text in ko-KR: write one/,
  },
  {
    title: "an explanation without its text",
    change: (json) => delete json.phrases.tier["en-GB"],
    code: "TEXT_MISSING",
    path: "phrases.tier",
    says: /has no text in en-GB/,
  },
  {
    title: "a language nobody speaks here",
    change: (json) => {
      json.reasons[0].texts["ja-JP"] = "x";
    },
    code: "LANGUAGE_UNKNOWN",
    path: "reasons[0].texts.ja-JP",
    says: /is not a language of the document: add it to languages, or take the text out/,
  },
  {
    title: "a gap that nothing fills",
    change: (json) => {
      json.phrases.unopened["en-GB"] = "Unopened, {days} days ago, {gain}.";
    },
    code: "PLACEHOLDER_UNKNOWN",
    path: "phrases.unopened.en-GB",
    says: /nothing fills \{days\}: write one of \{gain\}/,
  },
  {
    title: "tiers that leave everybody else out",
    change: (json) => {
      json.tiers = ["PLUS", "NONE"];
    },
    code: "TIERS_BROKEN",
    path: "tiers[0]",
    says: /must be NONE, the tier of everybody else/,
  },
  {
    title: "reminders that rise",
    change: (json) => {
      json.handover.reminder_days = [3, 7];
    },
    code: "REMINDERS_BROKEN",
    path: "handover.reminder_days[1]",
    says: /must fall from one to the next/,
  },
  {
    title: "a reminder before the request",
    change: (json) => {
      json.handover.reminder_days = [60, 3];
    },
    code: "REMINDERS_BROKEN",
    path: "handover.reminder_days[0]",
    says: /would come before the request, for kr-deadlines-default gives 14: give more than 60 days there, or say fewer here/,
  },
  {
    title: "a cancellation that could not go on as a return",
    change: (json) => {
      json.reasons[0].leaves[0].kinds = ["CANCELLATION"];
    },
    code: "REASON_BROKEN",
    path: "reasons[0].leaves[0].kinds",
    says: /must hold RETURN as well/,
  },
  {
    title: "a week without a day to work",
    change: (json) => {
      json.civil.weekend = [0, 1, 2, 3, 4, 5, 6];
    },
    code: "WEEKEND_BROKEN",
    path: "civil.weekend",
    says: /leaves no day to work: name at most six days/,
  },

  {
    title: "a market whose law nobody wrote down",
    change: (json) => {
      json.market = "JP";
    },
    code: "LAW_MISSING",
    path: "law",
    says: /the law of JP is not known here: say it in the document's law/,
  },
  {
    title: "a law of its own for a market whose law is known",
    change: (json) => {
      json.law = lawIn("KR");
    },
    code: "LAW_NOT_YOURS",
    path: "law",
    says: /the law of KR stands in policies\/floors.json; a document may not say another: take it out/,
  },
];
