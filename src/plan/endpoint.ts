/** A place of the scenario that names where a run connects to. */
export type Endpoint =
  | { readonly kind: "target" }
  | { readonly kind: "socket" }
  | { readonly kind: "upstream"; readonly proxy: string };
