/** What statements of a document become, where it is easy to get it wrong: negation, absence, repetition, times, units. */
import { readClinicalDocument } from '../../../mappers/ccda/index.ts';
import { convert, patient, resources, section, template } from './build.ts';

const loinc = 'codeSystem="2.16.840.1.113883.6.1"';
const snomed = 'codeSystem="2.16.840.1.113883.6.96"';
const assertion = '<code code="ASSERTION" codeSystem="2.16.840.1.113883.5.4"/>';
const author = '<author><time value="20200102030405-0500"/><assignedAuthor><id root="2.16.840.1.113883.4.6" extension="1234567893"/><assignedPerson><name><given>D</given><family>Octor</family></name></assignedPerson></assignedAuthor></author>';

const problem = (value: string, more = '', negation = ''): string => `<act classCode="ACT" moodCode="EVN">${template('3')}<statusCode code="active"/><entryRelationship typeCode="SUBJ"><observation classCode="OBS" moodCode="EVN" ${negation}>${template('4')}<id root="2.16.840.1.113883.19.6" extension="1"/>${assertion}<statusCode code="completed"/>${value}${more}</observation></entryRelationship></act>`;
const allergy = (parts: string, negation = ''): string => `<act classCode="ACT" moodCode="EVN">${template('30')}<statusCode code="active"/><entryRelationship typeCode="SUBJ"><observation classCode="OBS" moodCode="EVN" ${negation}>${template('7')}${assertion}<statusCode code="completed"/>${parts}</observation></entryRelationship></act>`;
const vital = (code: string, value: string): string => `<component><observation classCode="OBS" moodCode="EVN">${template('27')}<code code="${code}" ${loinc}/><statusCode code="completed"/><effectiveTime value="20200101"/>${value}</observation></component>`;

describe('what is not known', () => {
  test('a template that nobody knows stays in the narrative, is told, and stops nothing', () => {
    const mapping = convert({ body: section('11450-4', ['<observation classCode="OBS" moodCode="EVN"><templateId root="1.2.3"/><code code="1"/></observation>', problem(`<value xsi:type="CD" code="38341003" ${snomed}/>`)], 'Kept words') });
    expect(mapping.issues).toContainEqual(expect.objectContaining({ code: 'unknown-template', line: expect.any(Number), source: '/ClinicalDocument/component/structuredBody/component/section/entry[1]/observation' }));
    expect(resources(mapping, 'Condition')).toHaveLength(1);
    expect(resources(mapping, 'Composition')[0]!.section![0]!.text!.div).toContain('Kept words');
    expect(mapping.unmapped).toContainEqual(expect.objectContaining({ source: expect.stringMatching(/observation\/code\/@code$/), reason: 'the template is not known' }));
  });

  test('a null flavor is a reason for absence and no value', () => {
    const [condition] = resources(convert({ body: section('11450-4', [problem('<value xsi:type="CD" nullFlavor="ASKU"/>')]) }), 'Condition');
    expect(condition!.code).toEqual({ extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'asked-unknown' }] });
    expect(condition!.meta).toBeUndefined();
  });

  test('a code that its system has not keeps the OID, a name that the system has not is words', () => {
    const [person] = resources(convert({ header: patient.replace('</patient>', '<maritalStatusCode code="NEVER" codeSystem="2.16.840.1.113883.5.2" displayName="Single"/></patient>') }), 'Patient');
    expect(person!.maritalStatus).toEqual({ coding: [{ system: 'urn:oid:2.16.840.1.113883.5.2', code: 'NEVER', display: 'Single' }] });
    const [other] = resources(convert({ header: patient.replace('</patient>', '<maritalStatusCode code="S" codeSystem="2.16.840.1.113883.5.2" displayName="Single"/></patient>') }), 'Patient');
    expect(other!.maritalStatus).toEqual({ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-MaritalStatus', code: 'S' }], text: 'Single' });
  });
});

