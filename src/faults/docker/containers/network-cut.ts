import type { ContainerLook, EndpointLook } from "../client/engine-answers.js";
import type { CutContainer } from "../undo/deed.js";
import { refuseTarget } from "./find-containers.js";
import { type EngineContext, type EngineHold, type EngineHoldProof, undoOwnDeed } from "./hold.js";
import { LookLoop } from "./look-loop.js";

/** Takes a container off some networks or all of them. */
export class NetworkCut implements EngineHold {
  readonly id: string;
  readonly name: string;
  readonly overSinceMs = null;
  readonly #networks: readonly (readonly [string, EndpointLook])[];
  readonly #context: EngineContext;
  readonly #loop = new LookLoop(() => this.#look());
  /** What is to be put back, in the order of the deeds. */
  readonly #undos: CutContainer[] = [];
  #loose = 0;

  /** @throws FaultlineError DOCKER_TARGET, see `networksToCut`. */
  constructor(found: ContainerLook, networks: readonly string[] | null, context: EngineContext) {
    this.id = found.id;
    this.name = found.name;
    this.#networks = networksToCut(found, networks);
    this.#context = context;
  }

  async place(): Promise<void> {
    const { id, name } = this;
    const { engine, note } = this.#context;
    for (const [network, { networkId, address, config }] of this.#networks) {
      const deed: CutContainer = {
        deed: "cut",
        engine: engine.access,
        id,
        name,
        network,
        networkId,
        address,
        config,
      };
      note(deed);
      this.#undos.push(deed);
      await engine.disconnect(networkId, id);
    }
    await this.#loop.now();
    this.#loop.begin();
  }

  get keepsDown(): boolean {
    return this.#undos.length > 0;
  }

  async prove(): Promise<EngineHoldProof> {
    await this.#loop.now();
    const networks = this.#networks.map(([network]) => network);
    const proven = this.#loose === 0 && this.#loop.isAnswered;
    return { proven, evidence: { deed: "disconnect", networks, loose: this.#loose, ...this.#loop.counts } };
  }

  async lift(): Promise<void> {
    await this.#loop.end();
    const { engine, onEvent } = this.#context;
    for (;;) {
      // The default route goes by the network that it was on first.
      const [deed] = this.#undos;
      if (deed === undefined) return;
      const done = await undoOwnDeed(this.#context, deed);
      this.#undos.shift();
      if (done?.id !== "restored" || deed.address === null) continue;
      const now =
        (await engine.container(this.id).catch(() => null))?.networks[deed.network]?.address ?? null;
      if (now !== null && now !== deed.address) {
        onEvent(
          `container ${this.name} is back on ${deed.network} with the address ${now} instead of ${deed.address}`,
        );
      }
    }
  }

  async #look(): Promise<void> {
    const look = await this.#context.engine.container(this.id);
    const isOn = look === null || this.#networks.some(([network]) => network in look.networks);
    if (isOn) this.#loose += 1;
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
