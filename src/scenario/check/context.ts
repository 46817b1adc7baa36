import type { Complaint } from "../../notation/complaint.js";
import type { ValidParts } from "../../quantities/valid-parts.js";
import type { Diagnostics } from "../diagnostics/diagnostic.js";
import { anyKeyOf } from "../diagnostics/schema-issues.js";
import type { ScenarioParts } from "../read/checked-parts.js";
import type { FileAccess } from "../read/file-access.js";
import { resolvePath } from "../read/file-reading.js";
import type { Grants } from "../read/grants.js";
import type { ScenarioFiles } from "../read/named-files.js";
import type { LoadInput } from "../schema/load.js";
import type { Span } from "../text/source.js";
import { keySpanAt, nodeAt, pathText, spanAt, type TreeNode, type TreePath } from "../text/tree.js";
import type { DeferredSlot } from "../values/substitute.js";

/** `load:` as far as it is well formed. */
export type LoadParts = ValidParts<LoadInput>;

/** What the checks look at: the well-formed parts, and where everything is in the files. */
export class CheckContext {
  readonly parts: ScenarioParts;
  readonly files: ScenarioFiles;
  readonly deferred: readonly DeferredSlot[];
  readonly diagnostics: Diagnostics;
  /** From the command line. The scenario's own are in its parts. */
  readonly allowHosts: readonly string[];
  /** Paths of the command line are relative to this folder. */
  readonly cwd: string;
  readonly access: FileAccess;
  /** What the command line lets an untrusted scenario do. null: it is trusted. */
  readonly untrusted: Grants | null;
  readonly #tree: TreeNode;

  constructor(input: {
    readonly parts: ScenarioParts;
    readonly files: ScenarioFiles;
    readonly deferred: readonly DeferredSlot[];
    readonly diagnostics: Diagnostics;
    readonly allowHosts: readonly string[];
    readonly tree: TreeNode;
    readonly cwd: string;
    readonly access: FileAccess;
    readonly untrusted: Grants | null;
  }) {
    this.parts = input.parts;
    this.files = input.files;
    this.deferred = input.deferred;
    this.diagnostics = input.diagnostics;
    this.allowHosts = input.allowHosts;
    this.cwd = input.cwd;
    this.access = input.access;
    this.untrusted = input.untrusted;
    this.#tree = input.tree;
  }

  /** A path in the scenario, relative to the file that holds it. */
  pathAt(at: TreePath, file: string): string {
    return resolvePath(this.#tree, at, file);
  }

  /** Hosts from the command line and, when it is trusted, from the scenario. */
  get allowedHosts(): readonly string[] {
    const own = this.untrusted === null ? (this.parts.valid.allowHosts ?? []) : [];
    return [...this.allowHosts, ...own.filter((entry) => entry !== undefined)];
  }

  /** Tells of complaints whose paths begin at `path`. */
  complain(complaints: readonly Complaint[], path: TreePath): void {
    for (const { code, path: inner, at, message, help } of complaints) {
      const place = [...path, ...inner];
      const span = at === "key" ? this.key(...place) : this.at(...place);
      if (code === "suspicious") this.diagnostics.warning(code, span, message, help);
      else this.diagnostics.error(code, span, message, help);
    }
  }

  /** Place of a value. */
  at(...path: TreePath): Span {
    return spanAt(this.#tree, path);
  }

  /** Place of a key. */
  key(...path: TreePath): Span {
    return keySpanAt(this.#tree, path);
  }

  /** Whether the scenario says something there, well formed or not. */
  has(...path: TreePath): boolean {
    return nodeAt(this.#tree, path) !== undefined;
  }

  /** Whether nothing is there, and no key with a complaint may be meant for it. */
  lacks(...path: TreePath): boolean {
    if (this.has(...path)) return false;
    return !this.parts.misspelt.has(pathText(path)) && !this.isUnclear(...path.slice(0, -1));
  }

  /** Whether the map there has unknown keys. */
  isUnclear(...path: TreePath): boolean {
    return this.parts.misspelt.has(anyKeyOf(path));
  }

  node(...path: TreePath): TreeNode | undefined {
    return nodeAt(this.#tree, path);
  }

  /** Keys of the map at a path, well formed or not. Another mistake in the map must not make its names unknown. */
  names(...path: TreePath): readonly string[] {
    const node = nodeAt(this.#tree, path);
    return node?.kind === "map" ? [...node.entries.keys()] : [];
  }
}
