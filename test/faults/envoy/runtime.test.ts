import fc from "fast-check";
import { expect, test } from "vitest";
import { binomialQuantile } from "../../../src/analysis/statistics/intervals.js";
import { isFarFewer } from "../../../src/faults/between/far-fewer.js";
import { readCounters } from "../../../src/faults/envoy/admin/counters.js";
import { adminLayerIn, faultFiltersIn } from "../../../src/faults/envoy/admin/fault-filter.js";
import { RuntimeListing } from "../../../src/faults/envoy/admin/runtime-listing.js";
import { partsOf } from "../../../src/faults/envoy/runtime-values.js";
import { isEnvoyDeed, runtimeTouchedBy } from "../../../src/faults/envoy/undo/deed.js";
import { runtimeRemedies } from "../../../src/faults/envoy/undo/restore-runtime.js";

/** The runtime of an Envoy with one layer. */
function listing(values: Readonly<Record<string, string>>): RuntimeListing {
  const entries = Object.entries(values).map(([key, value]) => [
    key,
    { final_value: value, layer_values: [value] },
  ]);
  const read = RuntimeListing.read({ layers: ["admin"], entries: Object.fromEntries(entries) });
  if (read === null) throw new Error("no listing");
  return read;
}

const VALUE = fc.constantFrom("", "0", "7", "30", "100");

test("whatever others did meanwhile: what was ours is as it was found, and what is theirs stays", () => {
  const key = fc.record({ found: VALUE, set: VALUE.filter((value) => value !== ""), now: VALUE });
  fc.assert(
    fc.property(
      fc.array(key, { minLength: 1, maxLength: 4 }),
      fc.constantFrom("", "run-1", "run-2"),
      (keys, mark) => {
        const named = keys.map((each, index) => ({ key: `key.${index}`, ...each }));
        const deed = {
          kind: "runtime",
          admin: "http://127.0.0.1:9901",
          layer: "admin",
          mark: "run-1",
          service: null,
          keys: named,
        } as const;
        const touched = runtimeTouchedBy([deed]);
        if (touched === null) throw new Error("nothing was touched");
        const before = Object.fromEntries([
          ...named.map(({ key: name, now }) => [name, now]),
          ["faultline.run", mark],
        ]);
        const { values } = runtimeRemedies(touched, listing(before));
        const after = { ...before, ...Object.fromEntries(values) };
        for (const { key: name, found, set, now } of named) {
          const isOurs = mark !== "run-2" && now === set;
          expect(after[name]).toBe(isOurs ? found : now);
        }
        expect(after["faultline.run"]).toBe(mark === "run-1" ? "" : mark);
        // A second look finds nothing to do.
        expect([...runtimeRemedies(touched, listing(after)).values]).toEqual([]);
      },
    ),
  );
});

test("a later fault's finding counts, and any value of an earlier stage is ours", () => {
  const deed = (found: string, set: string) =>
    ({
      kind: "runtime",
      admin: "http://127.0.0.1:9901",
      layer: "admin",
      mark: "run-1",
      service: null,
      keys: [{ key: "a", found, set }],
    }) as const;
  const touched = runtimeTouchedBy([deed("", "10"), deed("5", "20"), deed("5", "30")]);
  if (touched === null) throw new Error("nothing was touched");
  // Killed between the note and the deed: the value of the stage before is still there.
  expect(runtimeRemedies(touched, listing({ a: "20" })).values.get("a")).toBe("5");
  expect(runtimeRemedies(touched, listing({ a: "30" })).values.get("a")).toBe("5");
  expect(runtimeRemedies(touched, listing({ a: "31" })).left).toEqual([
    "a at 31, as somebody has changed it since",
  ]);
});

test("no text can make the readers throw, and what is no deed is none", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (json) => {
      RuntimeListing.read(json);
      readCounters(json);
      faultFiltersIn(json);
      adminLayerIn(json);
      expect(isEnvoyDeed(json)).toBe(false);
    }),
  );
});

const TYPES = "type.googleapis.com/envoy";
const HTTP_FAULT = { "@type": `${TYPES}.extensions.filters.http.fault.v3.HTTPFault` };
const ABORTS = { ...HTTP_FAULT, abort: { http_status: 503 } };

/** As a dump has it. */
function manager(statPrefix: string, filters: readonly object[], more: object = {}) {
  const type = `${TYPES}.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager`;
  const named = filters.map((typed_config) => ({ name: "fault", typed_config }));
  return { "@type": type, stat_prefix: statPrefix, http_filters: named, ...more };
}

