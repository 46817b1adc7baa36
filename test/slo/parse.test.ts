import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatSlo, parseSlo, type SloSyntaxError } from "../../src/slo/parse.js";
import type { Slo } from "../../src/slo/slo.js";

function slo(text: string, options?: Parameters<typeof parseSlo>[1]): Slo {
  const parsed = parseSlo(text, options);
  if (!parsed.ok) throw new Error(`${text}: ${parsed.error.message}`);
  return parsed.slo;
}

function complaint(text: string, options?: Parameters<typeof parseSlo>[1]): SloSyntaxError {
  const parsed = parseSlo(text, options);
  if (parsed.ok) throw new Error(`"${text}" was accepted`);
  return parsed.error;
}

describe("what an SLO says", () => {
  it.each([
    ["availability >= 99.9%", "availability", { kind: "absolute", value: 0.999, unit: "ratio" }],
    ["degraded <= 5%", "degraded", { kind: "absolute", value: 0.05, unit: "ratio" }],
    ["error_rate < 1%", "error_rate", { kind: "absolute", value: 0.01, unit: "ratio" }],
    ["failed.p99 < 300ms", "time_to_failure", { kind: "absolute", value: 300, unit: "ms" }],
    ["failed.max < 1s", "time_to_failure", { kind: "absolute", value: 1000, unit: "ms" }],
    ["max<2s", "max", { kind: "absolute", value: 2000, unit: "ms" }],
    ["throughput >= 180/s", "throughput", { kind: "absolute", value: 180, unit: "per_s" }],
    ["throughput >= 6000/min", "throughput", { kind: "absolute", value: 100, unit: "per_s" }],
    ["recovery < 5s", "recovery", { kind: "absolute", value: 5, unit: "s" }],
    ["recovery < 1m", "recovery", { kind: "absolute", value: 60, unit: "s" }],
    ["detection <= 1500ms", "detection", { kind: "absolute", value: 1.5, unit: "s" }],
    ["p99 < 800us", "quantile", { kind: "absolute", value: 0.8, unit: "ms" }],
    ["p99 < 3x baseline", "quantile", { kind: "baseline_factor", factor: 3 }],
    ["p99 < 2.5 x baseline", "quantile", { kind: "baseline_factor", factor: 2.5 }],
    ["throughput >= baseline", "throughput", { kind: "baseline_factor", factor: 1 }],
    [
      "availability >= baseline - 0.5%",
      "availability",
      { kind: "baseline_offset", offset: -0.005, unit: "ratio" },
    ],
    ["p95 < baseline + 20ms", "quantile", { kind: "baseline_offset", offset: 20, unit: "ms" }],
  ])("%s", (text, kind, target) => {
    const read = slo(text);
    expect(read.metric.kind).toBe(kind);
    expect(read.target).toEqual(target);
    expect(read).toMatchObject({ request: null, windowS: null, phases: ["fault"], fault: null });
  });

  it.each([
    ["p50", 0.5],
    ["p5", 0.05],
    ["p99", 0.99],
    ["p99.9", 0.999],
    ["p999", 0.999],
    ["p9999", 0.9999],
    ["p99.999", 0.99999],
    ["p975", 0.975],
  ])("%s is the quantile %d", (name, q) => {
    expect(slo(`${name} < 1s`).metric).toEqual({ kind: "quantile", q });
  });

  it("is scoped to a request, a window and phases", () => {
    expect(slo("p99(checkout) < 300ms for 10s in fault, recovery")).toMatchObject({
      request: "checkout",
      windowS: 10,
      phases: ["fault", "recovery"],
    });
    expect(slo('error_rate("GET /a(b)") < 1%').request).toBe("GET /a(b)");
  });

  it("is about a proxy, in a window and in phases", () => {
    const read = slo("attempts( inventory ) < 2x baseline for 5s in fault, recovery");
    expect(read).toMatchObject({
      metric: { kind: "attempts", proxy: "inventory" },
      request: null,
      target: { kind: "baseline_factor", factor: 2 },
      windowS: 5,
      phases: ["fault", "recovery"],
    });
    expect(formatSlo(read)).toBe("attempts(inventory) < 2x baseline for 5s in fault, recovery");
    expect(slo(formatSlo(read))).toMatchObject({ metric: read.metric, phases: read.phases });
    expect(slo('connections("cache") < 50/s')).toMatchObject({
      metric: { kind: "connections", proxy: "cache" },
      target: { kind: "absolute", value: 50, unit: "per_s" },
    });
  });

  it("takes phases and fault from the scenario's keys unless the text says otherwise", () => {
    const around = { phases: ["recovery"], fault: "slow cache" } as const;
    expect(slo("p99 < 1s", around)).toMatchObject({ phases: ["recovery"], fault: "slow cache" });
    expect(slo("p99 < 1s in fault", around).phases).toEqual(["fault"]);
  });

  it("folds white space in the text it keeps", () => {
    expect(slo("  p99 \n <   500ms ").text).toBe("p99 < 500ms");
  });
});

