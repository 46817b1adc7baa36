import { ERRORS, EXIT } from "./errors.js";

const MEANING: Readonly<Record<keyof typeof EXIT, string>> = {
  ok: "all SLOs held",
  sloBroken: "an SLO was broken, or a service did not survive a fault",
  usage: "bad command line or scenario; nothing was started",
  undecided:
    "inconclusive or invalid: not enough evidence, or evidence that cannot be trusted; nothing to compare with `--baseline`",
  environment:
    "the environment failed: a service would not start, the baseline was unhealthy, Toxiproxy was unreachable",
  rollbackFailed: "rollback failed: a fault, or a process of a service or a check, may still be in place",
  interrupted: "interrupted, after rollback",
};

/** The tables of docs/errors.md. */
export function errorReference(): string {
  const codes = Object.entries(ERRORS).map(
    ([code, { exitCode, hint }]) => `| \`${code}\` | ${exitCode} | ${hint} |`,
  );
  // Object.entries widens the keys. They are those of EXIT.
  const exits = Object.entries(EXIT).map(
    ([name, code]) => `| ${code} | ${MEANING[name as keyof typeof EXIT]} |`,
  );
  return [
    "## Exit codes",
    "",
    "| code | meaning |",
    "|---|---|",
    ...exits,
    "",
    "## Errors",
    "",
    "| error | exit code | what to do |",
    "|---|---|---|",
    ...codes,
    "",
  ].join("\n");
}
