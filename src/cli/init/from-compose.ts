import path from "node:path";
import { parseEnv } from "node:util";
import { readComposeFile } from "../../scenario/generate/compose/compose-file.js";
import { scenarioFromCompose } from "../../scenario/generate/compose/compose-scenario.js";
import { type ComposeVariables, resolveSettings } from "../../scenario/generate/compose/interpolation.js";
import { leadThrough } from "../../scenario/generate/compose/lead-through.js";
import { overrideFile } from "../../scenario/generate/compose/override-file.js";
import { FileAccess } from "../../scenario/read/file-access.js";
import { readSource } from "../../scenario/read/read-source.js";
import { FaultlineError } from "../../support/errors.js";
import type { Io } from "../process/io.js";
import { type NewFile, refuseExisting, schemaPath, writeNewFile } from "./write-files.js";

const OVERRIDE = "compose.faultline.yml";

export interface FromComposeOptions {
  readonly from: string;
  readonly name: string | undefined;
  readonly target: string | undefined;
  readonly rate: string;
  readonly replace: boolean;
}

/** Writes a scenario for a compose file, and a second compose file that leads its services through the proxies. */
export async function initFromCompose(file: string, options: FromComposeOptions, io: Io): Promise<void> {
  const scenario = { name: file, absolute: path.resolve(io.cwd, file) };
  const folder = path.dirname(scenario.absolute);
  const override = {
    name: path.join(path.dirname(file), OVERRIDE),
    absolute: path.join(folder, OVERRIDE),
  };
  if (!options.replace) for (const each of [scenario, override]) await refuseExisting(each);
  const composeFile = path.resolve(io.cwd, options.from);
  const { source } = await readSource(composeFile, options.from, FileAccess.everywhere(), "a compose file");
  const settings = await readSettings(path.dirname(composeFile));
  const compose = readComposeFile(source, settings);
  const led = leadThrough(compose, settings);
  const { text, unknowns } = scenarioFromCompose(
    compose,
    led,
    {
      name: options.name ?? `${projectName(composeFile)} survives bad dependencies`,
      target: options.target ?? null,
      rate: options.rate,
      composePath: path.relative(folder, composeFile).split(path.sep).join("/"),
      overridePath: OVERRIDE,
    },
    await schemaPath(folder, io.cwd),
  );
  const files: readonly NewFile[] = [
    { ...scenario, text },
    ...(led.dependencies.length === 0 ? [] : [{ ...override, text: overrideFile(led) }]),
  ];
  for (const each of files) await writeNewFile(each, options.replace);
  io.stdout.write(files.map(({ name }) => `${name}\n`).join(""));
  const notKnown = unknowns.map((unknown) => `  - ${unknown}\n`).join("");
  io.stderr.write(
    `Written. What you have to see to (it stands in ${file}, too):\n${notKnown}Then:\n  npx faultline validate ${file}\n  npx faultline run ${file}\n`,
  );
}

/** Compose reads `.env` beside the compose file. */
async function readSettings(folder: string): Promise<ComposeVariables> {
  const name = ".env";
  try {
    const { source } = await readSource(path.join(folder, name), name, FileAccess.everywhere(), name);
    const written = Object.entries(parseEnv(source.text)).map(([key, value]) => [key, value ?? ""] as const);
    return resolveSettings(new Map(written));
  } catch (error) {
    if (error instanceof FaultlineError && error.code === "FILE_NOT_FOUND") return new Map();
    throw error;
  }
}

/** As Compose names a project: by its folder. */
function projectName(composeFile: string): string {
  return path.basename(path.dirname(composeFile)) || "The system";
}
