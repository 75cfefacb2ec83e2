/** $reindex-status: what of the tenant's resources is being indexed again, and how far that is. */
import type { OperationDefinition } from '@medplum/fhirtypes';
import sql from 'sql-template-tag';
import type { Database } from '../../store/database.ts';
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

interface Row {
  readonly subject: string;
  readonly kind: string;
  readonly name: string;
  readonly state: string;
  readonly done: string;
  readonly total: string;
  readonly changed_at: Date;
}

/** The newest; what was done long ago is of no interest. */
const most = 100;

export function reindexStatusOperation(database: Database): Operation {
  return {
    code: 'reindex-status', resource: 'Resource', levels: ['system'], canonical: definition.url, byGet: true, definition,
    async handle(call) {
      readInputs(call, 'reindex-status', {});
      const { rows } = await database.query<Row>(sql`
        select subject, kind, name, state, done, total, changed_at from reindex
        where tenant = ${call.context.access.tenant} and (subject <> '' or total > 0 or state <> 'done')
        order by changed_at desc, subject limit ${most}`);
      return { status: 200, mediaType: fhirAnswer, body: JSON.stringify({ resourceType: 'Parameters', ...(rows.length > 0 && { parameter: rows.map(reported) }) }) };
    },
  };
}

function reported(row: Row): object {
  return {
    name: 'reindex',
    part: [
      { name: 'what', valueString: row.subject === '' ? 'release' : row.name },
      ...(row.subject === '' ? [] : [{ name: 'definition', valueReference: { reference: `SearchParameter/${row.subject}` } }]),
      { name: 'kind', valueCode: row.kind },
      { name: 'state', valueCode: row.state },
      { name: 'done', valueDecimal: Number(row.done) },
      { name: 'total', valueDecimal: Number(row.total) },
      { name: 'changed', valueInstant: row.changed_at.toISOString() },
    ],
  };
}
