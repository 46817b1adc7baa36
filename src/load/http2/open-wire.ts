import { DigestLogins } from "../authentication/digest-logins.js";
import type { OpenWire } from "../protocol.js";
import type { MakeSessions } from "../sessions/user-sessions.js";
import { openStreams } from "../streams/open-streams.js";
import { compileHttp2 } from "../streams/requests/compile-http2.js";
import type { Http2Text } from "../streams/requests/session-head.js";

export function openHttp2(makeSessions: MakeSessions): OpenWire {
  return (plan, share, owner) => {
    const sessions = makeSessions<Http2Text>(plan);
    const logins = new DigestLogins();
    return {
      channels: openStreams(plan, share, owner),
      fillsChannels: true,
      compile: (steps, values) => compileHttp2(plan, steps, values, sessions, logins),
    };
  };
}
