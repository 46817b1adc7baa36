import type { RunningService } from "../../faults/fault-driver.js";
import type { Address } from "../../support/address.js";
import type { ProcessGroup } from "../../support/processes/process-group.js";
import type { ProcessRow } from "../../support/processes/process-table.js";
import type { ServiceProcess } from "./service-process.js";

/** Services by their places, in the order of starting. */
export interface ServicePlaces {
  /** Another one after each start. */
  at(place: number): ServiceProcess;
  startAgain(place: number, onStarted: () => void): Promise<boolean>;
}

/** A service as drivers of faults see it. */
export class HeldService implements RunningService {
  readonly #services: ServicePlaces;
  readonly #place: number;

  constructor(services: ServicePlaces, place: number) {
    this.#services = services;
    this.#place = place;
  }

  get name(): string {
    return this.#now.spec.name;
  }

  get group(): ProcessGroup {
    return this.#now.group;
  }

  get address(): Address | null {
    return this.#now.address;
  }

  get ending(): string | null {
    return this.#now.ending;
  }

  living(): readonly ProcessRow[] {
    return this.#now.living();
  }

  signal(signal: NodeJS.Signals): void {
    this.#now.signal(signal);
  }

  expectEnd(isExpected: boolean | (() => boolean)): void {
    this.#now.expectEnd(isExpected);
  }

  startAgain(onStarted: () => void): Promise<boolean> {
    return this.#services.startAgain(this.#place, onStarted);
  }

  /** Another one after each start. */
  get #now(): ServiceProcess {
    return this.#services.at(this.#place);
  }
}
