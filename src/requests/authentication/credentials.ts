/** Templates: values of each request may stand in them. */
export interface Credentials {
  readonly username: string;
  readonly password: string;
}
