import { checkFile, type FileCheck } from "../app/check-file.js";
import { planOptions, type ScenarioOptions } from "./scenario-options.js";

/**
 * Checks a scenario without running it: nothing is started, nothing is connected to. `diagnostics` has everything that
 * is wrong with the file, with file, line and column, also when the file cannot be read.
 * @throws FaultlineError USAGE: an option is wrong.
 */
export async function checkScenario(file: string, options: ScenarioOptions = {}): Promise<FileCheck> {
  return await checkFile(file, planOptions(options));
}
