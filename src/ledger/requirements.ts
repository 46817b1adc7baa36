import { resolve } from "node:path";
import { z } from "zod";
import { parseAgeMs } from "../quantities/age.js";
import { text } from "../quantities/schema.js";
import { Diagnostics, diagnosticsText } from "../scenario/diagnostics/diagnostic.js";
import type { DocumentFormat } from "../scenario/diagnostics/document-format.js";
import { reportIssues } from "../scenario/diagnostics/schema-issues.js";
import { FileAccess } from "../scenario/read/file-access.js";
import { readSource } from "../scenario/read/read-source.js";
import { parseYaml } from "../scenario/read/yaml.js";
import type { Span } from "../scenario/text/source.js";
import { plainValue, spanAt, type TreeNode } from "../scenario/text/tree.js";
import { FaultlineError } from "../support/errors.js";

/** One thing that must have evidence. */
export interface Requirement {
  readonly dependency: string;
  /** A fault's name, or a kind: latency, partition … */
  readonly fault: string;
  /** Name or file. null: any scenario does. */
  readonly scenario: string | null;
  /** Only what was promised for this request name. null: all. */
  readonly request: string | null;
  /** Its own limit, which replaces the general one. */
  readonly maxAgeMs: number | null;
  readonly place: { readonly file: string; readonly line: number; readonly column: number };
}

const AGE = "an age such as 30d, 2w or 12h";
const maxAge = z.string({ error: AGE }).transform((written, context): number => {
  const ms = parseAgeMs(written);
  if (ms !== null) return ms;
  context.issues.push({ code: "custom", message: AGE, input: written });
  return z.NEVER;
});

const requirement = z.strictObject(
  {
    dependency: text("the name of a proxy or another target of faults"),
    fault: text("a fault's name, or its kind such as latency"),
    scenario: text("a scenario's name or file").optional(),
    request: text("the name of a request").optional(),
    maxAge: maxAge.optional(),
  },
  { error: "a map with `dependency` and `fault`" },
);

const VERSION = "the version of this format, which is 1";
const schema = z.strictObject(
  {
    gate: z.literal(1, { error: VERSION }),
    require: z
      .array(requirement, { error: "a list of { dependency, fault }" })
      .min(1, { error: "a list with at least one { dependency, fault }" }),
  },
  { error: "a map with `gate: 1` and `require`" },
);

const FORMAT: DocumentFormat = {
  schema,
  versionKey: "gate",
  keysReadBefore: [],
  otherNames: {
    proxy: ["dependency"],
    target: ["dependency"],
    kind: ["fault"],
    age: ["maxAge"],
    faults: ["require"],
  },
  saidElsewhere: [],
  homes: [],
};

/**
 * Reads what must have evidence.
 * @throws FaultlineError FILE_NOT_FOUND, FILE_UNREADABLE; REQUIREMENTS_INVALID with the place of each mistake.
 */
export async function readRequirements(file: string, cwd: string): Promise<readonly Requirement[]> {
  const { source } = await readSource(
    resolve(cwd, file),
    file,
    FileAccess.everywhere(),
    "a list of requirements",
  );
  const diagnostics = new Diagnostics();
  const tree = parseYaml(source, diagnostics);
  const parsed = tree && schema.safeParse(plainValue(tree));
  if (tree && parsed && !parsed.success) reportIssues(parsed.error.issues, FORMAT, tree, diagnostics);
  if (tree && parsed?.success) warnOfTwice(parsed.data.require, tree, diagnostics);
  if (!tree || !parsed?.success || diagnostics.hasErrors) {
    throw new FaultlineError(
      "REQUIREMENTS_INVALID",
      diagnosticsText(diagnostics.list(), diagnostics.dropped),
    );
  }
  return parsed.data.require.map(({ dependency, fault, scenario, request, maxAge: maxAgeMs }, index) => ({
    dependency,
    fault,
    scenario: scenario ?? null,
    request: request ?? null,
    maxAgeMs: maxAgeMs ?? null,
    place: placeOf(spanAt(tree, ["require", index])),
  }));
}

/** The same requirement twice is a slip: the second was meant to be something else. */
function warnOfTwice(
  all: readonly z.output<typeof requirement>[],
  tree: TreeNode,
  diagnostics: Diagnostics,
): void {
  const seen = new Map<string, number>();
  all.forEach(({ dependency, fault, scenario, request }, index) => {
    const key = JSON.stringify([dependency, fault, scenario, request]);
    const first = seen.get(key);
    if (first === undefined) seen.set(key, index);
    else {
      diagnostics.error(
        "duplicate",
        spanAt(tree, ["require", index, "fault"]),
        `"${fault}" on "${dependency}" is required twice`,
        `It stands in line ${placeOf(spanAt(tree, ["require", first])).line} already.`,
      );
    }
  });
}

function placeOf({ source, start }: Span): Requirement["place"] {
  return { file: source.name, ...source.position(start) };
}
