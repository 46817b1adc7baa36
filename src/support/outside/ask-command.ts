import { type CommandEnd, runBoundedCommand } from "./bounded-command.js";

/** A program that is asked something. What it prints on stdout is its answer. */
export interface AskedCommand {
  /** Program and arguments. With `shell`: one element for /bin/sh -c. */
  readonly command: readonly string[];
  readonly shell: boolean;
  readonly env: Readonly<Record<string, string>>;
  /** Absolute. */
  readonly cwd: string;
}

export interface AskContext {
  /** The environment that a command's own is laid over. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Called around the start of a program. */
  readonly starting: <T>(start: () => T) => T;
}

/** What came of asking once. */
export type CommandAnswer =
  | {
      readonly kind: "answer";
      readonly exitCode: number;
      /** The end of what it printed on both streams, to be shown when it says nothing that is understood. */
      readonly output: string;
    }
  | {
      readonly kind: "unasked";
      readonly why: "not_started" | "exit_code" | "late" | "too_much";
      /** "the command was ended after 5 s" */
      readonly reason: string;
      readonly output: string;
    };

/** Where an answer goes as it comes. false: it is too much. */
export type TakePart = (part: Buffer) => boolean;

/** Of what a command printed so much is kept, to be shown when it says nothing that is understood. */
const KEPT_BYTES = 16_384;

/** Starts the command and hands over what it prints on stdout. Resolves when none of its processes is left. Never rejects. */
export async function askCommand(
  { command, shell, env, cwd }: AskedCommand,
  take: TakePart,
  context: AskContext,
): Promise<CommandAnswer> {
  const end = await runBoundedCommand({
    command: shell ? ["/bin/sh", "-c", ...command] : command,
    cwd,
    env: { ...context.env, ...env },
    timeoutMs: context.timeoutMs,
    mostBytes: KEPT_BYTES,
    signal: context.signal,
    onStdout: take,
    leavesNothing: true,
    starting: context.starting,
  });
  const { exitCode, output } = end;
  if (exitCode !== null) return { kind: "answer", exitCode, output };
  return { kind: "unasked", why: whyCut(end), reason: reasonOf(end, command[0] ?? ""), output };
}

/** The same, for an answer that is read as a whole. */
export async function askForText(
  asked: AskedCommand,
  mostBytes: number,
  context: AskContext,
): Promise<{ readonly end: CommandAnswer; readonly body: Buffer }> {
  const parts: Buffer[] = [];
  let bytes = 0;
  const take = (part: Buffer) => {
    parts.push(part);
    bytes += part.length;
    return bytes <= mostBytes;
  };
  const end = await askCommand(asked, take, context);
  return { end, body: Buffer.concat(parts) };
}

function whyCut({ cutShort }: CommandEnd): Extract<CommandAnswer, { kind: "unasked" }>["why"] {
  if (cutShort === "not_started" || cutShort === "too_much") return cutShort;
  // Without either, a signal of somebody else ended it.
  return cutShort === null ? "exit_code" : "late";
}

function reasonOf({ cutShort, how, startError }: CommandEnd, program: string): string {
  if (cutShort === "too_much") return "the command printed more than is read";
  if (cutShort !== "not_started") return `the command ${how}`;
  const code = startError !== null && "code" in startError ? startError.code : null;
  return code === "ENOENT"
    ? `the command cannot be started: there is no program "${program}", or no folder to run it in`
    : `the command ${how}`;
}
