/** The operations of documentation (Da Vinci DTR), registered with their definitions. */
import type { Operation } from '../registry.ts';
import { assertionContexts, informationRequestContexts } from './contexts.ts';
import { nextQuestionOperation, type NextQuestionSources } from './next-question.ts';
import { packageOperation } from './package-operation.ts';
import { listErrorsOperation, logErrorsOperation } from './questionnaire-errors.ts';

export interface DocumentationSources extends Omit<NextQuestionSources, 'contexts'> {
  /** Told how many errors clients have logged, by severity. */
  readonly onErrorsLogged: (severity: string, count: number) => void;
}

export function documentationOperations(sources: DocumentationSources): readonly Operation[] {
  const { database } = sources;
  const contexts = [informationRequestContexts(database), assertionContexts(database)];
  return [
    packageOperation({ ...sources, contexts }),
    nextQuestionOperation({ ...sources, contexts }),
    logErrorsOperation(database, sources.onErrorsLogged),
    listErrorsOperation(database),
  ];
}
