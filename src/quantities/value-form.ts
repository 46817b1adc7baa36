import { z } from "zod";

/** What a text stands for, for hints on how to write it. `words` is any text: a name, a sentence. */
export type ValueForm =
  | "duration"
  | "rate"
  | "size"
  | "bandwidth"
  | "percentage"
  | "words"
  | "address"
  | "path"
  | "status"
  | "slo";

/** Said of a schema beside what it checks. A schema that is made of one that is here has the same. */
export const VALUE_FORMS = z.registry<{
  readonly form?: ValueForm;
  /** Of a map: the key that a text in its place is meant for. */
  readonly mainKey?: string;
}>();
