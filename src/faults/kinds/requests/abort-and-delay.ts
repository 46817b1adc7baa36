import { z } from "zod";
import { choice, percentage, positiveDuration, wholeNumber } from "../../../quantities/schema.js";
import { GRPC_STATUSES } from "../../../support/names/grpc-status.js";

/** Words for whose requests a proxy acts on. */
interface Acted {
  /** What a share is of: "the requests that take the route". */
  readonly shareOf: string;
  /** Who would have answered: "the service". */
  readonly server: string;
}

/** `abort:` and `delay:`, which a proxy does to a share of the requests that cross it. */
export function abortAndDelay({ shareOf, server }: Acted) {
  const share = () =>
    percentage()
      .meta({ description: `Of ${shareOf}. Default: all.`, samples: ["30%"] })
      .optional();
  const abort = z.strictObject(
    {
      status: wholeNumber(200, 599)
        .meta({
          description: `The status of an answer in place of that of ${server}. Default: 503.`,
          samples: [503],
        })
        .optional(),
      grpc: choice(GRPC_STATUSES)
        .meta({ description: "The same for calls of gRPC: their status.", samples: ["UNAVAILABLE"] })
        .optional(),
      share: share(),
    },
    { error: "a map with `status` or `grpc`, and `share`" },
  );
  const delay = z.strictObject(
    {
      fixed: positiveDuration().meta({
        description: "How long a request is held before it goes on.",
        samples: ["800ms"],
      }),
      share: share(),
    },
    { error: "a map with `fixed` and `share`" },
  );
  return {
    abort: abort.meta({ description: `Answers requests without asking ${server}.` }).optional(),
    delay: delay.meta({ description: "Holds requests before they go on." }).optional(),
  };
}

/** Something is done to requests. */
export function abortsOrDelays(input: { readonly abort?: unknown; readonly delay?: unknown }): boolean {
  const { abort, delay } = input;
  return abort !== undefined || delay !== undefined;
}

export const WHAT_IS_DONE = { error: "one or both of abort, delay: what is done to requests" };
