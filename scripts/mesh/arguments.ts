// Command lines: options by name, --help, and one line about what is wrong with them.
import { type ParseArgsConfig, parseArgs } from "node:util";

/** What a person typed cannot be used; the message says what to type. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** Something that is no fault of the program; the message says what to do. */
export class Failure extends Error {
  override readonly name = "Failure";
}

type Options = NonNullable<ParseArgsConfig["options"]>;

/**
 * Reads the options of this process; prints the help and ends it where that was asked for.
 * @throws UsageError
 */
export function readArguments<const O extends Options>(help: string, options: O) {
  try {
    const all = { ...options, help: { type: "boolean", short: "h" } } as const;
    const { values, positionals } = parseArgs({ options: all, allowPositionals: true });
    if ((values as { help?: boolean }).help) {
      console.log(help.trim());
      process.exit(0);
    }
    return { values: values as ReturnType<typeof parseArgs<{ options: O }>>["values"], positionals };
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

/** Seconds in "90s", "15m", "12h" or "30d". @throws UsageError */
export function secondsOf(text: string): number {
  const [, count, unit] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  const seconds = Number(count) * ({ s: 1, m: 60, h: 3600, d: 86_400 }[unit ?? ""] ?? Number.NaN);
  if (!(seconds > 0)) throw new UsageError(`"${text}" is no span of time: write 90s, 15m, 12h or 30d`);
  return seconds;
}

/** Runs a command: what a person got wrong ends it with 2 and one line, all else with 1. */
export async function runCommand(name: string, command: () => Promise<number>): Promise<void> {
  // Whoever reads may have seen enough, as `head` has: the command goes on to its own end.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });
  try {
    process.exitCode = await command();
  } catch (error) {
    process.exitCode = error instanceof UsageError ? 2 : 1;
    if (error instanceof UsageError) console.error(`${name}: ${error.message}; see npm run ${name} -- --help`);
    else if (error instanceof Failure) console.error(`${name}: ${error.message}`);
    else console.error(error);
  }
}
