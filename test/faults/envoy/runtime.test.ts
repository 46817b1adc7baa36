import fc from "fast-check";
import { expect, test } from "vitest";
import { readCounters } from "../../../src/faults/envoy/admin/counters.js";
import { adminLayerIn, faultFiltersIn } from "../../../src/faults/envoy/admin/fault-filter.js";
import { RuntimeListing } from "../../../src/faults/envoy/admin/runtime-listing.js";
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

test("counters of one connection manager are not those of another whose name begins alike", () => {
  const stats = [
    { name: "http.in.downstream_rq_total", value: 5 },
    { name: "http.in.fault.aborts_injected", value: 2 },
    { name: "http.in.fault.downstream_rq_total", value: 9 },
    { name: "http.in.fault.fault.aborts_injected", value: 1 },
    { histograms: {} },
  ];
  const counters = readCounters({ stats });
  expect(counters?.get("in")).toEqual({ requests: 5, aborts: 2, delays: 0, overflows: 0 });
  expect(counters?.get("in.fault")).toEqual({ requests: 9, aborts: 1, delays: 0, overflows: 0 });
});
