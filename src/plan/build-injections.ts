import type { FaultInput, InjectionInput } from "../scenario/schema/fault.js";
import type { FaultStage, Injection, ToxicSpec, ToxicStream } from "./injection.js";

type InjectionSet = InjectionInput & { readonly inject?: readonly InjectionInput[] | undefined };

/** What holds from the fault's begin, and the later stages. */
export function buildInjections(fault: FaultInput): {
  readonly injections: readonly Injection[];
  readonly stages: readonly FaultStage[];
} {
  const own = injectionsOf(fault, fault.proxy);
  const stages = (fault.stages ?? []).map((stage) => ({
    atMs: stage.at.ms,
    injections: injectionsOf(stage, fault.proxy),
  }));
  const [first, ...later] = stages;
  if (first?.atMs === 0) return { injections: first.injections, stages: later };
  return { injections: own, stages };
}

function injectionsOf(set: InjectionSet, inherited: string | undefined): readonly Injection[] {
  const inputs = [set, ...(set.inject ?? [])];
  return inputs.flatMap((input) => {
    const proxy = input.proxy ?? set.proxy ?? inherited;
    return proxy === undefined ? [] : injectionsOn(proxy, input);
  });
}

/** One scenario key to the toxics that make it; attribute names and units are Toxiproxy's. */
function injectionsOn(proxy: string, input: InjectionInput): readonly Injection[] {
  const toxicity = input.toxicity?.ratio ?? 1;
  const usual = input.stream ?? "downstream";
  const toxics: ToxicSpec[] = [];
  const add = (type: string, attributes: Readonly<Record<string, number>>, stream: ToxicStream = usual) => {
    toxics.push({ type, stream, toxicity, attributes });
  };
  if (input.latency)
    add("latency", { latency: whole(input.latency.ms), jitter: whole(input.jitter?.ms ?? 0) });
  if (input.bandwidth) add("bandwidth", { rate: input.bandwidth.kbPerS });
  if (input.partition !== undefined) {
    const streams = input.partition === "both" ? (["upstream", "downstream"] as const) : [input.partition];
    for (const stream of streams) {
      // Both let nothing through. A rate of 0 holds the data; a timeout of 0 drops it and must then close.
      if (input.heal === "resume") add("bandwidth", { rate: 0 }, stream);
      else add("timeout", { timeout: 0 }, stream);
    }
  }
  if (input.reset) add("reset_peer", { timeout: whole(input.reset.ms) });
  // A timeout of 0 would never close: at least 1 ms.
  if (input.timeout) add("timeout", { timeout: Math.max(1, whole(input.timeout.ms)) });
  if (input.slow_close) add("slow_close", { delay: whole(input.slow_close.ms) });
  if (input.slicer) {
    add("slicer", {
      average_size: input.slicer.size.bytes,
      size_variation: input.slicer.variation?.bytes ?? 0,
      // Toxiproxy counts this one in microseconds.
      delay: whole(input.slicer.delay.ms * 1000),
    });
  }
  if (input.limit_data) add("limit_data", { bytes: input.limit_data.bytes });
  if (input.toxic) add(input.toxic.type, input.toxic.attributes);
  const down: readonly Injection[] = input.down ? [{ proxy, kind: "down" }] : [];
  return [...down, ...toxics.map((toxic): Injection => ({ proxy, kind: "toxic", toxic }))];
}

/** Toxiproxy's attributes are whole numbers. */
function whole(value: number): number {
  return Math.round(value);
}
