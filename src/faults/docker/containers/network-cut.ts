import { messageOf } from "../../../support/errors.js";
import type { ContainerLook, EndpointLook } from "../client/engine-answers.js";
import { type CutContainer, LATE_S } from "../undo/deed.js";
import { refuseTarget } from "./find-containers.js";
import type { EngineContext, EngineHold, EngineHoldProof } from "./hold.js";
import { LookLoop } from "./look-loop.js";
import { type NotedDeed, noteDeed } from "./noted-deed.js";

/** Takes a container off some networks or all of them. */
export class NetworkCut implements EngineHold {
  readonly id: string;
  readonly name: string;
  readonly overSinceMs = null;
  readonly #networks: readonly (readonly [string, EndpointLook])[];
  readonly #context: EngineContext;
  readonly #loop = new LookLoop(() => this.#look());
  /** What is to be put back, in the order of the deeds. */
  readonly #noted: NotedDeed<CutContainer>[] = [];
  #loose = 0;
  /** Whether it is on no network at all, at the last look. */
  #isCutOff = false;

  /** @throws FaultlineError DOCKER_TARGET, see `networksToCut`. */
  constructor(found: ContainerLook, networks: readonly string[] | null, context: EngineContext) {
    this.id = found.id;
    this.name = found.name;
    this.#networks = networksToCut(found, networks);
    this.#context = context;
  }

  async place(): Promise<void> {
    const { id, name } = this;
    const { engine } = this.#context;
    for (const [network, { networkId, address, config }] of this.#networks) {
      const noted = noteDeed<CutContainer>(this.#context, {
        deed: "cut",
        engine: engine.access,
        id,
        name,
        network,
        networkId,
        address,
        config,
        withinS: LATE_S,
        atMs: Date.now(),
      });
      this.#noted.push(noted);
      await noted.ask(() => engine.disconnect(networkId, id));
    }
    await this.#loop.now();
    this.#loop.begin();
  }

  get keepsDown(): boolean {
    return this.#isCutOff && this.#noted.some(({ isOpen }) => isOpen);
  }

  async prove(): Promise<EngineHoldProof> {
    await this.#loop.now();
    const networks = this.#networks.map(([network]) => network);
    const proven = this.#loose === 0 && this.#loop.isAnswered;
    return { proven, evidence: { deed: "disconnect", networks, loose: this.#loose, ...this.#loop.counts } };
  }

  async lift(): Promise<void> {
    await this.#loop.end();
    const failures: unknown[] = [];
    // The default route goes by the network that it was on first. One that cannot be joined keeps it off no other one.
    for (const noted of this.#noted) {
      await this.#putBack(noted).catch((error) => failures.push(error));
    }
    const [failure] = failures;
    if (failures.length > 1) throw new Error(failures.map(messageOf).join("; "));
    if (failure !== undefined) throw failure;
  }

  async #putBack(noted: NotedDeed<CutContainer>): Promise<void> {
    const { engine, onEvent } = this.#context;
    const { deed } = noted;
    const done = await noted.undo();
    if (done?.id !== "restored" || deed.address === null) return;
    const now = (await engine.container(this.id).catch(() => null))?.networks[deed.network]?.address ?? null;
    if (now !== null && now !== deed.address) {
      onEvent(
        `container ${this.name} is back on ${deed.network} with the address ${now} instead of ${deed.address}`,
      );
    }
  }

  async #look(): Promise<void> {
    const look = await this.#context.engine.container(this.id);
    const isOn = look === null || this.#networks.some(([network]) => network in look.networks);
    if (isOn) this.#loose += 1;
    this.#isCutOff = look !== null && Object.keys(look.networks).length === 0;
  }
}

/** @throws FaultlineError DOCKER_TARGET: it is not on a network, or cannot be taken off. */
export function networksToCut(
  { name, networks, networkMode }: ContainerLook,
  named: readonly string[] | null,
): readonly (readonly [string, EndpointLook])[] {
  const own = Object.keys(networks);
  if (networkMode === "host" || networkMode === "none" || networkMode.startsWith("container:"))
    refuseTarget(
      `container ${name} cannot be cut off: its network is "${networkMode}", which is none of its own`,
    );
  if (own.length === 0) refuseTarget(`container ${name} cannot be cut off: it is on no network`);
  const missing = named?.find((network) => !own.includes(network));
  if (missing !== undefined)
    refuseTarget(`container ${name} is not on a network "${missing}"; it is on ${own.join(", ")}`);
  return (named ?? own).map((network) => [network, networks[network]!]);
}
