import type { z } from "zod";
import type { TreePath } from "../text/tree.js";

/** What complaints about unknown and missing keys must know of a format of files. */
export interface DocumentFormat {
  readonly schema: z.ZodType;
  /** The key that says of which format a file is, and of which version: `faultline: 1`. */
  readonly versionKey: string;
  /** Top-level keys that are gone by the time the schema looks: what they name has been put in their place. */
  readonly keysReadBefore: readonly string[];
  /** What keys are called by other tools (folded, see `fold`), and here. */
  readonly otherNames: Readonly<Record<string, readonly string[]>>;
  /** What is said in another place, where that is more than a map with the same key. */
  readonly saidElsewhere: readonly {
    readonly keys: readonly string[];
    readonly words: string;
    readonly from: RegExp;
  }[];
  /** Where keys stand that people put elsewhere: `from` matches the places where they are looked for in vain. */
  readonly homes: readonly { readonly path: TreePath; readonly words: string; readonly from: RegExp }[];
}
