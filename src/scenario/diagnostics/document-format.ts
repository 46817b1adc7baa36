import type { z } from "zod";
import type { TreePath } from "../text/tree.js";

/** What complaints about unknown and missing keys must know of a file format. */
export interface DocumentFormat {
  readonly schema: z.ZodType;
  /** The key that names a file's format and its version: `faultline: 1`. */
  readonly versionKey: string;
  /** Top-level keys that are gone before the schema looks. What they name has been put in their place. */
  readonly keysReadBefore: readonly string[];
  /** Names of keys in other tools (folded, see `fold`), and here. */
  readonly otherNames: Readonly<Record<string, readonly string[]>>;
  /** Keys whose meaning is said in another place, where that is more than a map with the same key. */
  readonly saidElsewhere: readonly {
    readonly keys: readonly string[];
    readonly words: string;
    readonly from: RegExp;
  }[];
  /**
   * The right places of keys that people put elsewhere. `from` matches the places where people look for them in vain.
   */
  readonly homes: readonly { readonly path: TreePath; readonly words: string; readonly from: RegExp }[];
}
