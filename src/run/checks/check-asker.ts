import { type AskCheckContext, ask } from "../../checks/ask.js";
import type { Judged } from "../../checks/asked.js";
import { judgeAnswer } from "../../checks/judge-answer.js";
import type { Cluster } from "../../kubernetes/cluster.js";
import type { CheckRecord } from "../../measure/checks/check-record.js";
import type { IdsRecord } from "../../measure/checks/ids-record.js";
import type { CheckSpec, IdSetSpec } from "../../plan/checks/check-spec.js";
import { FaultlineError } from "../../support/errors.js";
import { atUsualPriority } from "../machine/priority.js";
import { MarkedCommands, type MarkedCommandsOptions } from "../processes/marked-commands.js";
import { whyNoProgram } from "../services/why-not-started.js";
import { checksOnIds, IdChecks, type IdChecksOptions, type RunSpans, type WatchedIds } from "./id-checks.js";
import { looksRecordOf } from "./looks-record-of.js";

export interface CheckAskerOptions extends MarkedCommandsOptions, Omit<IdChecksOptions, "folder"> {
  /** Where objects are read. null or missing: no check asks for one. */
  readonly cluster?: Cluster | null;
  /** The environment that commands inherit. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** When it is aborted, what is being asked says nothing any more. */
  readonly signal: AbortSignal;
  /** Where the load writes ids. null: nowhere. */
  readonly idFolder: string | null;
}

/** Asks one check once, by a command, over HTTP or in a cluster, and judges its answer. */
export class CheckAsker {
  readonly #options: CheckAskerOptions;
  readonly #ids: IdChecks;
  readonly #commands: MarkedCommands;
  /** What the last answer of each check on ids came to. */
  readonly #found = new Map<CheckSpec, IdsRecord>();

  constructor(options: CheckAskerOptions) {
    this.#options = options;
    this.#ids = new IdChecks({ ...options, folder: options.idFolder });
    this.#commands = new MarkedCommands(options);
  }

  /** Looks for the programs before anything is loaded. @throws FaultlineError CHECK_FAILED: one is not there. */
  refuseMissingPrograms(): void {
    for (const { name, ask: whom } of this.#options.checks) {
      const why = whom.kind === "command" ? whyNoProgram(whom, this.#options.env) : null;
      if (why !== null) throw new FaultlineError("CHECK_FAILED", `check "${name}" cannot be asked: ${why}`);
    }
  }

  /** Asks which ids are there before the load. */
  async lookBefore(): Promise<void> {
    const looks = checksOnIds(this.#options.checks).map(async (check) => {
      if (check.ids === null) return;
      await this.#ids.lookBefore(check, check.ids, this.#context(check));
    });
    await Promise.all(looks);
  }

  /** The load could not write down all ids. */
  idsLost(reason: string): void {
    this.#ids.lost(reason);
  }

  loadEnded(): void {
    this.#ids.loadEnded();
  }

  /** Looks at a set of ids while the load goes on. @returns whether another look can tell more. */
  async look(check: CheckSpec, ids: IdSetSpec): Promise<boolean> {
    if (this.#options.signal.aborted) return false;
    const problem = await this.#ids.look(check, ids, this.#context(check));
    // A set that is too long now will not be shorter later.
    return problem?.why !== "too_much";
  }

  /** @returns null when the run was stopped meanwhile: that says nothing of the system. */
  async ask(check: CheckSpec): Promise<Judged | null> {
    const { signal } = this.#options;
    if (signal.aborted) return null;
    if (check.ids !== null) return await this.#askIds(check, check.ids);
    const asked = await ask(check, this.#context(check));
    return signal.aborted || check.expect === null ? null : judgeAnswer(check.expect, asked);
  }

  /** Ids that the last answer lacked. 0: none, or it was no answer that ids could be held against. */
  lostIds(check: CheckSpec): number {
    return this.#found.get(check)?.lost.count ?? 0;
  }

  /** What the looks at a set of ids came to, once its check has its last answer. */
  async watched(
    check: CheckSpec,
    ids: IdSetSpec,
    spans: RunSpans,
    shown: (output: string) => string,
  ): Promise<WatchedIds> {
    return await this.#ids.watched(check, ids, this.#found.has(check), spans, shown);
  }

  /** What a check on ids has in its record beside its answers. */
  idPart(check: CheckSpec): Pick<CheckRecord, "ids" | "looks"> {
    const ids = this.#found.get(check);
    const looks = this.#ids.looksOf(check);
    return {
      ...(ids === undefined ? {} : { ids }),
      ...(looks === null ? {} : { looks: looksRecordOf(looks.duringLoad, check.everyMs ?? 0) }),
    };
  }

  /** Resolves when no process of a check is left. */
  async end(): Promise<void> {
    await this.#commands.end();
  }

  async #askIds(check: CheckSpec, ids: IdSetSpec): Promise<Judged | null> {
    const { judged, ids: found } = await this.#ids.ask(check, ids, this.#context(check));
    if (this.#options.signal.aborted) return null;
    // What an earlier answer said is no word of the last one's.
    if (found === null) this.#found.delete(check);
    else this.#found.set(check, found);
    return judged;
  }

  #context({ name, ask: whom, timeoutMs }: CheckSpec): AskCheckContext {
    const { env, signal, cluster = null } = this.#options;
    const mark = whom.kind === "command" ? this.#commands.markOf(`check ${name}`) : {};
    return { env: { ...env, ...mark }, timeoutMs, signal, starting: atUsualPriority, cluster };
  }
}
