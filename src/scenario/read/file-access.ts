import { realpathSync } from "node:fs";
import path from "node:path";
import { type ReadLimit, readRegularFile, UnfitFile } from "../../support/read-regular-file.js";

/** Which files a scenario may name. */
export class FileAccess {
  /** Real paths. null: any file may be read. */
  readonly #folders: readonly string[] | null;

  private constructor(folders: readonly string[] | null) {
    this.#folders = folders;
  }

  /** For a scenario whose author is trusted. */
  static everywhere(): FileAccess {
    return new FileAccess(null);
  }

  /**
   * For a scenario whose author is not trusted: its own folder, and folders that the command line names. A folder on
   * the way to the scenario may be a symbolic link by the same author, so it must not lead out of the current folder.
   * @throws UnfitFile, or the system's error.
   */
  static within(scenario: string, cwd: string, more: readonly string[]): FileAccess {
    const folder = realpathSync(path.dirname(path.resolve(cwd, scenario)));
    const isBelow = isInside(path.resolve(cwd, scenario), path.resolve(cwd));
    if (isBelow && !isInside(folder, realpathSync(cwd))) {
      throw new UnfitFile("a symbolic link on the way leads out of the current folder");
    }
    return new FileAccess([folder, ...more.map((each) => realpathSync(path.resolve(cwd, each)))]);
  }

  /** Symbolic links count as what they lead to. @throws UnfitFile, or the system's error. */
  resolve(absolute: string): string {
    if (this.#folders === null) return absolute;
    const real = realpathSync(absolute);
    if (this.#folders.some((folder) => isInside(real, folder))) return real;
    throw new UnfitFile("it is outside the folder of the scenario, which is not trusted");
  }

  /** @throws UnfitFile, or the system's error. */
  async read(absolute: string, limit: ReadLimit): Promise<Buffer> {
    return readRegularFile(this.resolve(absolute), limit);
  }
}

function isInside(file: string, folder: string): boolean {
  const relative = path.relative(folder, file);
  return (
    relative === "" ||
    !(relative === ".." || relative.startsWith(`..${path.sep}`) || path.isAbsolute(relative))
  );
}