describe("an abort condition", () => {
  it("is the opposite of a promise, with a window", () => {
    expect(slo("error_rate > 80% for 5s", { use: "abort" })).toMatchObject({ operator: ">", windowS: 5 });
    expect(slo("availability < 20% for 10s", { use: "abort" }).operator).toBe("<");
    expect(slo("throughput < 1/s for 5s", { use: "abort" }).windowS).toBe(5);
    expect(slo("error_rate(checkout) > 50% for 5s", { use: "abort" }).request).toBe("checkout");
  });

  it.each([
    ["error_rate > 80%", /needs a window/, "error_rate > 80% for 5s"],
    ["error_rate < 80% for 5s", /wrong way round/, ">"],
    ["recovery > 5s for 5s", /known only afterwards/, null],
    ["p99 > 3x baseline for 5s", /before there is a baseline/, null],
    ["p99 > 1s for 5s in fault", /every phase/, null],
    ["max > 1s for 5s", /use a percentile/, "p99"],
    ["max(checkout) > 1s for 5s", /use a percentile/, "p99"],
    ["attempts(inventory) > 500/s for 5s", /an abort condition does not see/, null],
  ])("%s is refused", (text, message, suggestion) => {
    const error = complaint(text, { use: "abort" });
    expect(error.message).toMatch(message);
    expect(error.suggestion).toBe(suggestion);
  });
});

