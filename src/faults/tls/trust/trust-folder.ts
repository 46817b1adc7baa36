import { randomUUID } from "node:crypto";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DriverJournal } from "../../fault-driver.js";
import { trustFolderEntry } from "./remove-trust-folder.js";
import { systemRoots } from "./system-roots.js";
import { REPLACES, TRUST_VARIABLES, type TrustVariable } from "./variables.js";

type Environment = Readonly<Record<string, string | undefined>>;

/** Files that tell programs of a run's authority, in a folder that only this user can read. They hold no key. */
export class TrustFolder {
  readonly path: string;
  readonly #ca: string;

  private constructor(path: string, ca: string) {
    this.path = path;
    this.#ca = ca;
  }

  /** @param ca PEM of the authority. */
  static async create(ca: string, journal: DriverJournal): Promise<TrustFolder> {
    const folder = new TrustFolder(join(tmpdir(), `faultline-tls-${randomUUID()}`), ca);
    journal.undoable(trustFolderEntry(folder.path));
    // This fails where something of that name is there, so nobody else can have made the folder.
    await mkdir(folder.path, { mode: 0o700 });
    await folder.#write("ca.pem", ca);
    return folder;
  }

  /** The file with the authority of this run alone. */
  get caFile(): string {
    return join(this.path, "ca.pem");
  }

  /**
   * Variables by which programs trust the authority as well as all that they trust already.
   * @param inherited the variables that a program gets anyway. A file that one of them names stays trusted.
   */
  async environment(inherited: Environment): Promise<Readonly<Partial<Record<TrustVariable, string>>>> {
    const variables: Partial<Record<TrustVariable, string>> = {};
    for (const name of TRUST_VARIABLES) {
      const file = await this.#fileFor(name, inherited[name] ?? "");
      if (file !== null) variables[name] = file;
    }
    return variables;
  }

  async remove(): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
  }

  /** @returns null when the variable names no file that can be read. It then stays as it is. */
  async #fileFor(name: TrustVariable, set: string): Promise<string | null> {
    const replaces: readonly string[] = REPLACES;
    if (set === "") return replaces.includes(name) ? this.#bundle() : this.caFile;
    try {
      return await this.#write(`${name}.pem`, joined(await readFile(set, "utf8"), this.#ca));
    } catch {
      return null;
    }
  }

  async #bundle(): Promise<string> {
    this.#bundleFile ??= systemRoots().then((roots) => this.#write("bundle.pem", joined(roots, this.#ca)));
    return this.#bundleFile;
  }
  #bundleFile: Promise<string> | null = null;

  async #write(name: string, text: string): Promise<string> {
    const file = join(this.path, name);
    await writeFile(file, text, { mode: 0o600 });
    return file;
  }
}

function joined(trusted: string, ca: string): string {
  return `${trusted.trimEnd()}\n${ca}`;
}
