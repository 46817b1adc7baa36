/** A data file that holds no rows. The message follows the file's name: "has no rows". */
export class FeedProblem extends Error {
  readonly help: string;

  constructor(message: string, help: string) {
    super(message);
    this.help = help;
  }
}
