import { randomUUID } from "node:crypto";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DriverJournal } from "../../fault-driver.js";
import { trustFolderEntry } from "./remove-trust-folder.js";
import { systemRoots } from "./system-roots.js";
import { REPLACES, TRUST_VARIABLES, type TrustVariable } from "./variables.js";

type Environment = Readonly<Record<string, string | undefined>>;

/** Tells programs of the authority of a run: files in a folder that only this user can read. They hold no key. */
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
    // Fails where something of that name is there, so nobody else can have made it.
    await mkdir(folder.path, { mode: 0o700 });
    await folder.#write("ca.pem", ca);
    return folder;
  }

  /** The authority of this run alone. */
  get caFile(): string {
    return join(this.path, "ca.pem");
  }

  /**
   * Variables by which programs trust the authority beside all that they trust without them.
   * @param inherited What a program would get without them: a file that is named there is trusted as well.
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

  /** @returns null where what is set is no file that can be read: it stays as it is. */
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
