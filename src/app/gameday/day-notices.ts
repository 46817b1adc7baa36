import { exemptText, rolesText } from "../../gameday/game-day-in-words.js";
import type { Notice } from "../../gameday/notices/notice.js";
import { NoticeQueue } from "../../gameday/notices/notice-queue.js";
import type { GameDay } from "../../gameday/read-game-day.js";
import { openItemsText } from "../../gameday/report/actions-in-words.js";
import type { ActionOfDay, GameDayReport, ScenarioOfDay } from "../../gameday/report/game-day-report.js";
import type { NoticeOfDay } from "../../gameday/report/notice-of-day.js";
import { countOf } from "../../support/count-of.js";
import { EXIT } from "../../support/errors.js";
import { redact } from "../../support/redact.js";
import { codeOf } from "./exempt-faults.js";
import { textsWithoutSecrets } from "./scenario-of-day.js";

/** Tells the receivers under `notify` how the day goes. */
export class DayNotices {
  readonly #gameDay: GameDay;
  readonly #exerciseId: string;
  readonly #queue: NoticeQueue;

  constructor(gameDay: GameDay, exerciseId: string, env: Readonly<Record<string, string | undefined>>) {
    this.#gameDay = gameDay;
    this.#exerciseId = exerciseId;
    this.#queue = new NoticeQueue({ receivers: gameDay.data.notify, folder: gameDay.folder, env });
  }

  /** @param blind the scenario that nobody is told of. null: all are known. */
  start(blind: GameDayReport["blind"], actions: readonly ActionOfDay[]): void {
    const { data } = this.#gameDay;
    const count = countOf(data.scenarios.length, "scenario");
    const what = blind
      ? `one of ${count}, sealed as ${blind.seal}`
      : `${count}: ${data.scenarios.join(", ")}`;
    const exempt = exemptText(data.exempt, Date.now());
    const parts = [`${what}.`, rolesText(data), exempt, openItemsText(actions)];
    this.#tell({ event: "start", text: parts.filter((part) => part !== "").join(" ") });
  }

  /** Tells of a scenario that did not pass. A scenario that somebody has ended is not told. */
  scenarioEnded(outcome: ScenarioOfDay): void {
    const { file, verdict, reason } = outcome;
    const exitCode = codeOf(outcome);
    if (exitCode === EXIT.ok || exitCode === EXIT.interrupted) return;
    const event = exitCode === EXIT.rollbackFailed ? "rollback-failed" : "failure";
    const help =
      event === "rollback-failed"
        ? " Something that it did may still be in place: run `faultline heal`."
        : "";
    const text = `${file} (${verdict ?? "could not be run"}): ${reason ?? ""}${help}`;
    this.#tell({ event, scenario: file, verdict, text });
  }

  postponed(reason: string): void {
    this.#tell({ event: "postponed", verdict: "postponed", text: reason });
  }

  allClear({ verdict, reason }: Pick<GameDayReport, "verdict" | "reason">): void {
    this.#tell({ event: "all-clear", verdict, text: `${reason} Nothing is left in place.` });
  }

  /** Waits for the notices that are still on their way. @returns what became of each notice. */
  async finish(): Promise<readonly NoticeOfDay[]> {
    return await this.#queue.finish();
  }

  #tell(notice: Pick<Notice, "event" | "text"> & Partial<Notice>): void {
    const { data, secrets } = this.#gameDay;
    this.#queue.tell({
      gameDay: redact(data.name, secrets),
      exerciseId: this.#exerciseId,
      at: new Date().toISOString(),
      roles: textsWithoutSecrets(data.roles, secrets),
      scenario: null,
      verdict: null,
      ...notice,
      text: redact(notice.text, secrets),
    });
  }
}
