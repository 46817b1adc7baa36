import type { PageAddress } from "../../live/listen-address.js";
import type { LivePage } from "../../live/live-page.js";
import type { UiFlags } from "../options/ui-options.js";
import type { Io } from "../process/io.js";

/**
 * Where --ui and --ui-host want the page. Resolves with null when they want none.
 * @throws FaultlineError USAGE.
 */
export async function uiAddressOf({ ui, uiHost }: UiFlags): Promise<PageAddress | null> {
  if (ui !== true && uiHost === undefined) return null;
  const { LOOPBACK, parseListenAddress } = await import("../../live/listen-address.js");
  return uiHost === undefined ? LOOPBACK : parseListenAddress(uiHost);
}

/** Opens the page and says where it is. Its notes and its halt are those of `note` and `halt`. */
export async function openLivePage(address: PageAddress, io: Io): Promise<LivePage> {
  const [{ LivePage }, { addNote }, { orderHalt }, { openStateFolder }] = await Promise.all([
    import("../../live/live-page.js"),
    import("../../run/listening/add-note.js"),
    import("../../run/listening/halt-order.js"),
    import("../../run/safety/state-folder.js"),
  ]);
  const now = () => new Date().toISOString();
  const page = await LivePage.open({
    address,
    halt: (by, reason) => orderHalt(openStateFolder(io.env), { by, reason, at: now() }),
    note: (by, text) => void addNote(openStateFolder(io.env), { by, at: now(), text }),
  });
  io.stderr.write(`live page: ${page.url}\n`);
  return page;
}
