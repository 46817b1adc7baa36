import { setTimeout as wait } from "node:timers/promises";
import { monotonicMs, waited } from "../../../support/clock.js";
import { messageOf } from "../../../support/errors.js";
import { formatSeconds } from "../../../support/format.js";
import type { ContainerDeed } from "../../kinds/docker/action.js";
import type { EvidenceOfDeed } from "../../kinds/docker/evidence.js";
import type { ContainerLook } from "../client/engine-answers.js";
import { DockerRefusal } from "../client/engine-call.js";
import { type EndedContainer, LATE_S } from "../undo/deed.js";
import type { EngineContext, EngineHold, EngineHoldProof } from "./hold.js";
import { LookLoop } from "./look-loop.js";
import { type NotedDeed, noteDeed } from "./noted-deed.js";

/** The fault waits at most this long for the container to be gone. Then its phase begins. */
const GONE_MS = 1_000;
const LOOK_MS = 100;
/** The engine's own, for a container that says nothing. */
const USUAL_GRACE_S = 10;
/** A process may take its time to end on a signal that it can handle. */
const SIGNAL_GRACE_S = 10;

export type EndingDeed = Extract<ContainerDeed, { deed: "kill" | "stop" | "restart" }>;

/** Ends a container, and has it run again when the fault says so, at the latest when the fault ends. */
export class ContainerEnd implements EngineHold {
  readonly id: string;
  readonly name: string;
  readonly #found: ContainerLook;
  readonly #deed: EndingDeed;
  readonly #context: EngineContext;
  readonly #loop = new LookLoop(() => this.#look());
  readonly #lifted = new AbortController();
  #noted: NotedDeed<EndedContainer> | null = null;
  /** Resolves with the engine's answer to the call that ends it, also when it refuses. */
  #answer: Promise<void> = Promise.resolve();
  #coming: Promise<void> = Promise.resolve();
  #refusal: Error | null = null;
  #goneMs: number | null = null;
  #removedMs: number | null = null;
  #exitCode: number | null = null;
  #backMs: number | null = null;
  #backBy: EvidenceOfDeed<EndingDeed["deed"]>["backBy"] = null;
  #isStarting = false;

  constructor(found: ContainerLook, deed: EndingDeed, context: EngineContext) {
    this.id = found.id;
    this.name = found.name;
    this.#found = found;
    this.#deed = deed;
    this.#context = context;
  }

