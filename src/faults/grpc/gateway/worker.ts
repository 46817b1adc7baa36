/** All gateways of gRPC of a run, in a thread of their own. */
import { serveGateways } from "../../between/gateway/serve-gateways.js";
import { openGrpcGateway } from "./gateway.js";

await serveGateways(openGrpcGateway);
