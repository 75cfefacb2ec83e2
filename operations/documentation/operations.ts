/** The operations of documentation (Da Vinci DTR), registered with their definitions. */
import type { Operation } from '../registry.ts';
import { informationRequestContexts, type ContextSource } from './contexts.ts';
import { packageOperation, type PackageSources } from './package-operation.ts';

/** @param contexts besides those of prior authorization */
export function documentationOperations(sources: Omit<PackageSources, 'contexts'>, contexts: readonly ContextSource[] = []): readonly Operation[] {
  return [packageOperation({ ...sources, contexts: [informationRequestContexts(sources.database), ...contexts] })];
}