/** What keeps an abort at `in` from meeting all requests that are counted there. */
function restrictionsAt(...dump: readonly object[]) {
  const spec = { statPrefix: "in", abort: { status: 503, grpc: false, share: 1 }, delay: null };
  const [part] = partsOf(spec, faultFiltersIn({ configs: dump }));
  return part?.restrictions;
}

test("what keeps requests from a filter is found in the dump", () => {
  expect(restrictionsAt(manager("in", [ABORTS]))).toEqual([]);
  // It stands in the dump of the listeners and in that of the beginning.
  expect(restrictionsAt(manager("in", [ABORTS]), manager("in", [ABORTS]))).toEqual([]);
  expect(restrictionsAt(manager("in", [ABORTS]), manager("out", []))).toEqual([]);
  const conditions = { headers: [{ name: "a" }], upstream_cluster: "b", downstream_nodes: ["c"] };
  expect(restrictionsAt(manager("in", [{ ...ABORTS, ...conditions }]))?.toSorted()).toEqual(
    Object.keys(conditions).toSorted(),
  );
  expect(restrictionsAt(manager("in", [ABORTS]), manager("in", []))).toEqual(["same_stat_prefix"]);
  const delaysOnly = { ...HTTP_FAULT, delay: { fixed_delay: "1s" } };
  expect(restrictionsAt(manager("in", [ABORTS]), manager("in", [delaysOnly]))).toEqual(["same_stat_prefix"]);
});

test.each([
  ["the same", ABORTS, []],
  ["one that only delays", { ...HTTP_FAULT, delay: { fixed_delay: "1s" } }, ["route"]],
  ["one with keys of its own", { ...ABORTS, abort_percent_runtime: "own" }, ["route"]],
  ["one with a condition", { ...ABORTS, upstream_cluster: "a" }, ["route"]],
  ["one in a wrapper", { "@type": `${TYPES}.config.route.v3.FilterConfig`, config: HTTP_FAULT }, ["route"]],
  ["none", { "@type": `${TYPES}.config.route.v3.FilterConfig`, disabled: true }, ["route"]],
])("a route with %s, also in a table that comes by RDS", (_, own, restrictions) => {
  const table = { virtual_hosts: [{ routes: [{ typed_per_filter_config: { fault: own } }] }] };
  expect(restrictionsAt(manager("in", [ABORTS], { route_config: table }))).toEqual(restrictions);
  const rds = { "@type": `${TYPES}.config.route.v3.RouteConfiguration`, name: "table", ...table };
  const byName = manager("in", [ABORTS], { rds: { route_config_name: "table" } });
  expect(restrictionsAt(byName, { route_config: rds })).toEqual(restrictions);
  const another = manager("in", [ABORTS], { rds: { route_config_name: "another" } });
  expect(restrictionsAt(another, { route_config: rds })).toEqual([]);
});

test("far fewer than asked is never chance, and what is asked never is far fewer", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2_000 }), fc.double({ min: 0.001, max: 1 }), (requests, share) => {
      const least = binomialQuantile(1e-6, requests, share * 0.8);
      for (let acted = 0; acted <= requests; acted += Math.ceil(requests / 50)) {
        if (isFarFewer(acted, requests, share)) expect(acted).toBeLessThan(least);
      }
      expect(isFarFewer(Math.ceil(requests * share), requests, share)).toBe(false);
    }),
  );
  expect(isFarFewer(3, 400, 0.3)).toBe(true);
  expect(isFarFewer(120, 400, 0.3)).toBe(false);
  // Two in five of few may be chance, and of many it is none.
  expect(isFarFewer(4, 10, 1)).toBe(false);
  expect(isFarFewer(400, 1_000, 1)).toBe(true);
  expect(isFarFewer(0, 0, 1)).toBe(false);
});

test("counters of one connection manager are not those of another whose name begins alike", () => {
  const stats = [
    { name: "http.in.downstream_rq_total", value: 5 },
    { name: "http.in.fault.aborts_injected", value: 2 },
    { name: "http.in.fault.downstream_rq_total", value: 9 },
    { name: "http.in.fault.fault.aborts_injected", value: 1 },
    { histograms: {} },
  ];
  const counters = readCounters({ stats });
  expect(counters?.get("in")).toEqual({ requests: 5, aborts: 2 });
  expect(counters?.get("in.fault")).toEqual({ requests: 9, aborts: 1 });
});
