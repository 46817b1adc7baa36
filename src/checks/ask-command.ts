import type { CommandAsk } from "../plan/checks/check-spec.js";
import { type CommandEnd, runBoundedCommand } from "../support/outside/bounded-command.js";
import type { Asked, WhyUnasked } from "./asked.js";

export interface AskContext {
  /** The environment that a command's own is laid over. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Called around the start of a program. */
  readonly starting: <T>(start: () => T) => T;
}

/** Where an answer goes as it comes. false: it is too much. */
export type TakePart = (part: Buffer) => boolean;

/** Of what a command printed so much is kept, to be shown when it says nothing that is understood. */
const KEPT_BYTES = 16_384;

/** Starts the command and hands over what it prints on stdout. Resolves when none of its processes is left. */
export async function askCommand(
  { command, shell, env, cwd }: CommandAsk,
  take: TakePart,
  context: AskContext,
): Promise<Omit<Extract<Asked, { kind: "answer" }>, "body"> | Extract<Asked, { kind: "unasked" }>> {
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
  if (exitCode !== null) return { kind: "answer", exitCode, status: null, output };
  return { kind: "unasked", why: whyCut(end), reason: reasonOf(end, command[0] ?? ""), output };
}

function whyCut({ cutShort }: CommandEnd): WhyUnasked {
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
