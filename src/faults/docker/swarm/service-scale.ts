import { setTimeout as wait } from "node:timers/promises";
import { monotonicMs } from "../../../support/clock.js";
import { countOf } from "../../../support/count-of.js";
import { FaultlineError } from "../../../support/errors.js";
import type { SwarmService } from "../client/engine-answers.js";
import { refuseTarget } from "../containers/find-containers.js";
import type { EngineContext, EngineHold, EngineHoldProof } from "../containers/hold.js";
import { LookLoop } from "../containers/look-loop.js";
import { type NotedDeed, noteDeed } from "../containers/noted-deed.js";
import type { ScaledService } from "../undo/deed.js";
import { scaleService } from "../undo/put-back.js";

/** The fault waits at most this long for its tasks. Then its phase begins. */
const REACH_MS = 1_000;
const LOOK_MS = 100;

/** Gives a Swarm service another number of tasks. */
export class ServiceScale implements EngineHold {
  readonly id: string;
  readonly name: string;
  readonly overSinceMs = null;
  readonly #from: number;
  readonly #to: number;
  readonly #context: EngineContext;
  readonly #loop = new LookLoop(() => this.#look());
  #noted: NotedDeed<ScaledService> | null = null;
  #running: number | null = null;
  #reachedMs: number | null = null;
  #changedTo: number | null = null;

  /** @throws FaultlineError DOCKER_TARGET, see `replicasToChange`. */
  constructor(found: SwarmService, to: number, context: EngineContext) {
    this.id = found.id;
    this.name = found.name;
    this.#from = replicasToChange(found, to);
    this.#to = to;
    this.#context = context;
  }

  async place(): Promise<void> {
    const { id, name } = this;
    const { engine } = this.#context;
    const [from, to] = [this.#from, this.#to];
    const running = await this.#tasksRunning();
    if (running === to)
      throw new FaultlineError(
        "FAULT_NOT_PLACED",
        `Swarm service ${name} is to have ${countOf(from, "task")}, and ${running} ${running === 1 ? "runs" : "run"}, so that scale: ${to} changes nothing`,
      );
    const deed: ScaledService = { deed: "scale", engine: engine.access, id, name, from, to };
    this.#noted = noteDeed(this.#context, deed);
    const found = await scaleService(engine, id, { from, to, dryRun: false });
    if (found !== from) {
      this.#noted.drop();
      const now = found === null ? "is gone" : `has ${countOf(found, "task")}`;
      throw new FaultlineError(
        "FAULT_NOT_PLACED",
        `Swarm service ${name} ${now}, and had ${from} a moment ago`,
      );
    }
    const untilMs = monotonicMs() + REACH_MS;
    do await this.#loop.now();
    while (this.#reachedMs === null && monotonicMs() < untilMs && (await wait(LOOK_MS, true)));
    this.#loop.begin();
  }

  get keepsDown(): boolean {
    return this.#noted?.isOpen === true && this.#to === 0;
  }

  async prove(): Promise<EngineHoldProof> {
    await this.#loop.now();
    return {
      proven: this.#reachedMs !== null && this.#changedTo === null && this.#loop.isAnswered,
      evidence: {
        deed: "scale",
        from: this.#from,
        to: this.#to,
        running: this.#running,
        reachedAfterS: this.#reachedMs === null ? null : this.#loop.since(this.#reachedMs),
        changedTo: this.#changedTo,
        lookedForS: this.#loop.since(),
        ...this.#loop.counts,
      },
    };
  }

  async lift(): Promise<void> {
    await this.#loop.end();
    await this.#noted?.undo(false);
  }

  async #look(): Promise<void> {
    const { engine } = this.#context;
    const service = await engine.swarmService(this.id);
    const wanted = service?.replicas ?? 0;
    if (wanted !== this.#to) this.#changedTo ??= wanted;
    this.#running = await this.#tasksRunning();
    if (this.#running === this.#to) this.#reachedMs ??= monotonicMs();
  }

  async #tasksRunning(): Promise<number> {
    const tasks = await this.#context.engine.tasks(this.id);
    return tasks.filter(({ isRunning }) => isRunning).length;
  }
}

/** @throws FaultlineError DOCKER_TARGET: it has no number of tasks, or has this one already. */
export function replicasToChange({ name, replicas }: SwarmService, to: number): number {
  if (replicas === null)
    refuseTarget(`Swarm service "${name}" cannot be scaled: it runs on each node, or is a job`);
  if (replicas === to)
    refuseTarget(
      `Swarm service "${name}" has ${countOf(to, "task")} already, so that scale: ${to} does nothing`,
    );
  return replicas;
}
