import type { CheckContext, LoadParts } from "../context.js";
import { kindsSent } from "./kinds-sent.js";

/** The open or the closed model, and the keys that go with it. */
export function checkModel(context: CheckContext, load: LoadParts): void {
  const { diagnostics } = context;
  const open = context.has("load", "rate");
  const closed = context.has("load", "connections");
  if (open && closed) {
    diagnostics.error(
      "conflict",
      context.key("load", "connections"),
      "`rate` and `connections` are two models of load; give one",
      "rate: requests are due whatever the system does (for SLOs). connections: each sends when its last answer came.",
    );
    return;
  }
  if (!open && !closed) {
    if (!context.lacks("load", "rate") || !context.lacks("load", "connections")) return;
    const help = "For example rate: 100/s (open model, for SLOs) or connections: 50 (closed model).";
    diagnostics.error("missing-key", context.key("load"), "`rate` or `connections` is missing in load", help);
    return;
  }
  const foreign = open
    ? ([["thinkTime", "in the open model requests do not wait for answers"]] as const)
    : ([
        ["arrivals", "in the closed model a request leaves when the last answer came"],
        ["maxConnections", "`connections` already says how many there are"],
      ] as const);
  for (const [key, why] of foreign) {
    if (!context.has("load", key)) continue;
    diagnostics.error(
      "conflict",
      context.key("load", key),
      `\`${key}\` does not go with \`${open ? "rate" : "connections"}\`: ${why}`,
    );
  }
  checkAtOnce(context, load);
  checkStages(context, load, open ? "rate" : "connections");
  checkSendsAnything(context, load, open ? "rate" : "connections");
  if (closed && typeof load.workers === "number" && load.connections !== undefined) {
    const most = Math.max(load.connections, ...(load.stages ?? []).map((stage) => stage?.connections ?? 0));
    if (load.workers > most) {
      const message = `${load.workers} threads cannot share ${most} connections`;
      diagnostics.error("conflict", context.at("load", "workers"), message);
    }
  }
}

/** How many requests a connection takes at once: each version of HTTP has its own key for that. */
function checkAtOnce(context: CheckContext, load: LoadParts): void {
  const { diagnostics } = context;
  const refuse = (key: "pipelining" | "protocol" | "streams", message: string, help?: string) =>
    diagnostics.error("conflict", context.key("load", key), message, help);
  const overHttp2 = kindsSent(context, load).find(({ needsHttp2 }) => needsHttp2);
  if (overHttp2) {
    const why = `does not go with requests of ${overHttp2.name}: these go over HTTP/2`;
    if (context.has("load", "pipelining")) {
      refuse("pipelining", `\`pipelining\` ${why}`, "HTTP/2 has `streams` instead.");
    }
    if (context.has("load", "protocol") && load.protocol !== undefined && load.protocol !== "h2") {
      refuse("protocol", `\`protocol: ${load.protocol}\` ${why}`, "Leave it out.");
    }
  } else {
    if (load.protocol !== undefined && load.protocol !== "h2" && context.has("load", "streams")) {
      refuse("streams", "`streams` needs `protocol: h2`", "HTTP/1.1 has no streams; it has `pipelining`.");
    }
    if (load.protocol !== undefined && load.protocol !== "http1" && context.has("load", "pipelining")) {
      const message = `\`pipelining\` does not go with \`protocol: ${load.protocol}\``;
      refuse("pipelining", message, "HTTP/2 has `streams` instead; it needs `protocol: h2`.");
    }
  }
  for (const key of ["pipelining", "streams"] as const) {
    if (load.keepAlive !== false || (load[key] ?? 1) === 1) continue;
    refuse(key, `\`${key}\` does not go with \`keepAlive: false\`: each connection takes one request`);
  }
}

function checkStages(context: CheckContext, load: LoadParts, wanted: "rate" | "connections"): void {
  const { diagnostics } = context;
  const other = wanted === "rate" ? "connections" : "rate";
  for (const [index, stage] of (load.stages ?? []).entries()) {
    if (!stage) continue;
    const at = ["load", "stages", index];
    if (context.has(...at, other)) {
      const message = `this load counts ${wanted === "rate" ? "a rate" : "connections"}: give \`${wanted}\``;
      diagnostics.error("conflict", context.key(...at, other), message);
    }
    const [ramp, hold] = [context.has(...at, "ramp"), context.has(...at, "hold")];
    if (ramp && hold) {
      diagnostics.error("conflict", context.key(...at, "hold"), "a stage is a `ramp` or a `hold`; give one");
    } else if (context.lacks(...at, "ramp") && context.lacks(...at, "hold")) {
      diagnostics.error(
        "missing-key",
        context.key(...at),
        "a stage is a `ramp` or a `hold`; give one",
        "For example { ramp: 30s, rate: 500/s }.",
      );
    } else if (ramp && context.lacks(...at, wanted) && !context.has(...at, other)) {
      diagnostics.error("missing-key", context.key(...at, "ramp"), `where to? Give \`${wanted}\``);
    }
  }
}

/** The load's own value has no time when the first stage sets another one at once. */
function checkSendsAnything(context: CheckContext, load: LoadParts, wanted: "rate" | "connections"): void {
  const stages = load.stages ?? [];
  const isZero = (index: number) => {
    const value = stages[index]?.[wanted];
    return (typeof value === "object" ? value.perS : value) === 0;
  };
  const isAsBefore = (index: number) => context.lacks("load", "stages", index, wanted);
  if (!stages[0]?.hold || !isZero(0)) return;
  if (!stages.every((_, index) => isZero(index) || isAsBefore(index))) return;
  context.diagnostics.error(
    "wrong-value",
    context.key("load", "stages"),
    `nothing would be sent: \`${wanted}\` is 0 from the first stage to the last`,
    `A stage with { hold: … } is at its value at once. Begin with one above 0, or go there with { ramp: 10s, ${wanted}: ${wanted === "rate" ? "50/s" : "5"} }.`,
  );
}
