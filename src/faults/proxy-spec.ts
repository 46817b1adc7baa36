/** A proxy that stands between a service and what it depends on. */
export interface ProxySpec {
  readonly name: string;
  /** host:port where the service connects; port 0 lets the system choose. */
  readonly listen: string;
  readonly upstream: string;
}
