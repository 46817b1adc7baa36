import { resolve } from "node:path";
import { checkGameDays } from "../../app/check-game-days.js";
import { conductGameDay } from "../../app/gameday/conduct-game-day.js";
import { DEFAULT_FOLDER, LEDGER_FILE } from "../../app/ledger-place.js";
import { GameDayError } from "../../gameday/game-day-error.js";
import type { GameDay } from "../../gameday/read-game-day.js";
import type { LivePage } from "../../live/live-page.js";
import { openStateFolder } from "../../run/safety/state-folder.js";
import { diagnosticText } from "../../scenario/diagnostics/diagnostic.js";
import { secretsIn } from "../../scenario/values/secrets.js";
import { lockGameDay } from "../../schedule/game-day-lock.js";
import { FaultlineError } from "../../support/errors.js";
import { harmlessJson } from "../../support/printable.js";
import { redact } from "../../support/redact.js";
import { grantsOf, type TrustFlags } from "../options/trust-options.js";
import type { UiFlags } from "../options/ui-options.js";
import { liveReporters } from "../output/live-reporters.js";
import { openLivePage, uiAddressOf } from "../output/open-live-page.js";
import { harmlessIo } from "../process/harmless-io.js";
import { interruptOf } from "../process/interrupt.js";
import type { Io } from "../process/io.js";
import { askWhatWasSeen } from "./ask-what-was-seen.js";
import { GameDayScreen } from "./game-day-screen.js";

/** Options of `gameday`, as the command line gives them. */
export interface GameDayFlags extends TrustFlags, UiFlags {
  readonly out?: string;
  readonly interactive?: boolean;
  readonly blind?: boolean;
  readonly json?: boolean;
  readonly var?: readonly string[];
  readonly allowHost?: readonly string[];
  readonly color?: boolean;
  readonly verbose?: boolean;
}

/** Checks a game day, runs it now, and prints what becomes of it. Resolves with the exit code. */
export async function conductFromCommandLine(file: string, flags: GameDayFlags, io: Io): Promise<number> {
  if (grantsOf(flags, io) !== null) {
    const why = `${file}: a game day names commands and webhooks, so its author must be trusted`;
    throw new FaultlineError("USAGE", `${why}; leave out --untrusted, or run its scenarios one by one`);
  }
  const uiAddress = await uiAddressOf(flags);
  if (flags.interactive && io.stdin.isTTY !== true) {
    throw new FaultlineError("USAGE", "--interactive asks what you saw, and stdin is no terminal");
  }
  const gameDay = await validGameDay(file, flags, io);
  if (flags.blind && gameDay.scenarios.length < 2) {
    const why = "--blind picks one of several scenarios, and this game day has one";
    throw new FaultlineError("USAGE", `${file}: ${why}; name more under \`scenarios\``);
  }
  const masking = (secrets: readonly string[]) => harmlessIo(io).masking((text) => redact(text, secrets));
  const safe = masking(gameDay.secrets);
  const screen = new GameDayScreen(gameDay, safe, flags);
  const parent = flags.out ?? DEFAULT_FOLDER;
  const unlock = await lockGameDay(openStateFolder(io.env), gameDay.data.name, "run");
  const interrupt = interruptOf(safe);
  let page: LivePage | null = null;
  try {
    if (uiAddress !== null) page = await openLivePage(uiAddress, safe);
    const watching = page === null ? [] : [page];
    const { report } = await conductGameDay(gameDay, {
      env: io.env,
      cwd: io.cwd,
      folder: { parent, own: flags.out === undefined },
      ledger: resolve(io.cwd, parent, LEDGER_FILE),
      allowHosts: flags.allowHost ?? [],
      interrupt: interrupt.signal,
      isBlind: flags.blind ?? false,
      reportersOf: ({ plan }) => [
        ...liveReporters(masking([...gameDay.secrets, ...plan.secrets]), flags),
        ...watching,
      ],
      hold: flags.interactive ? (hold) => askWhatWasSeen(hold, safe) : undefined,
      tell: (news) => screen.show(news),
    });
    if (flags.json) io.stdout.write(`${harmlessJson(report)}\n`);
    return report.exitCode;
  } finally {
    await page?.close();
    interrupt.release();
    unlock();
  }
}

/** Reads and checks a game day. @throws GameDayError with all that is wrong with it and its scenarios. */
async function validGameDay(file: string, flags: GameDayFlags, io: Io): Promise<GameDay> {
  const [check] = await checkGameDays([file], {
    env: io.env,
    cwd: io.cwd,
    vars: flags.var ?? [],
    allowHosts: flags.allowHost ?? [],
    nowMs: Date.now(),
  });
  if (!check?.gameDay) {
    const errors = check?.diagnostics.filter(({ severity }) => severity === "error") ?? [];
    throw new GameDayError(errors, check?.dropped);
  }
  const { stderr } = harmlessIo(io).masking((text) => redact(text, secretsIn(io.env)));
  for (const warning of check.diagnostics) stderr.write(`${diagnosticText(warning)}\n`);
  return check.gameDay;
}
