/**
 * Where an extension may stand, by the contexts of its definition.
 * Source: https://hl7.org/fhir/R4/defining-extensions.html#context
 */
import type { StructureTable } from '../tables/structure-table.ts';
import { own, type CompiledExtension } from './check.ts';
import { plainPath } from './site.ts';

/** Whether an extension is among those whose contexts contradict the profiles that use it. */
export type ContextExceptions = ReadonlySet<string>;

export function contextOf(table: StructureTable, exceptions: ContextExceptions): CompiledExtension['allows'] {
  const { context } = table;
  if (context === undefined || context.length === 0 || exceptions.has(table.url)) return () => true;
  // What FHIRPath selects is not looked for; such a context does not stand in the way.
  if (context.some(({ type }) => type === 'fhirpath')) return () => true;
  const elements = context.filter(({ type }) => type === 'element').map(({ expression }) => plainPath(expression.slice(expression.indexOf('#') + 1)));
  const extensions = new Set(context.filter(({ type }) => type === 'extension').map(({ expression }) => expression));
  // Some definitions name the type Extension for the extensions that they may be in.
  return (site, holder) => elements.some((name) => site.names.has(name)) || extensions.has(String(own(holder, 'url'))) && site.names.has('Extension');
}
