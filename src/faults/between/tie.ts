import type { Socket } from "node:net";
import { hasCode } from "../../support/errors.js";

export interface TieHost {
  /**
   * One side has closed. @returns whether the other is to end in the same way; false: it is seen to.
   */
  sideClosed(side: "client" | "upstream", isReset: boolean): boolean;
  /** Ends a side with a reset. */
  reset(side: "client" | "upstream"): void;
  bothClosed(): void;
}

/** What ends one side ends the other in the same way: a reset is passed on as one, a close as a close. */
export function tie(client: Socket, upstream: Socket, host: TieHost): void {
  let open = 2;
  const watch = (side: "client" | "upstream", one: Socket, other: Socket) => {
    let isReset = false;
    one.on("error", (error) => {
      isReset = hasCode(error, "ECONNRESET");
    });
    one.on("close", () => {
      if (host.sideClosed(side, isReset)) {
        if (isReset) host.reset(side === "client" ? "upstream" : "client");
        else if (!one.readableEnded) other.destroy();
      }
      open--;
      if (open === 0) host.bothClosed();
    });
  };
  watch("client", client, upstream);
  watch("upstream", upstream, client);
}