describe("a mistake is named, placed and, where possible, corrected", () => {
  it.each([
    ["", /cannot be empty/, 0, "availability >= 99.9%"],
    ["availabilty >= 99.9%", /not something that can be measured/, 0, "availability"],
    ["error-rate < 1%", /not something/, 0, "error_rate"],
    ["latency < 5ms", /not something/, 0, "p99"],
    ["p100 < 5ms", /called max/, 0, "max"],
    ["p0 < 5ms", /not a percentile/, 0, null],
    ["p99.12345678 < 5ms", /six digits/, 0, null],
    ["p99", /needs a comparison/, 3, "<"],
    ["p99 = 5ms", /no comparison/, 4, "<"],
    ["p99 =< 5ms", /no comparison/, 4, "<="],
    ["availability ≥ 99%", /no comparison/, 13, ">="],
    ["availability < 99%", /wrong way round/, 13, ">"],
    ["p99 >= 10ms", /wrong way round/, 4, "<="],
    ["p99 < 500", /needs a unit/, 6, "500ms"],
    ["availability >= 99.9", /needs a unit/, 16, "99.9%"],
    ["availability >= 99.9ms", /does not fit/, 16, null],
    ["availability >= 101%", /at most 100%/, 16, "100%"],
    ["availability > 100%", /never be true/, 15, null],
    ["error_rate < 0%", /never be true/, 13, null],
    ["p99 < 0ms", /above 0/, 6, "500ms"],
    ["p99 < -5ms", /no target/, 6, "500ms"],
    ["p99 < 5sec", /no unit/, 6, "5s"],
    ["p99 < 3x", /of what/, 6, "3x baseline"],
    ["p99 < 0x baseline", /never hold/, 6, null],
    ["p99 <", /target is missing/, 5, "500ms"],
    ["recovery < 2x baseline", /no value in the baseline/, 11, "5s"],
    ["recovery < 500ms", /measured in whole seconds, so its target is at least 1s/, 11, "1s"],
    ["detection <= 0.9s", /measured in whole seconds, so its target is at least 1s/, 13, "1s"],
    ["recovery(checkout) < 2s", /whole fault/, 8, "recovery"],
    ["recovery < 5s for 5s", /one moment/, 14, null],
    ["max < 5s for 5s", /worst of the phase/, 9, null],
    ["failed.p99 < 5s for 5s", /all failures of a phase/, 16, null],
    ["failed.p99 < 2x baseline", /no failures to compare with; give a duration/, 13, "500ms"],
    ["failed.p99 < baseline + 5ms", /no failures to compare with/, 13, "500ms"],
    ["failed.median < 5s", /of failures there are failed\.p99/, 0, "failed.p99"],
    ["failed.p100 < 5s", /100th percentile/, 0, "failed.max"],
    ["failed_p99 < 5s", /"failed_p99" is not something/, 0, "failed.p99"],
    ["failed.p99 < 5%", /%/, 13, null],
    ["p99 < 5s for 1500ms", /whole number of seconds/, 13, "10s"],
    ["p99 < 5s in falt", /no phase/, 12, "fault"],
    ["p99 < 5s always", /left over/, 9, null],
    ["p99(checkout < 5s", /ends with "\)"/, 3, null],
    ["P99 < 500ms", /"P99" is not something/, 0, "p99"],
    ["avail >= 99%", /"avail" is not something/, 0, "availability"],
    ["throughput >= 60rps", /"rps" is no unit/, 14, "60/s"],
    ["p99() < 5s", /name of a request is missing/, 3, null],
    [`p99 < ${"9".repeat(400)}ms`, /too large/, 6, null],
  ])("%s", (text, message, offset, suggestion) => {
    const error = complaint(text);
    expect(error.message).toMatch(message);
    expect(error.offset).toBe(offset);
    expect(error.suggestion).toBe(suggestion);
  });

  it("names the requests that there are", () => {
    const error = complaint("p99(chekout) < 1s", { requestNames: ["browse", "checkout"] });
    expect(error).toMatchObject({ offset: 4, length: 7, suggestion: "checkout" });
    expect(error.message).toContain("browse, checkout");
  });

  const proxies = new Map([
    ["cache", { isHttp: false }],
    ["inventory", { isHttp: true }],
  ]);

  it.each([
    ["attempts < 2x baseline", /those of one proxy: attempts\(inventory\)/, 0, 8, "attempts(inventory)"],
    ["connections > 5/s", /connections\(cache\)/, 0, 11, "connections(cache)"],
    ["attempts(inventry) < 5/s", /no proxy is called "inventry"; known are cache, inv/, 9, 8, "inventory"],
    // What is near, but knows no HTTP, would not do.
    ["attempts(cach) < 5/s", /no proxy is called "cach"/, 9, 4, null],
    ["connections(cach) < 5/s", /no proxy is called "cach"/, 12, 4, "cache"],
    ["attempts(cache) < 5/s", /write `protocol: http` at the proxy/, 0, 15, "connections(cache)"],
    ["attempts() < 5/s", /name of a proxy is missing/, 8, 2, null],
    ["attempts(inventory < 5/s", /a proxy name in parentheses ends/, 8, 16, null],
    ["attempts(inventory) > 5/s", /attempts\(inventory\) is an upper limit/, 20, 1, "<"],
    ["attempts(inventory) < 5%", /does not fit here; expected a rate/, 22, 2, null],
    ["calls(inventory) < 5/s", /not something that can be measured/, 0, 5, "attempts"],
  ])("%s", (text, message, offset, length, suggestion) => {
    const error = complaint(text, { proxies });
    expect(error.message).toMatch(message);
    expect(error).toMatchObject({ offset, length, suggestion });
  });

  it("without any proxy, or any that knows HTTP, suggests none", () => {
    expect(complaint("attempts < 5/s", { proxies: new Map() }).suggestion).toBeNull();
    expect(complaint("attempts(x) < 5/s", { proxies: new Map() }).message).toMatch(/the scenario has none/);
  });

  it("stays inside the text, whatever the text is", () => {
    const words = [
      "p99",
      "p999",
      "max",
      "availability",
      "(",
      ")",
      '"',
      "a",
      "<",
      ">=",
      "=",
      "5",
      "ms",
      "%",
      "x",
      "/s",
    ];
    const more = ["baseline", "+", "-", "for", "in", "fault", ",", " ", "\n", "é", "∞", "0", ".", "1e9"];
    const noise = fc
      .array(fc.constantFrom(...words, ...more), { maxLength: 12 })
      .map((parts) => parts.join(""));
    fc.assert(
      fc.property(
        fc.oneof(noise, fc.string()),
        fc.constantFrom("slo" as const, "abort" as const),
        (text, use) => {
          const parsed = parseSlo(text, { use });
          if (parsed.ok) return;
          expect(parsed.error.offset).toBeGreaterThanOrEqual(0);
          expect(parsed.error.offset + parsed.error.length).toBeLessThanOrEqual(text.length);
          expect(parsed.error.message).not.toBe("");
        },
      ),
      { numRuns: 2000 },
    );
  });
});

