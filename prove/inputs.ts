// Bad input at every door that goods come through: what each is answered, and what the books say afterwards. Whatever is
// refused leaves them as they were; whatever is physically there is kept.
import type { Desk } from "./desk.js";
import { carrierInputs } from "./inputs/carriers.js";
import { dockInputs } from "./inputs/dock.js";
import { openField } from "./inputs/field.js";
import { photoInputs } from "./inputs/photos.js";
import type { Proof, Say } from "./proof.js";

export async function provenInputs(desk: Desk, say: Say): Promise<Proof[]> {
  const field = openField(desk);
  const rows: string[][] = [["input", "answer", "the books afterwards"]];
  const wrong: string[] = [];
  for (const { input, answer, books, tell } of [...carrierInputs(field), ...dockInputs(field), ...photoInputs(field)]) {
    say(`  ${input}`);
    const [answered, kept] = await tell().catch((error: Error): [string, string] => [error.message.slice(0, 80), ""]);
    if (answered !== answer || kept !== books) wrong.push(`${input}: ${answered}; ${kept}; not ${answer}; ${books}`);
    rows.push([input, answered, kept]);
  }
  field.rest.close();
  return [
    {
      asked: "bad input at the doors of collection, dock and bench: each its own reason, and nothing lost",
      counted: `${rows.length - 1} inputs, ${wrong.length} answered otherwise${wrong.map((what) => `\n  ${what}`).join("")}`,
      ok: wrong.length === 0,
      rows,
    },
  ];
}
