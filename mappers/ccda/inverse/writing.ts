/** What writing a document has at hand: the Bundle, the issues, ids of the narrative, and how resources are identified. */
import { nameBasedUuid } from '../../../fhir/ids.ts';
import type { MappingIssue } from '../../ledger.ts';
import { isUuid } from '../codes/systems.ts';
import type { Source, SourceBundle, SourceResource } from './source.ts';
import { el, type XmlElement } from './xml.ts';

/** An instance identifier of HL7 v3: a root that is an OID or UUID, and what it gives below that. */
export interface InstanceId {
  readonly root: string;
  readonly extension?: string;
}

/** A row of a narrative table, with the ID by which its entry refers to it. */
export interface Row {
  readonly id: string;
  readonly cells: readonly string[];
}

/** A statement and its rows; no statement where only the narrative can say it. */
export interface Written {
  readonly statement: XmlElement;
  readonly rows: readonly Row[];
}

export class Writing {
  readonly bundle: SourceBundle;
  readonly issues: MappingIssue[] = [];
  /** The document's id: part of the ids of what has none itself. */
  readonly documentId: InstanceId;
  readonly patient: SourceResource | undefined;
  /** Resources that have been written as statements, so that none is written twice. */
  readonly written = new Set<SourceResource>();
  /** The Provenances of each resource, found once. */
  readonly provenances = new Map<SourceResource, Source[]>();
  #rows = 0;

  constructor(bundle: SourceBundle, documentId: InstanceId, patient: SourceResource | undefined) {
    this.bundle = bundle;
    this.documentId = documentId;
    this.patient = patient;
    for (const { source } of bundle.ofType('Provenance')) {
      for (const reference of source.all('target')) {
        const target = bundle.resolve(reference);
        if (target !== undefined) this.provenances.set(target, [...(this.provenances.get(target) ?? []), source]);
      }
    }
  }

  /** The next ID of the narrative. */
  rowId(kind: string): string {
    return `${kind}-${++this.#rows}`;
  }

  /** Something is to be told of a place. The text carries nothing of the data. */
  tell(severity: MappingIssue['severity'], condition: string, text: string, at: Source): void {
    this.issues.push({ severity, code: condition, text, source: at.path });
  }

  /**
   * The id of a resource that has no identifier: the UUID of its fullUrl, else one of its key. A key that is no address
   * means something in this Bundle alone, so the document is part of it; any other gives the same id in every document.
   */
  ownId({ key }: SourceResource, part = ''): InstanceId {
    const uuid = key.replace(/^urn:uuid:/i, '');
    if (part === '' && isUuid(uuid)) return { root: uuid.toLowerCase() };
    const document = /^(?:urn|https?):/i.test(key) ? [] : [this.documentId.root, this.documentId.extension ?? ''];
    return { root: nameBasedUuid('priora:ccda:inverse', JSON.stringify([...document, key, part])) };
  }
}

/** Of a template that has versions, C-CDA 2.1 asks for the one without and the one with the version. */
export function template(root: string, extension?: string): readonly XmlElement[] {
  return extension === undefined ? [el('templateId', { root })] : [el('templateId', { root }), el('templateId', { root, extension })];
}

/** A template of C-CDA by the last part of its number. */
export function ccda(last: string, extension?: string): readonly XmlElement[] {
  return template(`2.16.840.1.113883.10.20.22.4.${last}`, extension);
}

/** A code that follows from the template. */
export function code(name: string, system: 'loinc' | 'snomed' | 'actCode', value: string, displayName?: string): XmlElement {
  const codeSystem = { loinc: '2.16.840.1.113883.6.1', snomed: '2.16.840.1.113883.6.96', actCode: '2.16.840.1.113883.5.4' }[system];
  return el(name, { code: value, codeSystem, displayName });
}

/** Refers from a statement to its row of the narrative. */
export function textReference(id: string): XmlElement {
  return el('text', {}, el('reference', { value: `#${id}` }));
}
