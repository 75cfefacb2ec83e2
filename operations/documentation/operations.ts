/** The operations of documentation (Da Vinci DTR), registered with their definitions. */
import type { Operation } from '../registry.ts';
import { assertionContexts, informationRequestContexts } from './contexts.ts';
import { nextQuestionOperation, type NextQuestionSources } from './next-question.ts';
import { packageOperation } from './package-operation.ts';
import { listErrorsOperation, logErrorsOperation } from './questionnaire-errors.ts';

export interface DocumentationSources extends NextQuestionSources {
  /** Told how many errors clients have logged, by severity. */
  readonly onErrorsLogged: (severity: string, count: number) => void;
}

export function documentationOperations(sources: DocumentationSources): readonly Operation[] {
  const { database } = sources;
  return [
    packageOperation({ ...sources, contexts: [informationRequestContexts(database), assertionContexts(database)] }),
    nextQuestionOperation(sources),
    logErrorsOperation(database, sources.onErrorsLogged),
    listErrorsOperation(database),
  ];
}
