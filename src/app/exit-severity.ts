import { EXIT } from "../support/errors.js";

/** From harmless to worst; the worst of several runs is the command's exit code. */
const EXIT_SEVERITY: readonly number[] = [
  EXIT.ok,
  EXIT.undecided,
  EXIT.sloBroken,
  EXIT.usage,
  EXIT.environment,
  EXIT.interrupted,
  EXIT.rollbackFailed,
];

/** Of several exit codes the one that says the most. */
export function worstExit(codes: readonly number[]): number {
  const rank = (code: number) => EXIT_SEVERITY.indexOf(code);
  return codes.reduce((a, b) => (rank(b) > rank(a) ? b : a), EXIT.ok);
}
