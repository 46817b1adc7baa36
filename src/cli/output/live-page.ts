import type { ListenAddress } from "../../live/listen-address.js";
import type { LivePage } from "../../live/live-page.js";
import type { UiFlags } from "../options/ui-options.js";
import type { Interrupt } from "../process/interrupt.js";
import type { Io } from "../process/io.js";

/**
 * Where --ui and --ui-host want the page; null: nowhere.
 * @throws FaultlineError USAGE
 */
export async function uiAddressOf({ ui, uiHost }: UiFlags): Promise<ListenAddress | null> {
  if (ui !== true && uiHost === undefined) return null;
  const { LOOPBACK, parseListenAddress } = await import("../../live/listen-address.js");
  return uiHost === undefined ? LOOPBACK : parseListenAddress(uiHost);
}

/** Says where the page is, for whoever wants to open it. */
export async function openLivePage(address: ListenAddress, interrupt: Interrupt, io: Io): Promise<LivePage> {
  const { LivePage } = await import("../../live/live-page.js");
  const page = await LivePage.open({ address, halt: interrupt.halt });
  io.stderr.write(`live page: ${page.url}\n`);
  return page;
}
