/** What is known of any planned request, whatever crosses the wire. Each kind has more, which only its wires read. */
export interface PlannedRequest {
  readonly name: string;
  /** The name of the kind of request that it is. */
  readonly kind: string;
  /** It says which answers are a fallback. */
  readonly tellsDegraded?: boolean;
}
