/** Questions to a thread, and its answers by their number. */
export class ThreadQuestions<Question, Answer> {
  readonly #send: (message: NumberedQuestion<Question>) => void;
  readonly #waiting = new Map<number, { resolve(answer: Answer): void; reject(error: Error): void }>();
  #asked = 0;
  #ended: Error | null = null;

  constructor(send: (message: NumberedQuestion<Question>) => void) {
    this.#send = send;
  }

  ask(question: Question): Promise<Answer> {
    const id = ++this.#asked;
    return new Promise((resolve, reject) => {
      if (this.#ended) return reject(this.#ended);
      this.#waiting.set(id, { resolve, reject });
      this.#send({ id, question });
    });
  }

  answered(id: number, answer: Answer): void {
    this.#waiting.get(id)?.resolve(answer);
    this.#waiting.delete(id);
  }

  /** The thread is gone: nobody waits for an answer any more. */
  end(error: Error): void {
    this.#ended = error;
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}

export interface NumberedQuestion<Question> {
  readonly id: number;
  readonly question: Question;
}
