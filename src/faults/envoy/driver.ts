import { randomBytes } from "node:crypto";
import { addressOf } from "../../support/address.js";
import { FaultlineError, messageOf } from "../../support/errors.js";
import { hostOf, isAllowedHost, isSameListener } from "../../support/hosts.js";
import type { FaultAction } from "../fault-action.js";
import type { DriverContext, FaultDriver, RunningService } from "../fault-driver.js";
import { type EnvoySpec, envoySpecOf } from "../kinds/envoy/envoy-action.js";
import { type InjectionProof, noProof } from "../proof.js";
import { EnvoyAdmin } from "./admin/envoy-admin.js";
import { FaultedEnvoy } from "./faulted-envoy.js";
import { envoyProof } from "./proof.js";

export const driver = (): FaultDriver => new EnvoyDriver();

/** Faults on requests that cross an Envoy. A target is the URL of its admin interface. */
class EnvoyDriver implements FaultDriver {
  #context: DriverContext | null = null;
  /** By target. */
  readonly #envoys = new Map<string, FaultedEnvoy>();
  /** Those that the fault acts on, or did in an earlier stage. */
  readonly #involved = new Set<FaultedEnvoy>();

  async prepare(context: DriverContext): Promise<ReadonlyMap<string, string>> {
    this.#context = context;
    return new Map();
  }

  /** An Envoy may be one of the services. */
  async servicesReady(services: readonly RunningService[]): Promise<void> {
    const context = this.#context;
    if (!context) throw new Error("the driver was not prepared");
    const mark = `run-${randomBytes(4).toString("hex")}`;
    for (const [target, specs] of specsByTarget(context.actions)) {
      const url = context.fill(target);
      refuseForeignHost(url, context.allowedHosts);
      const admin = new EnvoyAdmin(url);
      context.onStatus(`asking ${admin.words} for its fault filter`);
      const options = {
        target,
        admin,
        service: serviceOf(target, url, services),
        mark,
        note: (undo: unknown, text: string) => context.journal.undoable({ undo, text }),
        onEvent: context.onEvent,
      };
      this.#envoys.set(target, await FaultedEnvoy.open(options, specs));
    }
  }

  async markBaseline(): Promise<void> {
    await Promise.all([...this.#envoys.values()].map((envoy) => envoy.markBaseline()));
  }

  async inject(actions: readonly FaultAction[]): Promise<void> {
    const wanted = specsByTarget(actions);
    for (const target of wanted.keys()) {
      if (!this.#envoys.has(target)) throw new Error(`no Envoy at ${target} was met`);
    }
    const before = [...this.#involved];
    try {
      for (const [target, envoy] of this.#envoys) {
        const specs = wanted.get(target) ?? [];
        if (specs.length > 0) this.#involved.add(envoy);
        if (this.#involved.has(envoy)) await envoy.set(specs);
      }
    } catch (error) {
      for (const envoy of this.#involved) {
        if (before.includes(envoy)) continue;
        await envoy.restore();
        this.#involved.delete(envoy);
      }
      throw error;
    }
  }

  async prove(): Promise<InjectionProof> {
    if (this.#involved.size === 0) return noProof("no injection");
    return envoyProof(await Promise.all([...this.#involved].map((envoy) => envoy.seen())));
  }

  async clear(): Promise<void> {
    const failures: string[] = [];
    for (const envoy of this.#involved) {
      try {
        await envoy.restore();
        this.#involved.delete(envoy);
      } catch (error) {
        failures.push(messageOf(error));
      }
    }
    if (failures.length > 0) throw new FaultlineError("ROLLBACK_FAILED", failures.join("; "));
  }

  close(): Promise<void> {
    return this.clear();
  }
}

function specsByTarget(actions: readonly FaultAction[]): ReadonlyMap<string, readonly EnvoySpec[]> {
  const byTarget = new Map<string, readonly EnvoySpec[]>();
  for (const action of actions) {
    const spec = envoySpecOf(action);
    if (spec === null) throw new Error(`"${action.kind}" is nothing that an Envoy does`);
    byTarget.set(action.target, [...(byTarget.get(action.target) ?? []), spec]);
  }
  return byTarget;
}

/** The checks have looked at it before its placeholders were filled. */
function refuseForeignHost(url: string, allowed: readonly string[]): void {
  const host = URL.canParse(url) ? hostOf(new URL(url)) : url;
  if (isAllowedHost(host, allowed)) return;
  throw new FaultlineError("HOST_NOT_ALLOWED", `envoy.admin is ${url}, and ${host} is not this machine`);
}

/** The service that the Envoy is: its own port stands in the target, or it is ready where its admin interface answers. */
function serviceOf(target: string, url: string, services: readonly RunningService[]): string | null {
  const [, named] = /\$\{\s*services\.([\w-]+)\.port/.exec(target) ?? [];
  if (named !== undefined) return named;
  const here = addressOf(new URL(url));
  const found = services.find(({ address }) => address !== null && isSameListener(address, here));
  return found?.name ?? null;
}
