/** Templates: values of each request may stand in them. */
export interface NameAndPassword {
  readonly username: string;
  readonly password: string;
}