it("what is formatted reads back as the same SLO", () => {
  const metric = fc.oneof(
    fc.constantFrom("p50", "p99", "p99.9", "p12.345", "max").map((name) => [name, "<", "ms"] as const),
    fc.constantFrom("availability").map((name) => [name, ">=", "%"] as const),
    fc.constantFrom("error_rate").map((name) => [name, "<=", "%"] as const),
    fc.constantFrom("throughput").map((name) => [name, ">", "/s"] as const),
  );
  const amount = fc.integer({ min: 1, max: 9999 }).map((n) => n / 100);
  fc.assert(
    fc.property(
      metric,
      amount,
      fc.constantFrom("absolute", "factor", "plus", "minus"),
      fc.option(fc.constantFrom("checkout", "a b", "x(y)")),
      fc.subarray(["baseline", "fault", "recovery"], { minLength: 1 }),
      ([name, operator, unit], n, form, request, phases) => {
        const target = {
          absolute: `${n}${unit}`,
          factor: `${n}x baseline`,
          plus: `baseline + ${n}${unit}`,
          minus: `baseline - ${n}${unit}`,
        }[form];
        const scope = request === null ? "" : `("${request}")`;
        const read = slo(`${name}${scope} ${operator} ${target} in ${phases.join(", ")}`);
        expect({ ...slo(formatSlo(read)), text: "" }).toEqual({ ...read, text: "" });
      },
    ),
  );
});

describe("completion of what was acknowledged", () => {
  const idChecks = [
    { check: "orders are stored", request: "checkout" },
    { check: "orders are sent", request: "checkout" },
    { check: "mails are sent", request: "signup" },
  ];

  it.each([
    ["completion(signup) p95 < 5s", "signup", 0.95, "completion(signup) p95 < 5s"],
    [
      "completion( orders are stored ) max<2s in recovery",
      "orders are stored",
      1,
      "completion(orders are stored) max < 2s in recovery",
    ],
    ['completion("signup") p999 < 2x baseline', "signup", 0.999, "completion(signup) p99.9 < 2x baseline"],
  ])("%s", (text, of, q, canonical) => {
    const read = slo(text, { idChecks });
    expect(read).toMatchObject({ metric: { kind: "completion", of, q }, request: null });
    expect(formatSlo(read)).toBe(canonical);
    expect(slo(formatSlo(read), { idChecks })).toMatchObject({ metric: read.metric, target: read.target });
  });

  it.each([
    ["completion p95 < 5s", 0, "is that of one check on ids"],
    ["completion(signup) < 5s", 19, "which share of it?"],
    ["completion(signup) availability < 5s", 19, '"availability" is no share'],
    ["completion(signup) p100 < 5s", 19, "max"],
    ["completion(sign) p95 < 5s", 11, 'no check on ids is about "sign"'],
    ["completion(checkout) p95 < 5s", 11, "2 checks hold ids"],
    ["completion(signup) p95 < 5%", 25, ""],
    ["completion(signup) p95 < 5s for 10s", 28, "completion is judged over a whole phase"],
    ["completion(signup) p95 > 5s", 23, "an upper limit"],
  ])("%s is refused", (text, offset, words) => {
    expect(complaint(text, { idChecks })).toMatchObject({ offset, message: expect.stringContaining(words) });
  });

  it("cannot abort a run, and needs a check", () => {
    expect(complaint("completion(signup) p95 > 5s for 5s", { use: "abort", idChecks }).message).toContain(
      "known only after the load",
    );
    expect(complaint("completion(signup) p95 < 5s", { idChecks: [] }).message).toContain("has no check");
  });
});
