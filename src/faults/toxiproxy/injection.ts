import type { FaultAction } from "../fault-action.js";
import { TOXIPROXY, type ToxicSpec, toxicOf } from "../toxic.js";

/** An action as Toxiproxy can be asked for it. */
export type Injection =
  | {
      readonly action: FaultAction;
      readonly proxy: string;
      readonly kind: "toxic";
      readonly toxic: ToxicSpec;
    }
  /** The proxy is disabled: connections are refused. */
  | { readonly action: FaultAction; readonly proxy: string; readonly kind: "down" };

/** @throws Error when the action belongs to another driver, or when this driver does not know it. */
export function injectionOf(action: FaultAction): Injection {
  const { driver, target: proxy, spec } = action;
  if (driver !== TOXIPROXY) throw new Error(`Toxiproxy cannot do what is for the driver "${driver}"`);
  if (spec.down === true) return { action, proxy, kind: "down" };
  const toxic = toxicOf(action);
  if (!toxic) throw new Error(`Toxiproxy cannot do ${JSON.stringify(spec)}`);
  return { action, proxy, kind: "toxic", toxic };
}
