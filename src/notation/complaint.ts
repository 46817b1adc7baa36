/** What a room below the scenario finds wrong with a value. The scenario knows where the value stands. */
export interface Complaint {
  /** "suspicious" is a warning. */
  readonly code: "conflict" | "wrong-value" | "unknown-name" | "suspicious";
  /** From the value that was looked at. */
  readonly path: readonly (string | number)[];
  /** Whether the key is at fault or its value. */
  readonly at: "key" | "value";
  readonly message: string;
  readonly help?: string;
}

/** What is wrong, for a message, and what to write instead. */
export interface Mistake {
  readonly message: string;
  readonly help: string;
}
