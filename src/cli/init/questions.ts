/** What `init` asks on a terminal, and what it takes for an answer. */

import { createInterface } from "node:readline/promises";
import { FaultlineError, messageOf } from "../../support/errors.js";
import { harmlessIo } from "../process/harmless-io.js";
import type { Io } from "../process/io.js";

export interface Question {
  readonly key: "name" | "target" | "dependency" | "rate" | "run" | "variable";
  readonly text: string;
  readonly fallback: string;
  /** What is wrong with an answer. @returns null when nothing is. */
  readonly complaint: (answer: string) => string | null;
}

export async function questionList(): Promise<readonly Question[]> {
  const { parseAddress } = await import("../../support/hosts.js");
  const { isHttpUrl } = await import("../../support/address.js");
  const { parseRate } = await import("../../quantities/units.js");
  const { splitCommand } = await import("../../scenario/values/split-command.js");
  return [
    {
      key: "name",
      text: "What do you want to show?",
      fallback: "Service survives a bad dependency",
      complaint: (answer) => (answer.length > 200 ? "at most 200 characters" : null),
    },
    {
      key: "target",
      text: "URL of the system under test?",
      fallback: "http://127.0.0.1:3000",
      complaint: (answer) => (isHttpUrl(answer) ? null : "expected a URL such as http://127.0.0.1:3000"),
    },
    {
      key: "dependency",
      text: "Address of the dependency to disturb?",
      fallback: "127.0.0.1:6379",
      complaint: (answer) => (parseAddress(answer) ? null : "expected host:port, such as 127.0.0.1:6379"),
    },
    {
      key: "variable",
      text: "Environment variable that tells the system where it is?",
      fallback: "DEPENDENCY_ADDRESS",
      complaint: (answer) =>
        /^[A-Za-z_]\w*$/.test(answer) ? null : "expected a variable's name, such as REDIS_URL",
    },
    {
      key: "run",
      text: "Command that starts the system (empty: it runs already)?",
      fallback: "",
      complaint: (answer) => {
        try {
          splitCommand(answer);
          return null;
        } catch (error) {
          return messageOf(error);
        }
      },
    },
    {
      key: "rate",
      text: "How many requests?",
      fallback: "100/s",
      complaint: (answer) => ((parseRate(answer)?.perS ?? 0) > 0 ? null : "expected a rate such as 100/s"),
    },
  ];
}

/** @throws FaultlineError USAGE when the answer cannot be used. */
export function checked({ key, complaint }: Question, answer: string | undefined): string | undefined {
  const wrong = answer === undefined ? null : complaint(answer);
  if (wrong !== null) throw new FaultlineError("USAGE", `--${key}: ${wrong}`);
  return answer;
}

export type Answers = Readonly<Record<string, string | undefined>>;

export async function askFor(questions: readonly Question[], given: Answers, io: Io): Promise<Answers> {
  const prompt = createInterface({ input: io.stdin, output: harmlessIo(io).terminal });
  // Ctrl-C or the end of input: nothing has been written yet.
  const closed = new AbortController();
  prompt.once("close", () => closed.abort());
  const answers: Record<string, string | undefined> = { ...given };
  try {
    for (const { key, text, fallback, complaint } of questions) {
      if (given[key] !== undefined) continue;
      for (;;) {
        const shown = fallback === "" ? "" : ` (${fallback})`;
        const answer = (await prompt.question(`${text}${shown} `, { signal: closed.signal })).trim();
        const wrong = answer === "" ? null : complaint(answer);
        if (wrong === null) {
          answers[key] = answer;
          break;
        }
        io.stderr.write(`  ${wrong}\n`);
      }
    }
    return answers;
  } catch (error) {
    if (!closed.signal.aborted) throw error;
    throw new FaultlineError("USAGE", "stopped; nothing was written");
  } finally {
    prompt.close();
  }
}
