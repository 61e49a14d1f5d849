// The answer to who is turned away because too much is under way: made beforehand, for at that moment there is no time to
// make one. No trace is begun for it, and there is no line about it that a trace could be looked up in.
import type { ServerResponse } from "node:http";
import { Unavailable } from "#kit/errors.js";
import type { Headers } from "./headers.js";
import { type Language, languageOf, languages } from "./language.js";
import { answerOf } from "./problem.js";

/** When to come back is spread, or all would at once. */
const retryAfterSeconds = [1, 2, 3] as const;

/** Answers on the bare response, in the language asked for; `more` are headers of this answer alone. */
export type TurnAway = (response: ServerResponse, acceptLanguage: string | undefined, more: Headers) => void;

/** @param headers of every answer */
export function turningAway(headers: Headers): TurnAway {
  const made = new Map<Language | undefined, readonly Answer[]>();
  for (const language of [undefined, ...languages]) {
    made.set(
      language,
      retryAfterSeconds.map((seconds) => answerIn(language, seconds, headers)),
    );
  }
  return (response, acceptLanguage, more) => {
    const answers = made.get(languageOf(acceptLanguage)) as readonly Answer[];
    const { status, headers, body } = answers[Math.floor(Math.random() * answers.length)] as Answer;
    response.writeHead(status, { ...headers, ...more });
    response.end(body); // text, so that it leaves with its head in one piece
  };
}

type Answer = { readonly status: number; readonly headers: Headers; readonly body: string };

function answerIn(language: Language | undefined, seconds: number, headers: Headers): Answer {
  const error = new Unavailable("OVERLOADED", "too much is under way here now; try again", {}, seconds * 1000);
  const answer = answerOf(error, "", undefined, language);
  const body = JSON.stringify(answer.body);
  const length = String(Buffer.byteLength(body));
  const own = { ...headers, ...answer.headers, vary: "accept-language, origin", "content-length": length };
  return { status: answer.body.status, headers: own, body };
}