  async place(): Promise<void> {
    const { id, name } = this;
    const noted = noteDeed<EndedContainer>(this.#context, {
      deed: "end",
      engine: this.#context.engine.access,
      id,
      name,
      startedAt: this.#found.startedAt,
      withinS: this.#withinS(),
      atMs: Date.now(),
    });
    this.#noted = noted;
    this.#answer = noted
      .ask(() => this.#asked())
      .catch((error) => {
        this.#refusal = error;
      });
    await Promise.race([this.#answer, wait(LOOK_MS)]);
    // A container that takes long to end does so in the phase of the fault.
    do {
      if (this.#refusal !== null) throw this.#refusal;
      await this.#loop.now();
    } while (this.#goneMs === null && this.#loop.since() * 1000 < GONE_MS && (await wait(LOOK_MS, true)));
    this.#loop.begin();
    this.#coming = this.#comeBack();
  }

  get overSinceMs(): number | null {
    return this.#backMs;
  }

  get keepsDown(): boolean {
    return this.#isOurs && this.#goneMs !== null && this.#backMs === null && this.#removedMs === null;
  }

  async prove(): Promise<EngineHoldProof> {
    await this.#loop.now();
    const { deed } = this.#deed;
    const since = (atMs: number | null) => (atMs === null ? null : this.#loop.since(atMs));
    const goneAfterS = since(this.#goneMs);
    const isInTime = goneAfterS !== null && goneAfterS <= this.#withinS();
    const isDone = isInTime && (deed !== "restart" || this.#backMs !== null);
    const refusal = this.#refusal instanceof DockerRefusal ? this.#refusal.message : null;
    return {
      proven: isDone && refusal === null && this.#removedMs === null && this.#loop.isAnswered,
      evidence: {
        deed,
        signal: this.#deed.deed === "kill" ? this.#deed.signal : null,
        exitCode: this.#exitCode,
        goneAfterS,
        withinS: this.#withinS(),
        graceS: deed === "kill" ? null : this.#graceS(),
        refusal,
        removedAfterS: since(this.#removedMs),
        lookedForS: this.#loop.since(),
        backAfterS: since(this.#backMs),
        backBy: this.#backBy,
        restartPolicy: this.#found.restartPolicy,
        ...this.#loop.counts,
      },
    };
  }

  async lift(): Promise<void> {
    this.#lifted.abort();
    await this.#loop.end();
    // Until the engine has answered, it may still end the container.
    await this.#answer;
    await this.#coming;
    await this.#noted?.undo(this.#goneMs === null);
  }

  /** Whether its end is ours, and not undone yet. */
  get #isOurs(): boolean {
    return this.#noted?.isOpen === true;
  }

  /** Longest time until the engine has done it. */
  #withinS(): number {
    if (this.#deed.deed !== "kill") return this.#graceS() + 2;
    if (this.#deed.signal === "SIGKILL") return LATE_S;
    return Math.max(SIGNAL_GRACE_S, this.#found.stopTimeoutS ?? 0);
  }

  #graceS(): number {
    if (this.#deed.deed === "kill") return 0;
    return this.#deed.graceS ?? this.#found.stopTimeoutS ?? USUAL_GRACE_S;
  }

  #asked(): Promise<void> {
    const { engine } = this.#context;
    const deed = this.#deed;
    switch (deed.deed) {
      case "kill":
        return engine.kill(this.id, deed.signal);
      case "stop":
        return engine.stop(this.id, deed.graceS, this.#graceS());
      case "restart":
        return engine.restart(this.id, deed.graceS, this.#graceS());
    }
  }

  async #look(): Promise<void> {
    const look = await this.#context.engine.container(this.id);
    const nowMs = monotonicMs();
    if (look === null) {
      if (this.#removedMs === null)
        this.#context.onEvent(`container ${this.name} was removed by somebody else`);
      this.#removedMs ??= nowMs;
      return;
    }
    const isAnew = look.startedAt !== this.#found.startedAt;
    const isUp = look.isRunning;
    if (this.#goneMs === null && (!isUp || isAnew)) {
      this.#goneMs = nowMs;
      this.#exitCode = isUp ? null : look.exitCode;
      const code = this.#exitCode === null ? "" : `, exit code ${this.#exitCode}`;
      this.#context.onEvent(`container ${this.name} is gone${code}`);
    }
    if (this.#backMs !== null || !isUp || !isAnew) return;
    this.#backMs = nowMs;
    this.#backBy = this.#whoStarted(look);
    if (this.#backBy === "faultline") return;
    const who =
      this.#backBy === "restart policy" ? `its restart policy (${look.restartPolicy})` : "somebody else";
    this.#context.onEvent(`container ${this.name} runs again: started by ${who}`);
  }

  #whoStarted(look: ContainerLook): EvidenceOfDeed<EndingDeed["deed"]>["backBy"] {
    if (this.#deed.deed === "restart" || this.#isStarting) return "faultline";
    return look.restarts > this.#found.restarts ? "restart policy" : "somebody else";
  }

  async #comeBack(): Promise<void> {
    const deed = this.#deed;
    if (deed.deed === "restart" || deed.restartMs === null) return;
    if (!(await waited(deed.restartMs - this.#loop.since() * 1000, this.#lifted.signal))) return;
    await this.#answer;
    await this.#loop.now();
    // It may take longer to end than until it is to come back.
    while (this.#goneMs === null && this.#isOurs && this.#removedMs === null) {
      if (!(await waited(LOOK_MS, this.#lifted.signal))) return;
      await this.#loop.now();
    }
    // What runs again needs no start.
    if (!this.keepsDown || this.#lifted.signal.aborted) return;
    try {
      this.#isStarting = true;
      await this.#context.engine.start(this.id);
      await this.#loop.now();
      this.#context.onEvent(
        `container ${this.name} was started again after ${formatSeconds(this.#loop.since())}`,
      );
    } catch (error) {
      this.#isStarting = false;
      // It is tried again when the fault ends, and told if it fails then.
      this.#context.onEvent(`container ${this.name} could not be started again: ${messageOf(error)}`);
    }
  }
}
