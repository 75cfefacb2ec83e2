/** The operations of documentation (Da Vinci DTR), registered with their definitions. */
import type { Operation } from '../registry.ts';
import { informationRequestContexts, type ContextSource } from './contexts.ts';
import { nextQuestionOperation, type NextQuestionSources } from './next-question.ts';
import { packageOperation } from './package-operation.ts';

/** @param contexts besides those of prior authorization */
export function documentationOperations(sources: NextQuestionSources, contexts: readonly ContextSource[] = []): readonly Operation[] {
  return [packageOperation({ ...sources, contexts: [informationRequestContexts(sources.database), ...contexts] }), nextQuestionOperation(sources)];
}
