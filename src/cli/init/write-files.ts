import { access, mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { FaultlineError, hasCode, messageOf } from "../../support/errors.js";

/** A file that `init` writes. */
export interface NewFile {
  /** As the user named it. */
  readonly name: string;
  readonly absolute: string;
  readonly text: string;
}

/** Asked before any work: nobody wants to answer questions for nothing. @throws FaultlineError FILE_EXISTS. */
export async function refuseExisting(file: Pick<NewFile, "name" | "absolute">): Promise<void> {
  if (await exists(file.absolute)) throw alreadyThere(file.name);
}

/** Makes the folder, too. @throws FaultlineError FILE_EXISTS without `replace`, USAGE. */
export async function writeNewFile({ name, absolute, text }: NewFile, replace: boolean): Promise<void> {
  try {
    await mkdir(path.dirname(absolute), { recursive: true });
    await writeFile(absolute, text, { flag: replace ? "w" : "wx" });
  } catch (error) {
    if (hasCode(error, "EEXIST")) throw alreadyThere(name);
    throw new FaultlineError("USAGE", `cannot write ${name}: ${messageOf(error)}`, { cause: error });
  }
}

const SCHEMA = "schema/scenario.schema.json";

/** Where editors find the schema. Only as part of the user's own project, so that the path lasts. */
export async function schemaPath(folder: string, cwd: string): Promise<string | null> {
  const relative = (schema: string) => path.relative(folder, schema).split(path.sep).join("/");
  for (let above = folder; ; above = path.dirname(above)) {
    const installed = path.join(above, "node_modules", "faultline", SCHEMA);
    if (await exists(installed)) return relative(installed);
    if (above === path.dirname(above)) break;
  }
  const own = fileURLToPath(new URL(`../../../${SCHEMA}`, import.meta.url));
  const inside = !path.relative(cwd, own).startsWith("..") && !path.isAbsolute(path.relative(cwd, own));
  return inside && (await exists(own)) ? relative(own) : null;
}

function alreadyThere(name: string): FaultlineError {
  return new FaultlineError("FILE_EXISTS", `${name} is there already`);
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
