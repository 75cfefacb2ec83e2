/** Writing later answers as long as the server runs. */
import { readOutboxOn, type OutboxReader } from '../outbox-reader.ts';
import { readerName, readStep } from './read-outbox.ts';
import type { AnswerSurroundings } from './surroundings.ts';

/** Milliseconds. */
const lookEvery = 5000;

export function runLaterAnswers(surroundings: AnswerSurroundings): OutboxReader {
  const { database, observer } = surroundings;
  return readOutboxOn({
    database, name: readerName, lookEvery,
    step: () => readStep(surroundings),
    fault: (error) => observer.fault(error),
  });
}
