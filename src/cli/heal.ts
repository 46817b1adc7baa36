import { EXIT } from "../support/errors.js";
import type { RegisterCommand } from "./command.js";

export const registerHeal: RegisterCommand = (program, io, done) => {
  program
    .command("heal")
    .summary("undo what runs left behind that could not clean up after themselves")
    .description(
      "Undoes what earlier runs left behind when they could not clean up after themselves (killed, power cut,\n" +
        "Toxiproxy not answering): removes their toxics and proxies from real Toxiproxy servers, puts the runtime of\n" +
        "Envoys back, has containers and Swarm services as they were, ends their services.\n" +
        "Runs that are still going on are left alone.",
    )
    .option("--dry-run", "say what would be undone and change nothing")
    .addHelpText(
      "after",
      `
Exit codes: 0 nothing is left, 5 something could not be undone or a run was left alone.

Examples:
  faultline heal
  faultline heal --dry-run
`,
    )
    .action(async (options: { readonly dryRun?: boolean }) => {
      const { healAll } = await import("../run/safety/heal/heal-all.js");
      const { openStateFolder } = await import("../run/safety/state-folder.js");
      const outcome = await healAll(openStateFolder(io.env), {
        dryRun: options.dryRun ?? false,
        onLine: (line) => io.stdout.write(`${line}\n`),
      });
      done(outcome === "left" ? EXIT.rollbackFailed : EXIT.ok);
    });
};
