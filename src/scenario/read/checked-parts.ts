import { type ValidParts, validParts } from "../../quantities/valid-parts.js";
import type { Diagnostics } from "../diagnostics/diagnostic.js";
import { reportIssues } from "../diagnostics/schema-issues.js";
import { type ScenarioData, scenarioSchema } from "../schema/scenario.js";
import { plainValue, type TreeNode } from "../text/tree.js";
import { SCENARIO_FORMAT } from "./scenario-format.js";

/**
 * What could be read of a scenario. When something is wrong, the rest is still here. So it is checked too, and all
 * mistakes are shown at once.
 */
export interface ScenarioParts {
  readonly valid: ValidParts<ScenarioData>;
  /**
   * Paths ("load.rate") of keys that seem to be missing because they are misspelt or misplaced, and paths ("load.*") of
   * maps with unknown keys: these may be meant for any missing key. All have a complaint already.
   */
  readonly misspelt: ReadonlySet<string>;
  /** The whole scenario. null when something is wrong with its form. */
  readonly whole: ScenarioData | null;
}

/** Checks the tree against the schema. */
export function readParts(tree: TreeNode, diagnostics: Diagnostics): ScenarioParts {
  const plain = plainValue(tree);
  const parsed = scenarioSchema.safeParse(plain);
  if (parsed.success) return { valid: parsed.data, misspelt: new Set(), whole: parsed.data };
  const misspelt = reportIssues(parsed.error.issues, SCENARIO_FORMAT, tree, diagnostics);
  return { valid: validParts(scenarioSchema, plain) ?? {}, misspelt, whole: null };
}