describe('what is denied', () => {
  test('no known allergies, by the kind of allergy', () => {
    const [none] = resources(convert({ body: section('48765-2', [allergy(`<value xsi:type="CD" code="416098002" ${snomed}/><participant typeCode="CSM"><participantRole classCode="MANU"><playingEntity classCode="MMAT"><code nullFlavor="NA"/></playingEntity></participantRole></participant>`, 'negationInd="true"')]) }), 'AllergyIntolerance');
    expect(none!.code).toEqual({ coding: [{ system: 'http://snomed.info/sct', code: '409137002' }] });
  });

  test('an allergy to one substance that is denied is refuted', () => {
    const [refuted] = resources(convert({ body: section('48765-2', [allergy(`<value xsi:type="CD" code="416098002" ${snomed}/><participant typeCode="CSM"><participantRole classCode="MANU"><playingEntity classCode="MMAT"><code code="7980" codeSystem="2.16.840.1.113883.6.88"/></playingEntity></participantRole></participant>`, 'negationInd="true"')]) }), 'AllergyIntolerance');
    expect([refuted!.code!.coding![0]!.code, refuted!.verificationStatus!.coding![0]!.code]).toEqual(['7980', 'refuted']);
  });

  test('no problems at all is not a problem that is denied', () => {
    const status = (code: string): unknown => {
      const [condition] = resources(convert({ body: section('11450-4', [problem(`<value xsi:type="CD" code="${code}" ${snomed}/>`, '', 'negationInd="true"')]) }), 'Condition');
      return [condition!.code!.coding![0]!.code, condition!.verificationStatus!.coding![0]!.code];
    };
    expect(status('55607006')).toEqual(['160245001', 'confirmed']);
    expect(status('38341003')).toEqual(['38341003', 'refuted']);
  });

  test('a vaccination that was refused is not done, with the reason', () => {
    const [refused] = resources(convert({ body: section('11369-6', [`<substanceAdministration classCode="SBADM" moodCode="EVN" negationInd="true">${template('52')}<statusCode code="completed"/><effectiveTime value="20200101"/><consumable><manufacturedProduct>${template('54')}<manufacturedMaterial><code code="88" codeSystem="2.16.840.1.113883.12.292"/></manufacturedMaterial></manufacturedProduct></consumable><entryRelationship typeCode="RSON"><observation classCode="OBS" moodCode="EVN">${template('53')}<code code="PATOBJ" codeSystem="2.16.840.1.113883.5.8"/><statusCode code="completed"/></observation></entryRelationship></substanceAdministration>`]) }), 'Immunization');
    expect([refused!.status, refused!.statusReason!.coding![0]!.code]).toEqual(['not-done', 'PATOBJ']);
  });
});

describe('times', () => {
  const onset = (low: string, offset?: string): unknown => {
    const mapping = convert({ body: section('11450-4', [problem(`<effectiveTime><low value="${low}"/></effectiveTime><value xsi:type="CD" code="38341003" ${snomed}/>`)]) }, offset === undefined ? {} : { offset });
    return [resources(mapping, 'Condition')[0]!.onsetDateTime, mapping.issues.map(({ code }) => code)];
  };
  test('an offset is never made up: without one the day is said, and told', () => {
    expect(onset('202001021530')).toEqual(['2020-01-02', ['offset-missing']]);
    expect(onset('202001021530', '-05:00')).toEqual(['2020-01-02T15:30:00-05:00', []]);
  });
  test.each([['2020', '2020'], ['202002', '2020-02'], ['20200102', '2020-01-02'], ['2020010215', '2020-01-02'], ['20200102153000.123+0100', '2020-01-02T15:30:00.123+01:00']])('%s is %s', (sent, said) => {
    expect((onset(sent) as readonly unknown[])[0]).toBe(said);
  });
  test.each(['20201301', '20200230', 'yesterday', '0000', '202001022560+0000'])('%s is no time', (sent) => {
    expect(onset(sent)).toEqual([undefined, ['date-unreadable']]);
  });
});

