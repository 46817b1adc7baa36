import { type ClusterObject, listAt, numberAt, textAt } from "../objects.js";

/** A port of a service. */
export interface PortOfService {
  /** Its name, by which EndpointSlices know it. "" when it has none. */
  readonly name: string;
  readonly port: number;
}

export type ChosenPort =
  | { readonly kind: "port"; readonly port: PortOfService }
  /** `known`: those of TCP that it has. */
  | { readonly kind: "several" | "unknown" | "none"; readonly known: readonly PortOfService[] };

/** @param wanted a number or a name. null: its only one. */
export function chooseServicePort(service: ClusterObject, wanted: string | null): ChosenPort {
  const known = listAt(service, "spec", "ports").flatMap((each) => {
    const port = numberAt(each, "port");
    const isTcp = (textAt(each, "protocol") ?? "TCP") === "TCP";
    return port === undefined || !isTcp ? [] : [{ name: textAt(each, "name") ?? "", port }];
  });
  const fitting =
    wanted === null ? known : known.filter(({ name, port }) => name === wanted || String(port) === wanted);
  const [only, another] = fitting;
  if (only === undefined) return { kind: known.length === 0 ? "none" : "unknown", known };
  return another === undefined ? { kind: "port", port: only } : { kind: "several", known };
}

/** As a target names it: its name, or its number. */
export function portInWords({ name, port }: PortOfService): string {
  return name === "" ? String(port) : `${port} (${name})`;
}
