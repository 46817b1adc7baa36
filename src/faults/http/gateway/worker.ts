/** All gateways of HTTP of a run, in a thread of their own. */
import { serveGateways } from "../../between/gateway/serve-gateways.js";
import { openGateway } from "./gateway.js";

await serveGateways(openGateway);
