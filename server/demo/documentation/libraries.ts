/**
 * The CQL of the demo's questionnaires as Libraries: the text that people read and the ELM that clients run
 * (scripts/translate-cql.mjs makes the second of the first).
 */
import { readFileSync } from 'node:fs';
import type { Library } from '@medplum/fhirtypes';
import { formsVersion, libraryUrl } from './names.ts';

interface LibraryText {
  readonly name: string;
  readonly title: string;
  readonly includes: readonly string[];
}

const texts: readonly LibraryText[] = [
  { name: 'PrioraObservations', title: 'The latest of some measurements', includes: [] },
  { name: 'PrioraHomeOxygen', title: 'What a chart tells about the need for oxygen at home', includes: ['PrioraObservations'] },
  { name: 'PrioraSleepApnea', title: 'What a chart tells about sleep apnea', includes: ['PrioraObservations'] },
  { name: 'PrioraMobility', title: 'What a chart tells about mobility', includes: ['PrioraObservations'] },
  { name: 'PrioraDelivery', title: 'Where something is to be delivered', includes: [] },
];

export function demoLibraries(): (Library & { id: string })[] {
  return texts.map(({ name, title, includes }) => ({
    resourceType: 'Library', id: `demo-${name.toLowerCase()}`, url: libraryUrl(name), version: formsVersion, name, title, status: 'active', experimental: true,
    type: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/library-type', code: 'logic-library' }] }, publisher: 'Demo Health Plan',
    ...(includes.length > 0 && { relatedArtifact: includes.map((included) => ({ type: 'depends-on' as const, resource: `${libraryUrl(included)}|${formsVersion}` })) }),
    content: [{ contentType: 'text/cql', data: encoded(`${name}.cql`) }, { contentType: 'application/elm+json', data: encoded(`${name}.elm.json`) }],
  }));
}

function encoded(file: string): string {
  return readFileSync(new URL(file, import.meta.url)).toString('base64');
}
