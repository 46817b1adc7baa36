import { z } from "zod";
import { list, text } from "../../quantities/schema.js";

/** A program and its arguments. */
export const command = () =>
  z.union(
    [
      text("a command"),
      list(z.string({ error: "text" }), "a list")
        .min(1, { error: "a command" })
        .refine(([program]) => program !== "", { error: "a command" }),
    ],
    { error: "a command as text, or as a list of program and arguments" },
  );
