import { setTimeout as wait } from "node:timers/promises";
import { monotonicMs } from "../../../support/clock.js";
import type { ListedContainer, SwarmService, SwarmTask } from "../client/engine-answers.js";
import { engineFields } from "../client/engine-answers.js";
import { nameOfListed, refuseTarget } from "../containers/find-containers.js";
import type { EngineContext, EngineHold, EngineHoldProof } from "../containers/hold.js";
import { LookLoop } from "../containers/look-loop.js";
import { LATE_S } from "../undo/deed.js";

/** The fault waits at most this long for the tasks to be gone. Then its phase begins. */
const GONE_MS = 1_000;
const LOOK_MS = 100;
/** A process may take its time to end on a signal that it can handle. */
const SIGNAL_GRACE_S = 10;

/** A task, and the container of this engine that it is. */
export interface LocalTask {
  readonly task: SwarmTask;
  readonly container: ListedContainer;
}

interface Victim extends LocalTask {
  goneMs: number | null;
}

/**
 * Kills tasks of a Swarm service, which starts others in their place. That comes by itself, so nothing is left to undo: a service
 * that would start no other is refused.
 */
export class TaskKill implements EngineHold {
  readonly id: string;
  readonly name: string;
  readonly keepsDown = false;
  readonly #signal: string;
  readonly #context: EngineContext;
  readonly #victims: readonly Victim[];
  readonly #loop = new LookLoop(() => this.#look());
  /** All that were there before. */
  #known: ReadonlySet<string> = new Set();
  #running = 0;
  #replacedMs: number | null = null;

  /** @throws FaultlineError DOCKER_TARGET, see `refuseUnreplaced`. */
  constructor(found: SwarmService, tasks: readonly LocalTask[], signal: string, context: EngineContext) {
    refuseUnreplaced(found, signal);
    this.id = found.id;
    this.name = found.name;
    this.#signal = signal;
    this.#context = context;
    this.#victims = tasks.map((each) => ({ ...each, goneMs: null }));
  }

  async place(): Promise<void> {
    const { engine } = this.#context;
    const before = await engine.tasks(this.id);
    this.#known = new Set(before.map(({ id }) => id));
    this.#running = before.filter(({ isRunning, isWanted }) => isRunning && isWanted).length;
    const killed = this.#victims.map(({ container }) => engine.kill(container.id, this.#signal));
    const [failed] = (await Promise.allSettled(killed)).filter((each) => each.status === "rejected");
    if (failed) throw failed.reason;
    const untilMs = monotonicMs() + GONE_MS;
    do await this.#loop.now();
    while (!this.#areGone && monotonicMs() < untilMs && (await wait(LOOK_MS, true)));
    this.#loop.begin();
  }

  get overSinceMs(): number | null {
    return this.#replacedMs;
  }

  async prove(): Promise<EngineHoldProof> {
    await this.#loop.now();
    const withinS = this.#signal === "SIGKILL" ? LATE_S : SIGNAL_GRACE_S;
    const tasks = this.#victims.map(({ container, goneMs }) => ({
      name: nameOfListed(container),
      goneAfterS: goneMs === null ? null : this.#loop.since(goneMs),
    }));
    const isDone = tasks.every(({ goneAfterS }) => goneAfterS !== null && goneAfterS <= withinS);
    return {
      proven: isDone && this.#loop.isAnswered,
      evidence: {
        deed: "kill_task",
        signal: this.#signal,
        tasks,
        of: this.#running,
        withinS,
        replacedAfterS: this.#replacedMs === null ? null : this.#loop.since(this.#replacedMs),
        lookedForS: this.#loop.since(),
        ...this.#loop.counts,
      },
    };
  }

  async lift(): Promise<void> {
    await this.#loop.end();
  }

  get #areGone(): boolean {
    return this.#victims.every(({ goneMs }) => goneMs !== null);
  }

  async #look(): Promise<void> {
    const tasks = await this.#context.engine.tasks(this.id);
    const nowMs = monotonicMs();
    for (const victim of this.#victims) {
      // A task that has ended is forgotten after some others.
      const now = tasks.find(({ id }) => id === victim.task.id);
      if (victim.goneMs !== null || now?.isRunning === true) continue;
      victim.goneMs = nowMs;
      this.#context.onEvent(`task ${nameOfListed(victim.container)} of Swarm service ${this.name} is gone`);
    }
    if (this.#replacedMs !== null || !this.#areGone) return;
    const fresh = tasks.filter(
      ({ id, isRunning, isWanted }) => isRunning && isWanted && !this.#known.has(id),
    );
    if (fresh.length < this.#victims.length) return;
    this.#replacedMs = nowMs;
    const others = fresh.length === 1 ? "another task runs" : `${fresh.length} other tasks run`;
    this.#context.onEvent(`${others} in Swarm service ${this.name}, in place of what was killed`);
  }
}

/** Tasks of the service that run in containers of this engine. @throws FaultlineError DOCKER_TARGET: there is none. */
export function localTasks(
  { name }: SwarmService,
  tasks: readonly SwarmTask[],
  containers: readonly ListedContainer[],
): readonly LocalTask[] {
  const running = tasks.filter(({ isRunning, isWanted }) => isRunning && isWanted);
  const local = running.flatMap((task) => {
    const container = containers.find(({ id }) => id === task.containerId);
    return container === undefined ? [] : [{ task, container }];
  });
  if (local.length > 0) return local;
  refuseTarget(
    running.length === 0
      ? `no task of Swarm service "${name}" runs`
      : `no task of Swarm service "${name}" runs on the node of this engine; ${running.length} run on others. An engine kills what it runs itself: name that of another node in \`docker: { host }\``,
  );
}

/** @throws FaultlineError DOCKER_TARGET: by its restart policy, Swarm would start no other task. */
function refuseUnreplaced({ name, spec }: SwarmService, signal: string): void {
  const { Condition: condition } = engineFields(engineFields(spec.TaskTemplate).RestartPolicy);
  // A process that handles a signal may end well.
  const mayStayDown = condition === "none" || (condition === "on-failure" && signal !== "SIGKILL");
  if (!mayStayDown) return;
  const help = condition === "none" ? "" : ", and a process may end well on this signal: use kill: SIGKILL";
  refuseTarget(
    `Swarm service "${name}" has the restart condition "${condition}"${help}. Nothing would come in place of a task that has ended`,
  );
}
