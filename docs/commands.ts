// The shell commands of a page, read out of its Markdown: those of `sh` blocks, one by one, and those in the code of a
// sentence or a table. Called by commands.test.ts, which runs them.
import { spawnSync } from "node:child_process";

export interface Command {
  readonly page: string;
  /** Where it begins. */
  readonly line: number;
  readonly text: string;
  /** Where its block begins: what a command sets, the next one of the block sees. Undefined outside of blocks. */
  readonly block: number | undefined;
  /** The JSON that the page shows as its answer, in an output block. */
  shown?: unknown;
}

/** What a command outside of `sh` blocks begins with; inside of them, everything is a command. */
const program = /^(?:\$ )?(?:npm|npx|node|curl|grpcurl|buf|docker|git|psql|nats|cp) /;

/** The commands, and what keeps others from being found: a command in a block that does not say sh, half a command. */
export function commandsOf(page: string, markdown: string): { commands: Command[]; problems: string[] } {
  const commands: Command[] = [];
  const problems: string[] = [];
  const prose: string[] = [];
  let fence: { language: string; line: number; text: string; isOutput: boolean } | undefined;
  let begun: { line: number; text: string } | undefined;
  let output = false;

  for (const [at, text] of markdown.split("\n").entries()) {
    const line = at + 1;
    const [mark, language = ""] = /^\s*```(\w*)/.exec(text) ?? [];
    prose.push(fence || mark ? "" : text);
    if (/<!-- output:(start|end)/.test(text)) output = text.includes("start");
    if (mark) {
      if (begun) problems.push(`${page}:${begun.line}: the block ends in the middle of this command`);
      begun = undefined;
      const last = commands.at(-1);
      if (last && fence?.isOutput) last.shown ??= json(fence.text);
      fence = fence ? undefined : { language, line, text: "", isOutput: output };
    } else if (fence?.language === "sh") {
      if (!begun && /^\s*(#|$)/.test(text)) continue;
      begun = { line: begun?.line ?? line, text: begun ? `${begun.text}\n${text}` : text };
      if (!isWhole(begun.text)) continue;
      commands.push({ page, ...begun, block: fence.line });
      begun = undefined;
    } else {
      if (fence) fence.text += `${text}\n`;
      if ((fence || /^ {4}/.test(text)) && program.test(text.trimStart()))
        problems.push(`${page}:${line}: a command in a block that does not say sh`);
    }
  }
  return { commands: [...commands, ...inSentences(page, prose.join("\n"))], problems };
}

function inSentences(page: string, prose: string): Command[] {
  return [...prose.matchAll(/`((?:[^`\n]|\n(?!\n))+)`/g)]
    .map(({ 1: code = "", index }) => ({
      page,
      line: prose.slice(0, index).split("\n").length,
      text: code.replaceAll(/\s+/g, " "),
      block: undefined,
    }))
    .filter(({ text }) => program.test(text));
}

/** Whether bash takes it for a command that has its end. */
function isWhole(text: string): boolean {
  return !text.endsWith("\\") && spawnSync("bash", ["-n", "-c", text]).status === 0;
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
