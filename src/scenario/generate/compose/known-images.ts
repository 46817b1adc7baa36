/** Dependencies that are known by their image: where they listen, and what a proxy before them needs. */

export interface KnownImage {
  /** Its TCP port. */
  readonly port: number;
  /** What else has to be set before its clients go through a proxy. */
  readonly caution?: string;
}

const ADVERTISED = "It tells its clients where to go on: set its advertised address to that of the proxy.";
const QUEUE_URL =
  "Its SDK goes to the host of the queue's URL: give it the proxy's address as its endpoint, too.";

/** By the last part of the image's name, without its tag. The first that fits. */
const IMAGES: readonly (readonly [name: RegExp, known: KnownImage])[] = [
  [/^(redis|valkey|keydb|dragonfly)\b/, { port: 6379 }],
  [/^memcached\b/, { port: 11_211 }],
  [/^(postgres|postgresql|postgis|timescaledb|pgvector|pgbouncer)\b/, { port: 5432 }],
  [/^(mysql|mariadb|percona)\b/, { port: 3306 }],
  [/^(mongo|mongodb)(-community-server)?$/, { port: 27_017 }],
  [/^cockroach/, { port: 26_257 }],
  [/^(cassandra|scylla)\b/, { port: 9042 }],
  [/^clickhouse/, { port: 8123 }],
  [/^(elasticsearch|opensearch)$/, { port: 9200 }],
  [/^(influxdb)\b/, { port: 8086 }],
  [/^neo4j\b/, { port: 7687 }],
  [/^rabbitmq\b/, { port: 5672 }],
  [/^(kafka|cp-kafka|cp-server|redpanda)$/, { port: 9092, caution: ADVERTISED }],
  [/^zookeeper\b|^cp-zookeeper$/, { port: 2181 }],
  [/^nats\b/, { port: 4222 }],
  [/^(activemq|artemis)/, { port: 61_616 }],
  [/^pulsar/, { port: 6650, caution: ADVERTISED }],
  [/^(eclipse-)?mosquitto$/, { port: 1883 }],
  [/^elasticmq/, { port: 9324, caution: QUEUE_URL }],
  [/^localstack/, { port: 4566, caution: QUEUE_URL }],
  [/^minio$/, { port: 9000 }],
  [/^etcd$/, { port: 2379 }],
  [/^consul$/, { port: 8500 }],
  [/^vault$/, { port: 8200 }],
  [/^(mailhog|mailpit|maildev)$/, { port: 1025 }],
];

/** Programs that watch others or show them. Nobody tests these. */
const TOOLS =
  /^(prometheus|grafana|jaeger|all-in-one|zipkin|adminer|pgadmin4|phpmyadmin|mongo-express|redis-commander|kafka-ui|portainer|portainer-ce|watchtower|alertmanager|opentelemetry-collector(-contrib)?|kibana|opensearch-dashboards|loki|tempo|cadvisor|node-exporter)$/;

/** @param image such as "docker.io/bitnami/redis:7.2@sha256:…". @returns null when it is not known. */
export function knownImage(image: string): KnownImage | null {
  const name = imageName(image);
  return IMAGES.find(([pattern]) => pattern.test(name))?.[1] ?? null;
}

/** Whether the image is a tool beside the system, such as a dashboard. */
export function isTool(image: string): boolean {
  return TOOLS.test(imageName(image));
}

function imageName(image: string): string {
  const path = image.replace(/@.*$/, "").split("/");
  return (path.at(-1) ?? "").replace(/:.*$/, "").toLowerCase();
}

/** The port of a URL that does not name one. */
const SCHEME_PORTS: Readonly<Record<string, number>> = {
  redis: 6379,
  postgres: 5432,
  postgresql: 5432,
  mysql: 3306,
  mariadb: 3306,
  mongodb: 27_017,
  amqp: 5672,
  nats: 4222,
  kafka: 9092,
  mqtt: 1883,
  http: 80,
  https: 443,
};

/** @returns null when the scheme is not known. */
export function schemePort(scheme: string): number | null {
  return SCHEME_PORTS[scheme.toLowerCase()] ?? null;
}
