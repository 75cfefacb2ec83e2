/** $reindex-status: what of the tenant's resources is being indexed again, and how far that is. */
import type { OperationDefinition } from '@medplum/fhirtypes';
import type { Database } from '../../store/database.ts';
import { readReindexes, type ReindexStatus } from '../../store/jobs/reindex-status.ts';
import { readInputs } from '../inputs.ts';
import { fhirAnswer, type Operation } from '../registry.ts';

const definition: OperationDefinition & { id: string; url: string } = {
  resourceType: 'OperationDefinition',
  id: 'reindex-status',
  url: 'https://priora.health/fhir/OperationDefinition/reindex-status',
  name: 'ReindexStatus',
  title: 'How far indexing again is',
  status: 'active',
  kind: 'operation',
  description: 'A search parameter that is put in force, changed or taken out of it, and a release that indexes differently, have what is stored indexed again in the background. This tells what, and how far it is.',
  affectsState: false,
  code: 'reindex-status',
  system: true,
  type: false,
  instance: false,
  parameter: [
    {
      name: 'reindex', use: 'out', min: 0, max: '*', documentation: 'One for each, the newest first.',
      part: [
        { name: 'what', use: 'out', min: 1, max: '1', type: 'string', documentation: 'The code of the search parameter, or "release" for everything.' },
        { name: 'definition', use: 'out', min: 0, max: '1', type: 'Reference', documentation: 'The SearchParameter.' },
        { name: 'kind', use: 'out', min: 1, max: '1', type: 'code', documentation: 'addition | removal | release' },
        { name: 'state', use: 'out', min: 1, max: '1', type: 'code', documentation: 'waiting | running | done' },
        { name: 'done', use: 'out', min: 1, max: '1', type: 'decimal', documentation: 'Resources that were looked at.' },
        { name: 'total', use: 'out', min: 1, max: '1', type: 'decimal', documentation: 'Resources that there were when it began.' },
        { name: 'changed', use: 'out', min: 1, max: '1', type: 'instant', documentation: 'When it last came further.' },
      ],
    },
  ],
};

export function reindexStatusOperation(database: Database): Operation {
  return {
    code: 'reindex-status', resource: 'Resource', levels: ['system'], canonical: definition.url, byGet: true, definition,
    async handle(call) {
      readInputs(call, 'reindex-status', {});
      const all = await readReindexes(database, call.context.access);
      return { status: 200, mediaType: fhirAnswer, body: JSON.stringify({ resourceType: 'Parameters', ...(all.length > 0 && { parameter: all.map(reported) }) }) };
    },
  };
}

function reported({ definition: id, name, kind, state, done, total, changedAt }: ReindexStatus): object {
  return {
    name: 'reindex',
    part: [
      { name: 'what', valueString: id === undefined ? 'release' : name },
      ...(id === undefined ? [] : [{ name: 'definition', valueReference: { reference: `SearchParameter/${id}` } }]),
      { name: 'kind', valueCode: kind },
      { name: 'state', valueCode: state },
      { name: 'done', valueDecimal: done },
      { name: 'total', valueDecimal: total },
      { name: 'changed', valueInstant: changedAt.toISOString() },
    ],
  };
}
