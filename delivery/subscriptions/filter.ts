/**
 * Filters of a Subscription, and the values of an event that they are compared with. Both become `parameter=value`, so
 * that the subscriptions an event concerns are found by an index, however many there are.
 * Source: https://hl7.org/fhir/uv/subscriptions-backport/STU1.1/StructureDefinition-backport-filter-criteria.html
 */
import type { Resource } from '@medplum/fhirtypes';
import { extractSearchValues } from '../../fhir/search-values/extract.ts';
import type { SearchValue, TokenSystemCode } from '../../fhir/search-values/values.ts';
import type { SearchParameterSet } from '../../fhir/search-parameters.ts';
import { Problem } from '../../fhir/problems.ts';
import type { Topic } from './topic.ts';

/** More of either is a list that belongs elsewhere. */
const mostFilters = 20;
const mostValues = 1000;

/** PAS writes its filter in two ways (narrative and topic), so upper case and hyphens do not count. */
const plain = (name: string): string => name.replaceAll('-', '').toLowerCase();

/**
 * Reads `[Type?]parameter=value[,value]`, also with a dot between type and parameter; several joined by `&`.
 * @returns of each filter the values that meet it @throws {Problem} `subscription-filter-unknown`, `subscription-filter-invalid`
 */
export function readFilters(texts: readonly string[], topic: Topic, where: (index: number) => string): string[][] {
  const filters = texts.flatMap((text, index) => text.replace(/^[A-Z]\w*\?/, '').split('&').map((part) => ({ part, index, type: /^([A-Z]\w*)[?.]/.exec(text)?.[1] })));
  if (filters.length > mostFilters) throw new Problem('subscription-filter-invalid', { reason: `there are more than ${mostFilters}` }, where(mostFilters));
  return filters.map(({ part, index, type }) => {
    const equals = part.indexOf('=');
    const name = part.slice(0, Math.max(equals, 0)).replace(/^[A-Z]\w*\./, '');
    const known = topic.filters.find((filter) => plain(filter.parameter) === plain(name) && (type === undefined || filter.type === undefined || filter.type === type));
    if (!known) throw new Problem('subscription-filter-unknown', { offered: [...new Set(topic.filters.map(({ parameter }) => parameter))].join(', ') || 'nothing' }, where(index));
    const values = part.slice(equals + 1).split(/(?<!\\),/).map((value) => value.replaceAll(/\\([,|$\\])/g, '$1').trim());
    if (values.some((value) => value === '') || values.length > mostValues) throw new Problem('subscription-filter-invalid', { reason: `from 1 to ${mostValues} values are expected, with commas between them` }, where(index));
    if (values.some((value) => isNever(value, topic))) throw new Problem('subscription-filter-invalid', { reason: 'a value can never be met' }, where(index));
    return values.map((value) => met(known.parameter, value));
  });
}

/** Wildcards are not known; an identifier of an organization is told by its value, which a system alone does not have. */
function isNever(value: string, { ofAuthorizations }: Topic): boolean {
  return value === '*' || value === '|' || (ofAuthorizations && /^\||\|$/.test(value));
}

export function met(parameter: string, value: string): string {
  return `${plain(parameter)}=${value}`;
}

/** Everything that a filter on this resource may ask for and find. */
export function valuesOf(resource: Resource, topic: Topic, parameters: SearchParameterSet, base: string): string[] {
  const names = new Set(topic.filters.filter(({ type }) => type === undefined || type === resource.resourceType).map(({ parameter }) => parameter));
  if (names.size === 0) return [];
  return extractSearchValues(resource, parameters).flatMap((value) => (names.has(value.parameter.code) ? formsOf(value, base).map((form) => met(value.parameter.code, form)) : []));
}

/** The ways in which a value may be asked for (https://hl7.org/fhir/R4/search.html#token, #reference). */
function formsOf(value: SearchValue, base: string): string[] {
  switch (value.type) {
    case 'token': return tokenForms(value);
    case 'uri': return [value.value];
    case 'reference': {
      const { targetType, targetId, url } = value;
      const local = targetType === undefined || targetId === undefined || url !== undefined ? [] : [`${targetType}/${targetId}`, targetId, `${base}/${targetType}/${targetId}`];
      return [...local, ...(url === undefined ? [] : [url])];
    }
    default: return [];
  }
}

function tokenForms({ system, code }: TokenSystemCode): string[] {
  if (code === undefined) return system === undefined ? [] : [`${system}|`];
  return system === undefined ? [code, `|${code}`] : [code, `${system}|${code}`, `${system}|`];
}
