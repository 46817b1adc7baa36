/** What is known of a journey that goes on. Times in µs on the threads' common clock. */
export class JourneyClock {
  /** When its first step was due. NaN: none was. */
  beganUs = Number.NaN;
  /** Think times, which are the user's own. */
  thoughtUs = 0;
  /** How late the generator was with its steps, in all. */
  lagUs = 0;
  /** When the step that is asked again and again was first due. NaN: there is none now. */
  askedSinceUs = Number.NaN;
  askedLagUs = 0;

  /** A step is due. */
  due(dueUs: number, asksAgain: boolean): void {
    if (Number.isNaN(this.beganUs)) this.beganUs = dueUs;
    if (asksAgain && Number.isNaN(this.askedSinceUs)) this.askedSinceUs = dueUs;
  }

  /** The step is asked again. `lagUs`: how late the generator was with it this time. */
  askedAgain(lagUs: number): void {
    this.lagUs += lagUs;
    this.askedLagUs += lagUs;
  }

  /** The step is not asked again. */
  asked(): void {
    this.askedSinceUs = Number.NaN;
    this.askedLagUs = 0;
  }
}
