/** Ports that Kafka brokers listen on unless told otherwise. */
const KAFKA_PORTS = /:909[2-4]$/;

/**
 * Some clients use the address that they are given only to ask the server where to go. The proxy then sees the first
 * question and nothing else.
 * @returns what to set, for an upstream (host:port) with such clients; null for any other upstream.
 */
export function advertisedAddressHint(upstream: string): string | null {
  return KAFKA_PORTS.test(upstream)
    ? "Kafka's clients go on to the address that the broker advertises: set its advertised.listeners to the proxy's address."
    : null;
}
