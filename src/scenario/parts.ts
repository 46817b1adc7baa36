import type { z } from "zod";
import type { Diagnostics } from "./diagnostic.js";
import { reportIssues } from "./issues.js";
import { type FaultInput, fault } from "./schema/fault.js";
import { type LoadInput, load } from "./schema/load.js";
import { proxy, type ScenarioData, scenarioSchema, service } from "./schema/scenario.js";
import { plainValue, type TreeNode } from "./tree.js";

/**
 * What could be read of a scenario. Where something is wrong the rest is still there, so that it can be checked too
 * and all mistakes are shown at once.
 */
export interface ScenarioParts {
  /** Top-level sections that are well formed. */
  readonly sections: Partial<Omit<ScenarioData, "load" | "faults">>;
  /** Keys of `load:` that are well formed. */
  readonly load: Partial<LoadInput>;
  /** Faults that are well formed, with their places in the list. */
  readonly faults: readonly { readonly index: number; readonly fault: FaultInput }[];
  /** Keys ("load.rate") that seem to be missing because they are misspelt or stand elsewhere; that has been said. */
  readonly misspelt: ReadonlySet<string>;
  /** The whole, when nothing is wrong with its form. */
  readonly whole: ScenarioData | null;
}

/** Holds the tree against the schema. */
export function readParts(tree: TreeNode, diagnostics: Diagnostics): ScenarioParts {
  const plain = asMap(plainValue(tree));
  const parsed = scenarioSchema.safeParse(plain);
  if (parsed.success) {
    const { load: loadPart, faults, ...sections } = parsed.data;
    return {
      sections,
      load: loadPart,
      faults: faults.map((item, index) => ({ index, fault: item })),
      misspelt: new Set(),
      whole: parsed.data,
    };
  }
  const misspelt = reportIssues(parsed.error.issues, scenarioSchema, tree, diagnostics);
  const { load: _load, faults: _faults, ...sections } = wellFormed(scenarioSchema, plain);
  const faults = Array.isArray(plain.faults) ? plain.faults : [];
  return {
    sections: {
      ...sections,
      services: wellFormedItems(service, asMap(plain.services)),
      proxies: wellFormedItems(proxy, asMap(plain.proxies)),
    },
    load: wellFormed(load, asMap(plain.load)),
    faults: faults.flatMap((item: unknown, index) => {
      const result = fault.safeParse(item);
      return result.success ? [{ index, fault: result.data }] : [];
    }),
    misspelt,
    whole: null,
  };
}

/** Keys of a map that are well formed each for itself. */
function wellFormed<Shape extends z.ZodRawShape>(
  schema: z.ZodObject<Shape>,
  value: Readonly<Record<string, unknown>>,
): Partial<z.output<z.ZodObject<Shape>>> {
  const result: Record<string, unknown> = {};
  for (const [key, inner] of Object.entries<z.core.$ZodType>(schema.shape)) {
    // The shape of an object made with `z` holds its own classes; the type is that of their common core.
    const parsed = (inner as z.ZodType).safeParse(value[key]);
    if (parsed.success && parsed.data !== undefined) result[key] = parsed.data;
  }
  // Each key holds what its own schema gave.
  return result as Partial<z.output<z.ZodObject<Shape>>>;
}

/** Of named items those that are well formed. */
function wellFormedItems<T>(
  schema: z.ZodType<T>,
  items: Readonly<Record<string, unknown>>,
): Record<string, T> {
  return Object.fromEntries(
    Object.entries(items).flatMap(([name, item]) => {
      const parsed = schema.safeParse(item);
      return parsed.success ? [[name, parsed.data]] : [];
    }),
  );
}

function asMap(value: unknown): Readonly<Record<string, unknown>> {
  return value !== null && typeof value === "object" && !Array.isArray(value) ? { ...value } : {};
}
