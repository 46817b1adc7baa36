import { Option } from "commander";
import { ENGINES } from "../schedule/emit/emitters.js";
import type { RegisterCommand } from "./command.js";
import { collect, wholeNumberOption } from "./options/option-values.js";
import type { ScheduleFlags } from "./options/schedule-flags.js";

const EXAMPLES = `
Examples:
  faultline schedule day.yaml                           stays, and runs it when it is due
  faultline schedule --emit systemd day.yaml            prints units for systemd
  faultline schedule --emit kubernetes --out k8s day.yaml
  faultline schedule --now day.yaml                     runs it now: for engines that keep the time

SIGHUP, or a change of a file, reads the files again; broken ones change nothing. SIGTERM undoes a run that goes on, and ends.
Exit codes are those of run; 0 also when nothing was due, or the scheduler was ended between two runs.
`;

export const registerSchedule: RegisterCommand = (program, io, done) => {
  program
    .command("schedule")
    .summary("run game days on time, or hand them to systemd, cron, Kubernetes, GitHub or GitLab")
    .description(
      "Runs game days when they are due, one at a time, or writes what another scheduler needs to do so.",
    )
    .argument("<gameday...>", "game day files")
    .addOption(new Option("--emit <engine>", "write what this engine needs; start nothing").choices(ENGINES))
    .addOption(
      new Option("--now", "run it now, after its jitter, unless it is quiet").conflicts(["emit", "due"]),
    )
    .addOption(
      new Option("--due", "run what has become due since the last look, and leave").conflicts("emit"),
    )
    .option("--out <dir>", "folder for reports (default: reports); with --emit, for what it writes")
    .option("--image <name>", "with --emit kubernetes: the image that has faultline and what it tests")
    .option(
      "--port <port>",
      "port of /health and /metrics on 127.0.0.1; 0: a free one",
      wholeNumberOption(0, 65_535),
      0,
    )
    .option("--var <name=value>", "set a variable of the game days (repeatable)", collect, [])
    .option("--allow-host <host>", "allow a host that is not loopback (repeatable)", collect, [])
    .addHelpText("after", EXAMPLES)
    .action(async (files: string[], flags: ScheduleFlags) => {
      const { scheduleGameDays } = await import("./gameday/schedule-game-days.js");
      done(await scheduleGameDays(files, flags, io));
    });
};
