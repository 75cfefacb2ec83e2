/**
 * Questions of one kind that come within one turn of the event loop, answered by one statement.
 *
 * What a code costs is hardly its row: it is the statement around it, for PostgreSQL (three fifths) as for the driver.
 * When the server is busy many requests are read in one turn, so that a statement is shared by more of them the more
 * there is to do; one that comes alone does not wait for another.
 */

/** Questions in one statement. What comes behind it on its lane waits for all of them. */
const most = 200;

interface Turn {
  readonly questions: unknown[];
  readonly waiting: { readonly resolve: (answer: unknown) => void; readonly reject: (error: unknown) => void }[];
}

export class Together {
  readonly #open = new Map<string, Turn>();

  /**
   * @param kind questions of one kind can be answered together, by whichever of their `answer`
   * @param answer gives the answers in the order of the questions; when it fails, all of them fail
   */
  ask<Q, A>(kind: string, question: Q, answer: (questions: readonly Q[]) => Promise<readonly A[]>): Promise<A> {
    let turn = this.#open.get(kind);
    if (turn === undefined || turn.questions.length >= most) {
      const next: Turn = { questions: [], waiting: [] };
      this.#open.set(kind, turn = next);
      setImmediate(() => {
        if (this.#open.get(kind) === next) this.#open.delete(kind);
        void answerAll(next, answer as (questions: readonly unknown[]) => Promise<readonly unknown[]>);
      });
    }
    const { questions, waiting } = turn;
    questions.push(question);
    return new Promise<A>((resolve, reject) => { waiting.push({ resolve: resolve as (answer: unknown) => void, reject }); });
  }
}

async function answerAll({ questions, waiting }: Turn, answer: (questions: readonly unknown[]) => Promise<readonly unknown[]>): Promise<void> {
  try {
    const answers = await answer(questions);
    for (const [index, { resolve }] of waiting.entries()) resolve(answers[index]);
  } catch (error) {
    for (const { reject } of waiting) reject(error);
  }
}
