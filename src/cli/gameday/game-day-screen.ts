import { relative } from "node:path";
import type { DayNews } from "../../app/gameday/day-news.js";
import { EXERCISE_HEADER } from "../../app/gameday/exercise-id.js";
import { exemptText, rolesText } from "../../gameday/game-day-in-words.js";
import type { GameDay } from "../../gameday/read-game-day.js";
import { actionLines, decisionLines } from "../../gameday/report/actions-in-words.js";
import type { GameDayReport } from "../../gameday/report/game-day-report.js";
import { responseText } from "../../gameday/report/response-in-words.js";
import { renderTerminal } from "../../report/terminal/terminal.js";
import { haltText } from "../../run/listening/halt-order.js";
import { noteText } from "../../run/listening/note.js";
import { diagnosticText } from "../../scenario/diagnostics/diagnostic.js";
import { countOf } from "../../support/count-of.js";
import { oneLine, shellWord } from "../../support/printable.js";
import { redact } from "../../support/redact.js";
import { reportError } from "../output/report-error.js";
import type { HarmlessIo } from "../process/harmless-io.js";
import { viewFor } from "../process/io.js";

interface ScreenFlags {
  readonly json?: boolean;
  readonly color?: boolean;
  readonly verbose?: boolean;
}

/** Prints what happens on a game day: the conversation to stderr, the results to stdout. */
export class GameDayScreen {
  readonly #gameDay: GameDay;
  readonly #io: HarmlessIo;
  readonly #flags: ScreenFlags;
  #folder = "";

  constructor(gameDay: GameDay, io: HarmlessIo, flags: ScreenFlags) {
    this.#gameDay = gameDay;
    this.#io = io;
    this.#flags = flags;
  }

  show(news: DayNews): void {
    switch (news.kind) {
      case "begun":
        this.#folder = relative(this.#io.cwd, news.folder) || ".";
        this.#announce(news.exerciseId);
        for (const [index, line] of actionLines(news.actions).entries()) {
          this.#say(`${index === 0 ? "" : "  "}${oneLine(line)}`);
        }
        return;
      case "condition": {
        const { name, holds, reason } = news.condition;
        const why = reason === null ? "" : ` (${oneLine(reason)})`;
        this.#say(`${holds ? "holds" : "does not hold"}: ${oneLine(name)}${why}`);
        return;
      }
      case "sealed":
        this.#say(`\nblind: one of ${countOf(news.count, "scenario")} goes on, sealed as ${news.seal}`);
        this.#say('say what you see with `faultline note`, `found "…"` and `mitigated`');
        return;
      case "revealed": {
        const { nonce, file } = news.blind;
        const path = shellWord(news.path);
        this.#say(`\nit was ${oneLine(file)}; this gives its seal:`);
        this.#say(`  printf '%s\\n' ${nonce} | cat - ${path} | sha256sum`);
        return;
      }
      case "scenario-warnings":
        for (const warning of news.warnings) this.#say(diagnosticText(warning));
        return;
      case "scenario-begun": {
        const { file, plan, sloWarnings } = news.scenario;
        this.#say(`\n${oneLine(redact(plan.name, plan.secrets))} (${oneLine(file)})`);
        for (const warning of sloWarnings) this.#say(diagnosticText(warning));
        return;
      }
      case "scenario-ended": {
        const { report, record, error } = news.run;
        if (!this.#flags.json)
          this.#io.stdout.write(renderTerminal(report, record, viewFor(this.#io, this.#flags, 1)));
        if (error !== null) this.#tellError(error, news.scenario.plan.secrets);
        return;
      }
      case "scenario-failed":
        this.#tellError(news.error, news.scenario?.plan.secrets ?? []);
        return;
      case "note":
        this.#say(`note: ${oneLine(noteText(news.note))}`);
        return;
      case "halted":
        this.#say(`${oneLine(haltText(news.order))}: nothing more is run`);
        return;
      case "forgotten":
        this.#say(`removed the reports of ${countOf(news.count, "earlier day")}, older than ${news.keep}`);
        return;
      case "warning":
        this.#say(`warning: ${news.text}`);
        return;
      case "ended":
        for (const { event, to, delivered, attempts } of news.report.notices) {
          if (delivered) continue;
          const why = attempts.at(-1)?.reason ?? "its turn did not come";
          this.#say(`warning: ${to} was not told of "${event}": ${why}`);
        }
        if (!this.#flags.json) this.#io.stdout.write(this.#summary(news.report, news.debrief));
    }
  }

  #announce(exerciseId: string): void {
    const { data, scenarios } = this.#gameDay;
    this.#say(`${oneLine(data.name)}: a game day of ${countOf(scenarios.length, "scenario")} begins`);
    const exempt = exemptText(data.exempt, Date.now());
    for (const text of [rolesText(data), exempt]) if (text !== "") this.#say(oneLine(text));
    this.#say(`exercise ${exerciseId}: it is in the header ${EXERCISE_HEADER} of each request of the load`);
  }

  #summary(report: GameDayReport, debrief: string | null): string {
    const { name, verdict, exitCode, reason, scenarios } = report;
    const rows = scenarios.map((scenario) => {
      const code =
        scenario.exitCode === null ? "" : scenario.countsAs === 0 ? "exempt" : `exit ${scenario.exitCode}`;
      const what = scenario.verdict ?? (scenario.exitCode === null ? "not run" : "error");
      return `  ${what.padEnd(12)} ${code.padEnd(8)} ${oneLine(scenario.file)}`;
    });
    const head = `${oneLine(name)}: ${verdict} (exit ${exitCode})`;
    const responses = scenarios
      .flatMap((scenario) => scenario.responses ?? [])
      .filter(({ detected }) => detected !== null)
      .map((response) => `  ${oneLine(response.fault)}: ${oneLine(responseText(response))}\n`);
    const people = responses.length === 0 ? "" : `\nWhat people did\n${responses.join("")}`;
    const actions = decisionLines(report.actions ?? []).map((line) => `  ${oneLine(line)}\n`);
    const kept = actions.length === 0 ? "" : `\nAction items\n${actions.join("")}`;
    const page = debrief === null ? "" : `Debrief: ${relative(this.#io.cwd, debrief)}\n`;
    return `\n${head}\n${oneLine(reason)}\n${rows.join("\n")}\n${people}${kept}\n${page}Report: ${this.#folder}/day.json\n`;
  }

  #tellError(error: unknown, secrets: readonly string[]): void {
    const io = this.#io.masking((text) => redact(text, [...this.#gameDay.secrets, ...secrets]));
    reportError(error, io, { verbose: this.#flags.verbose ?? false });
  }

  #say(text: string): void {
    this.#io.stderr.write(`${text}\n`);
  }
}