describe('vital signs', () => {
  const panel = (components: string): ReturnType<typeof convert> => convert({ body: section('8716-3', [`<organizer classCode="CLUSTER" moodCode="EVN">${template('26')}<code code="46680005" ${snomed}/><statusCode code="completed"/><effectiveTime value="20200101"/>${components}</organizer>`]) });

  test('two pressures are one blood pressure', () => {
    const observations = resources(panel(vital('8480-6', '<value xsi:type="PQ" value="120" unit="mm[Hg]"/>') + vital('8462-4', '<value xsi:type="PQ" value="80" unit="mmHg"/>')), 'Observation');
    expect(new Set(observations.map(({ code }) => code.coding![0]!.code))).toEqual(new Set(['85353-1', '85354-9']));
    const pressure = observations.find(({ component }) => component !== undefined)!;
    expect(pressure.component!.map(({ valueQuantity }) => [valueQuantity!.value, valueQuantity!.code])).toEqual([[120, 'mm[Hg]'], [80, 'mm[Hg]']]);
    expect(pressure.meta!.profile).toEqual(['http://hl7.org/fhir/us/core/StructureDefinition/us-core-blood-pressure']);
  });

  test('a unit that FHIR has not for a vital sign: the value stays, the code is not FHIR\'s', () => {
    const weight = resources(panel(vital('29463-7', '<value xsi:type="PQ" value="12" unit="[stone_av]"/>')), 'Observation').find(({ valueQuantity }) => valueQuantity !== undefined);
    expect([weight!.code.coding![0]!.system, weight!.valueQuantity!.value, weight!.valueQuantity!.unit]).toEqual(['urn:oid:2.16.840.1.113883.6.1', 12, '[stone_av]']);
  });

  test('digits of a decimal are kept', () => {
    const mapping = convert({ body: section('30954-2', [`<observation classCode="OBS" moodCode="EVN">${template('2')}<code code="2823-3" ${loinc}/><statusCode code="completed"/><effectiveTime value="20200101"/><value xsi:type="PQ" value="4.10" unit="mmol/L"/></observation>`]) });
    expect(String(resources(mapping, 'Observation')[0]!.valueQuantity!.value)).toBe('4.10');
  });
});

describe('the same thing twice', () => {
  test('an encounter of header and section with one id is one resource', () => {
    const mapping = convert({
      header: `${patient}<componentOf><encompassingEncounter><id root="2.16.840.1.113883.19" extension="E1"/><effectiveTime><low value="20200101"/></effectiveTime></encompassingEncounter></componentOf>`,
      body: section('46240-8', [`<encounter classCode="ENC" moodCode="EVN">${template('49')}<id root="2.16.840.1.113883.19" extension="E1"/><code code="99213" codeSystem="2.16.840.1.113883.6.12"/><effectiveTime value="20200101"/></encounter>`]),
    });
    expect(resources(mapping, 'Encounter')).toHaveLength(1);
    expect(resources(mapping, 'Encounter')[0]!.type![0]!.coding![0]!.code).toBe('99213');
  });

  test('one id for two different problems names none of them alone', () => {
    const mapping = convert({ body: section('11450-4', [problem(`<value xsi:type="CD" code="38341003" ${snomed}/>`), problem(`<value xsi:type="CD" code="44054006" ${snomed}/>`)]) });
    expect(resources(mapping, 'Condition').map(({ code }) => code!.coding![0]!.code)).toEqual(['38341003', '44054006']);
    expect(mapping.issues).toContainEqual(expect.objectContaining({ code: 'id-reused' }));
  });

  test('the same problem in two sections is one resource', () => {
    const same = problem(`<value xsi:type="CD" code="38341003" ${snomed}/>`);
    const mapping = convert({ body: section('11450-4', [same]) + section('11348-0', [same]) });
    expect(resources(mapping, 'Condition')).toHaveLength(1);
    expect(resources(mapping, 'Composition')[0]!.section!.map(({ entry }) => entry!.length)).toEqual([1, 1]);
  });
});

