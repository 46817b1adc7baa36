import type { OpenWire } from "../protocol.js";
import { openStreams } from "../streams/open-streams.js";
import { compileHttp2 } from "../streams/requests/http2-request.js";

export const openHttp2: OpenWire = (plan, share, owner) => ({
  channels: openStreams(plan, share, owner),
  fillsChannels: true,
  compile: (steps, values) => compileHttp2(plan, steps, values),
});
