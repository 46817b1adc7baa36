import { expect, it } from "vitest";
import { knownImage } from "../../../../src/scenario/generate/compose/known-images.js";
import { mentionsOf } from "../../../../src/scenario/generate/compose/mentions.js";
import { publishedPorts } from "../../../../src/scenario/generate/compose/published-port.js";

const seen = (name: string, key: string, text: string) =>
  mentionsOf(name, key, text).map(({ start, end, port }) => [text.slice(start, end), port]);

it.each([
  ["db", "DATABASE_URL", "postgres://db:secret@db:5432/db", [["db:5432", 5432]]],
  ["db", "URL", "postgres://u:p@db/shop", [["db", null]]],
  [
    "mongo",
    "URI",
    "mongodb://a:1,mongo:2,mongo:3/x",
    [
      ["mongo:2", 2],
      ["mongo:3", 3],
    ],
  ],
  ["db", "DSN", "user:pass@tcp(db:3306)/shop", [["db:3306", 3306]]],
  ["kafka", "BROKERS", "kafka:9092,other:1", [["kafka:9092", 9092]]],
  ["db", "CONNECTION", "Server=db;Database=shop", [["db", null]]],
  ["db", "PGHOST", "db", [["db", null]]],
  ["postgres", "POSTGRES_DB", "postgres", []],
  ["db", "NAME", "my-db:5432 adb:1 db.example.com:2", []],
  ["db", "URL", "http://example.com/db:80?x=db", []],
  ["a.b", "URL", "http://a.b:1 axb:2", [["a.b:1", 1]]],
])("%s in %s=%s", (name, key, text, mentions) => {
  expect(seen(name, key, text)).toEqual(mentions);
});

it.each([
  ["redis:7-alpine", 6379],
  ["docker.io/bitnami/postgresql:16@sha256:abc", 5432],
  ["localhost:5000/mysql", 3306],
  ["confluentinc/cp-kafka:7", 9092],
  ["shop/redis-importer", 6379],
  ["shop/orders", null],
  ["mongo-express", null],
])("the image %s is known by its name", (image, port) => {
  expect(knownImage(image)?.port ?? null).toBe(port);
});

it.each([
  ["8080:80", [[null, 8080, 80]]],
  ["127.0.0.1:8080:80/tcp", [["127.0.0.1", 8080, 80]]],
  ["[::1]:1:2", [["::1", 1, 2]]],
  [
    "3000-3002:4000-4002",
    [
      [null, 3000, 4000],
      [null, 3001, 4001],
      [null, 3002, 4002],
    ],
  ],
  ["80", []],
  ["53:53/udp", []],
  ["1-999999999:1-999999999", Array.from({ length: 100 }, (_, n) => [null, n + 1, n + 1])],
])("ports: %s", (text, ports) => {
  expect(publishedPorts(text).map((port) => [port.hostIp, port.hostPort, port.containerPort])).toEqual(ports);
});