describe('authors', () => {
  test('who wrote a statement down and when is a Provenance of it', () => {
    const mapping = convert({ body: section('11450-4', [problem(`<value xsi:type="CD" code="38341003" ${snomed}/>`, author)]) });
    const condition = mapping.bundle.entry!.find(({ resource }) => resource?.resourceType === 'Condition')!;
    const [provenance] = resources(mapping, 'Provenance');
    expect([provenance!.recorded, provenance!.target]).toEqual(['2020-01-02T03:04:05-05:00', [{ reference: condition.fullUrl }]]);
    expect(mapping.ledger).toContainEqual(expect.objectContaining({ path: expect.stringMatching(/\.recorded$/), rule: 'author/time', source: expect.stringMatching(/author\/time\/@value$/) }));
  });
});

describe('narrative', () => {
  test('what would run in a page does not, and its words stay', () => {
    const mapping = convert({ body: section('11450-4', [], '<list><item ID="p1">Asthma</item></list><linkHtml href="javascript:alert(1)">click</linkHtml><script>run()</script><content onclick="x()" styleCode="Bold">b</content>') });
    const { div } = resources(mapping, 'Composition')[0]!.section![0]!.text!;
    expect(div).toBe('<div xmlns="http://www.w3.org/1999/xhtml"><ul><li id="p1">Asthma</li></ul><span>click</span><span>run()</span><span style="font-weight: bold">b</span></div>');
  });

  test('words of a code are those that its reference leads to', () => {
    const mapping = convert({ body: section('11450-4', [problem(`<value xsi:type="CD" code="195967001" ${snomed}><originalText><reference value="#p1"/></originalText></value>`)], '<list><item ID="p1">Asthma,\n mild</item></list>') });
    expect(resources(mapping, 'Condition')[0]!.code!.text).toBe('Asthma, mild');
  });
});

test('a policy is a Coverage with payer, member and order', () => {
  const policy = `<act classCode="ACT" moodCode="EVN">${template('60')}<entryRelationship typeCode="COMP"><sequenceNumber value="1"/><act classCode="ACT" moodCode="EVN">${template('61')}<id root="2.16.840.1.113883.19.8" extension="G7"/><code code="81" codeSystem="2.16.840.1.113883.3.221.5"/><statusCode code="completed"/><performer typeCode="PRF">${template('87')}<assignedEntity><id root="2.16.840.1.113883.6.300" extension="12345"/><representedOrganization><name>Good Health</name></representedOrganization></assignedEntity></performer><participant typeCode="COV">${template('89')}<participantRole classCode="PAT"><id root="2.16.840.1.113883.19.9" extension="M1"/><code code="SELF" codeSystem="2.16.840.1.113883.5.111"/></participantRole></participant></act></entryRelationship></act>`;
  const mapping = convert({ body: section('48768-6', [policy]) });
  expect(resources(mapping, 'Coverage')[0]).toMatchObject({ status: 'active', order: 1, subscriberId: 'M1', relationship: { coding: [{ code: 'self' }, {}] }, class: [{ value: 'G7' }] });
  expect(resources(mapping, 'Organization')[0]).toMatchObject({ name: 'Good Health', identifier: [{ value: '12345' }] });
});

test('an unstructured body is a document with its bytes', () => {
  const text = '<ClinicalDocument xmlns="urn:hl7-org:v3"><id root="2.16.840.1.113883.19.5.99999.1" extension="D2"/><setId root="2.16.840.1.113883.19.7" extension="S1"/><versionNumber value="3"/><code code="34133-9" codeSystem="2.16.840.1.113883.6.1"/><effectiveTime value="20200101"/><component><nonXMLBody><text mediaType="application/pdf" representation="B64">JVBE\nRi0x</text></nonXMLBody></component></ClinicalDocument>';
  const mapping = readClinicalDocument(Buffer.from(text));
  expect(resources(mapping, 'DocumentReference')[0]!.content[0]!.attachment).toEqual({ data: 'JVBERi0x', contentType: 'application/pdf' });
  expect(mapping.acknowledgement).toEqual({ outcome: 'mapped', document: { root: '2.16.840.1.113883.19.5.99999.1', extension: 'D2' }, set: { root: '2.16.840.1.113883.19.7', extension: 'S1' }, version: 3 });
});
