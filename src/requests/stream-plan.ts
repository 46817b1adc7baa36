/** What is waited for in an answer that is a stream of events, or of messages. */
export interface StreamPlan {
  /** From when the request was due to its first event. null: however long it takes. */
  readonly firstEventMs: number | null;
  /** When so many have come, the request is answered. null: when the other side has ended the stream. */
  readonly events: number | null;
}
