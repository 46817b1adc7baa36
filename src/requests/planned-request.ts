/** What is known of any planned request, whatever crosses the wire. Each kind has more, which only its wires read. */
export interface PlannedRequest {
  readonly name: string;
  /** The name of the kind of request that it is. */
  readonly kind: string;
  /** It says which answers are a fallback. */
  readonly tellsDegraded?: boolean;
  /** A step that is asked again until its answer holds. Not there: any good answer will do. */
  readonly asksAgain?: AsksAgain;
  /** Its answer is a stream of events, which are timed. */
  readonly streams?: boolean;
  /** It logs its user in. */
  readonly isLogin?: boolean;
  /** From when it is due to when it must be answered. Not there: the load's timeout. */
  readonly timeoutMs?: number;
}

export interface AsksAgain {
  /** From an answer to when it is asked again. */
  readonly everyMs: number;
  /** From when it was first due. After that it is not asked again. */
  readonly withinMs: number;
}
