// What a product costs.
//
//   PORT   where it listens
import { Server, ServerCredentials } from "@grpc/grpc-js";
import { shop } from "./shop.js";

const server = new Server();
server.addService(shop.Prices.service, {
  get: ({ request }, answer) => answer(null, { cents: 100 + request.sku.length }),
});
server.bindAsync(`127.0.0.1:${process.env.PORT}`, ServerCredentials.createInsecure(), (error) => {
  if (error) throw error;
});
