/** Values of each type, and values that are none: what broken copies are made of. */

/** A small valid value of a type; undefined for types that nothing here needs. */
export function sampleOf(type: string): unknown {
  return samples[type];
}

const samples: Readonly<Record<string, unknown>> = {
  string: 'x', markdown: 'x', code: 'x', id: 'x', uri: 'urn:x:y', url: 'http://example.org/x', canonical: 'http://example.org/x', oid: 'urn:oid:1.2.3',
  uuid: 'urn:uuid:6c1a2b46-1d57-4c7a-9f7c-0d2b6f1f3c11', base64Binary: 'eA==', boolean: true, integer: 1, positiveInt: 1, unsignedInt: 1, decimal: 1.5,
  date: '2020-01-01', dateTime: '2020-01-01', instant: '2020-01-01T00:00:00Z', time: '12:00:00', xhtml: '<div xmlns="http://www.w3.org/1999/xhtml">x</div>',
  CodeableConcept: { text: 'x' }, Coding: { display: 'x' }, Identifier: { value: 'x' }, Reference: { display: 'x' }, Period: { start: '2020-01-01' }, Quantity: { value: 1 },
  SimpleQuantity: { value: 1 }, Age: { value: 1, unit: 'a', system: 'http://unitsofmeasure.org', code: 'a' }, Count: { value: 1 }, Distance: { value: 1 },
  Duration: { value: 1, unit: 'd', system: 'http://unitsofmeasure.org', code: 'd' }, Money: { value: 1 }, Range: { low: { value: 1 } }, Ratio: { numerator: { value: 1 }, denominator: { value: 1 } },
  Attachment: { title: 'x' }, Annotation: { text: 'x' }, HumanName: { text: 'x' }, Address: { text: 'x' }, ContactPoint: { system: 'phone', value: '1' }, Timing: { event: ['2020'] },
  SampledData: { origin: { value: 1 }, period: 1, dimensions: 1, data: 'E' }, Extension: { url: 'http://example.org/x', valueString: 'x' }, Meta: { versionId: '1' },
  Narrative: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">x</div>' }, Dosage: { text: 'x' }, ContactDetail: { name: 'x' }, RelatedArtifact: { type: 'citation' },
  UsageContext: { code: { code: 'x' }, valueCodeableConcept: { text: 'x' } }, Expression: { language: 'text/cql', expression: 'x' }, DataRequirement: { type: 'Patient' }, ParameterDefinition: { use: 'in', type: 'string' },
  TriggerDefinition: { type: 'named-event', name: 'x' }, Contributor: { type: 'author', name: 'x' }, Signature: { type: [{ code: 'x' }], when: '2020-01-01T00:00:00Z', who: { display: 'x' } },
  Resource: { resourceType: 'Basic', code: { text: 'x' } }, BackboneElement: { extension: [{ url: 'http://example.org/x', valueString: 'x' }] }, Element: { extension: [{ url: 'http://example.org/x', valueString: 'x' }] },
};

/** What is no value of a primitive type. */
export function malformedOf(type: string): unknown {
  switch (type) {
    case 'boolean': return 'yes';
    case 'integer': case 'decimal': return 'one';
    case 'positiveInt': return 0;
    case 'unsignedInt': return -1;
    case 'date': case 'dateTime': case 'instant': return '31.12.2020';
    case 'time': return 'noon';
    case 'code': return ' a  b ';
    case 'id': return 'a b';
    case 'uri': case 'url': case 'canonical': return 'a b';
    case 'oid': return '1.2';
    case 'uuid': return '6c1a2b46';
    case 'base64Binary': return '§';
    default: return { a: 'string it is not' };
  }
}

/** Another value of the same form. */
export function otherThan(value: unknown): unknown {
  if (typeof value === 'boolean') return !value;
  if (typeof value === 'number' || value instanceof Number) return Number(value) + 1;
  if (typeof value !== 'string') return undefined;
  if (/^\d{4}(-|$)/.test(value)) return value.replace(/^\d{4}/, '1987');
  return value.includes(':') ? `${value}-other` : `other-${value}`.slice(0, 60);
}
