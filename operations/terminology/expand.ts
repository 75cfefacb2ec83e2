/** ValueSet/$expand (https://hl7.org/fhir/R4/valueset-operation-expand.html). */
import type { ValueSet, ValueSetExpansionParameter } from '@medplum/fhirtypes';
import { randomUuid } from '../../fhir/ids.ts';
import { expand, expansionProperty, mostOnPage } from '../../terminology/expand.ts';
import { schemeOf } from '../../terminology/scheme.ts';
import { splitCanonical } from '../../terminology/source.ts';
import { wordsOf } from '../../terminology/words.ts';
import type { Database } from '../../store/database.ts';
import { withTerminology } from '../../store/terminology/stored-source.ts';
import { orRefusal, resourceAnswer } from './answers.ts';
import { assertHonoured, contextNames } from './agreement.ts';
import { invalid, readParameters, type Inputs } from './parameters.ts';
import { broughtAlong, commonNames, expansionParameter, languagesOf, supplementsOf, valueSetOf, versionsOf } from './request.ts';
import type { Operation, OperationAnswer, OperationCall } from '../registry.ts';

/** Told back in the expansion, with the type that they are told as. */
const echoed: ReadonlyMap<string, 'valueBoolean' | 'valueInteger' | 'valueString' | 'valueCode' | 'valueUri'> = new Map([
  ['activeOnly', 'valueBoolean'], ['excludeNested', 'valueBoolean'], ['excludeNotForUI', 'valueBoolean'], ['includeDesignations', 'valueBoolean'], ['includeDefinition', 'valueBoolean'],
  ['count', 'valueInteger'], ['offset', 'valueInteger'], ['filter', 'valueString'], ['designation', 'valueString'],
  ['exclude-system', 'valueUri'],
]);

/** Each word of a filter is a search of its own. */
const longestFilter = 200;

/** All that it takes: TerminologyCapabilities tells them. */
export const expandNames: readonly string[] = [
  'url', 'valueSet', 'valueSetVersion', 'filter', 'offset', 'count', 'includeDesignations', 'designation', 'includeDefinition', 'activeOnly', 'excludeNested', 'excludeNotForUI', 'exclude-system', 'property', ...commonNames,
];

export function expandOperation(database: Database): Operation {
  const names = new Set([...expandNames, 'date', ...contextNames]);
  return {
    code: 'expand', resource: 'ValueSet', levels: ['type', 'instance'], canonical: 'http://hl7.org/fhir/OperationDefinition/ValueSet-expand', byGet: true,
    handle: (call) => orRefusal(() => {
      const inputs = readParameters(call, 'expand', names, { type: 'ValueSet', name: 'valueSet' });
      return withTerminology(database, call.context.access, (stored) => answer(inputs, call, broughtAlong(inputs, stored)));
    }),
  };
}

async function answer(inputs: Inputs, call: OperationCall, source: ReturnType<typeof broughtAlong>): Promise<OperationAnswer> {
  assertHonoured(inputs, call, 'expand');
  const count = inputs.whole('count');
  if (count !== undefined && count > mostOnPage) throw invalid('count', `no more than ${mostOnPage} codes are on one page`);
  if ((inputs.text('filter')?.length ?? 0) > longestFilter) throw invalid('filter', `it is longer than ${longestFilter} characters`);
  // Signs are in no word of the index: to leave them out would find everything.
  const filter = inputs.text('filter')?.trim() ?? '';
  if (filter !== '' && wordsOf([filter]).length === 0) throw invalid('filter', 'it has no letter and no digit');
  const valueSet = await valueSetOf(inputs, call, source, 'expand');
  const languages = languagesOf(inputs, call, valueSet.resource);
  const supplements = await supplementsOf(inputs, source, valueSet.resource);
  const scheme = await schemeOf(valueSet, { source, versions: versionsOf(inputs), activeOnly: inputs.flag('activeOnly') === true, versionsApart: expansionParameter(valueSet.resource, 'versionsMatch') === 'false' });
  const left = inputs.texts('exclude-system').map(splitCanonical);
  const isLeft = (url: string, version: string | undefined): boolean => left.some((one) => one.url === url && (one.version === undefined || one.version === version));
  const versionsMatch = (expansionParameter(valueSet.resource, 'versionsMatch') ?? String(scheme.acrossVersions)) === 'true';
  const offset = inputs.whole('offset') ?? 0;
  const { total, contains, properties, used } = await expand({
    source, scheme: left.length === 0 ? scheme : { ...scheme, parts: scheme.parts.filter(({ system }) => !isLeft(system.url, system.version)), elsewhere: scheme.elsewhere.filter(({ system, version }) => !isLeft(system, version)) },
    filter: inputs.text('filter'), offset, count, languages, versionsMatch,
    includeDesignations: inputs.flag('includeDesignations') ?? false, designations: inputs.texts('designation'), properties: inputs.texts('property'),
    excludeNested: inputs.flag('excludeNested') ?? false, excludeNotForUI: inputs.flag('excludeNotForUI') ?? false, supplements,
  });
  const parameter: ValueSetExpansionParameter[] = [
    ...[...echoed].flatMap(([name, type]) => inputs.texts(name).map((value) => ({ name, [type]: type === 'valueBoolean' ? value === 'true' : type === 'valueInteger' ? Number(value) : value }))),
    ...(languages === undefined ? [] : [{ name: 'displayLanguage', valueCode: languages.text }]),
    ...(versionsMatch ? [{ name: 'versionsMatch', valueBoolean: true }] : []),
    ...[...new Set(used.codeSystems)].map((valueUri) => ({ name: 'used-codesystem', valueUri })),
    ...scheme.imported.map((valueUri) => ({ name: 'used-valueset', valueUri })),
    ...used.supplements.map((valueUri) => ({ name: 'used-supplement', valueUri })),
    ...used.fragments.map((valueUri) => ({ name: 'used-fragment', valueUri })),
  ];
  const unclosed = used.fragments.flatMap((fragment) => [
    { url: 'http://hl7.org/fhir/StructureDefinition/valueset-unclosed', valueBoolean: true },
    { url: 'http://hl7.org/fhir/StructureDefinition/valueset-unclosed-reason', valueString: `This extension is based on a fragment of the code system ${fragment.split('|')[0]!}` },
  ]);
  const told = [...properties].map(([code, uri]) => ({ url: expansionProperty, extension: [{ url: 'code', valueCode: code }, ...(uri === '' ? [] : [{ url: 'uri', valueUri: uri }])] }));
  // An expansion is no version of the value set: its meta is not the stored one's. What explains the definition goes with it.
  const { compose, description, purpose, expansion: _, meta: __, ...head } = valueSet.resource;
  const expanded: ValueSet = {
    ...head,
    ...(inputs.flag('includeDefinition') === true && { ...(description !== undefined && { description }), ...(purpose !== undefined && { purpose }), ...(compose && { compose }) }),
    expansion: {
      ...(unclosed.length + told.length > 0 && { extension: [...unclosed, ...told] }),
      identifier: `urn:uuid:${randomUuid(call.context.random(16))}`, timestamp: call.context.now().toISOString(), total,
      ...(inputs.has('offset') && { offset }), parameter, ...(contains.length > 0 && { contains: [...contains] }),
    },
  };
  return resourceAnswer(expanded);
}
