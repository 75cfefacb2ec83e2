/**
 * Distills published FHIR packages to the few facts that search and the check of JSON shape need: names, types,
 * expressions and which elements repeat; no prose.
 *
 *   node scripts/distill-search-parameters.mjs hl7.fhir.r4.core-4.0.1.tgz [more.tgz ...]
 *
 * The first package is the core of the release; later ones add search parameters the core does not have.
 * Writes to fhir/r4/: resource-types.json, element-types.json, repeating-elements.json, marked-elements.json, search-parameters.json, compartments.json.
 * What is left out or corrected is listed on standard output.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

const target = new URL('../fhir/r4/', import.meta.url);
const compartmentsWanted = ['Patient', 'Encounter', 'Practitioner', 'RelatedPerson', 'Device'];

/** Examples in the core package that are no part of the specification. */
const examples = new Set(['example', 'example-extension', 'example-reference']);

/** Extension elements whose search parameters name the extension and forget its value, by parameter id, and their right address. */
const extensionAddresses = {
  'device-extensions-Device-din': 'http://hl7.org/fhir/StructureDefinition/device-din',
  'patient-extensions-Patient-mothersMaidenName': 'http://hl7.org/fhir/StructureDefinition/patient-mothersMaidenName',
  'diagnosticreport-genetic-DiagnosticReport-assessed-condition': 'http://hl7.org/fhir/StructureDefinition/DiagnosticReport-geneticsAssessedCondition',
  'observation-genetic-Observation-amino-acid-change': 'http://hl7.org/fhir/StructureDefinition/observation-geneticsAminoAcidChangeName',
  'observation-genetic-Observation-dna-variant': 'http://hl7.org/fhir/StructureDefinition/observation-geneticsDnaVariant',
  'observation-genetic-Observation-gene-amino-acid-change': 'http://hl7.org/fhir/StructureDefinition/observation-geneticsAminoAcidChangeName',
  'observation-genetic-Observation-gene-dnavariant': 'http://hl7.org/fhir/StructureDefinition/observation-geneticsDnaVariant',
  'observation-genetic-Observation-gene-identifier': 'http://hl7.org/fhir/StructureDefinition/observation-geneticsGene',
};

/** Published expressions that cannot work as written, by parameter id; later releases of FHIR correct most of them the same way. */
const corrections = {
  // The entry's resource may be anything; only the named type is what the parameter is about.
  'Bundle-composition': 'Bundle.entry[0].resource.as(Composition)',
  'Bundle-message': 'Bundle.entry[0].resource.as(MessageHeader)',
  // Paths without the resource type they start from.
  'InsurancePlan-name': 'InsurancePlan.name | InsurancePlan.alias',
  // hasExtension() is no FHIRPath function.
  'questionnaireresponse-extensions-QuestionnaireResponse-item-subject':
    "QuestionnaireResponse.item.where(extension('http://hl7.org/fhir/StructureDefinition/questionnaireresponse-isSubject').exists()).answer.value.ofType(Reference)",
};
for (const [id, address] of Object.entries(extensionAddresses)) {
  const type = id.split('-').at(2);
  corrections[id] = `${type}.extension('${address}').value`;
}

/** Components that cannot work as published, by the id of their composite. */
const componentCorrections = {
  // System types where FHIR types are meant.
  'Observation-code-value-date': ['code', 'value.as(dateTime) | value.as(Period)'],
  // The expressions of the two components are exchanged.
  'DocumentReference-relationship': ['target', 'code'],
};

const notes = [];

/** The JSON resources of a package, by a reader of the two tar header fields that matter here (POSIX ustar: name, size). */
function resourcesOf(packageFile) {
  const tar = gunzipSync(readFileSync(packageFile));
  const wanted = /^package\/(?:SearchParameter|StructureDefinition|CompartmentDefinition)-[^/]*\.json$/;
  const found = [];
  for (let at = 0; at + 512 <= tar.length && tar[at] !== 0; ) {
    const name = tar.toString('latin1', at, at + 100).replace(/\0.*$/s, '');
    const size = Number.parseInt(tar.toString('latin1', at + 124, at + 136), 8);
    if (wanted.test(name)) found.push(JSON.parse(tar.toString('utf8', at + 512, at + 512 + size)));
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return found;
}

const lastPart = (url) => url?.replace(/^.*\//, '');
const byName = (a, b) => (a < b ? -1 : a > b ? 1 : 0);

function typeNameOf(type) {
  if (!type.code.startsWith('http://hl7.org/fhirpath/System.')) return type.code;
  const declared = type.extension?.find((one) => one.url.endsWith('structuredefinition-fhir-type'));
  return declared?.valueUrl ?? declared?.valueUri ?? 'string';
}

/**
 * Each type's base and own elements: `{ Type: [base, { element: type, choice: [types] }] }`; nested structures are types named by their path.
 * And which of a type's own elements repeat: `{ Type: [element] }`; types without any are left out.
 * And which are marked, each way by itself: `{ Type: { summary, mandatory, modifier } }`, each a list of elements; empty ones are left out.
 */
function elementsOf(definitions) {
  const table = {};
  const repeating = {};
  const marked = {};
  for (const definition of definitions.toSorted((a, b) => byName(a.type, b.type))) {
    const base = lastPart(definition.baseDefinition) ?? null;
    table[definition.type] = [base, {}];
    if (definition.kind === 'primitive-type') continue;
    const inherited = new Set();
    for (let name = base; name; ) {
      const parent = definitions.find((one) => one.type === name);
      for (const element of parent.snapshot.element) inherited.add(element.path.slice(name.length + 1));
      name = lastPart(parent.baseDefinition);
    }
    for (const element of definition.snapshot.element) {
      const path = element.path.split('.');
      if (path.length === 1 || (path.length === 2 && inherited.has(path[1]))) continue;
      const owner = path.slice(0, -1).join('.');
      const name = path.at(-1);
      if (path.length > 2 && ['id', 'extension', 'modifierExtension'].includes(name)) continue;
      const nested = element.type?.length === 1 && ['BackboneElement', 'Element'].includes(element.type[0].code);
      if (nested) table[element.path] = [element.type[0].code, {}];
      const type = element.contentReference
        ? element.contentReference.replace(/^.*#/, '')
        : nested
          ? element.path
          : name.endsWith('[x]')
            ? [...new Set(element.type.map(typeNameOf))].toSorted(byName)
            : typeNameOf(element.type[0]);
      table[owner][1][name.replace('[x]', '')] = type;
      if (element.max !== '0' && element.max !== '1') (repeating[owner] ??= []).push(name);
      const marks = { summary: element.isSummary === true, mandatory: element.min > 0, modifier: element.isModifier === true };
      for (const mark of Object.keys(marks)) if (marks[mark]) ((marked[owner] ??= {})[mark] ??= []).push(name.replace('[x]', ''));
    }
  }
  // Resource.id is an id in the JSON of every release, though R4 declares a string.
  table.Resource[1].id = 'id';
  return { elementTypes: table, repeatingElements: repeating, markedElements: marked };
}

/** The allowed target types; `Resource` alone where all of them are. */
function targetsOf(names) {
  // The core's lists of "any resource" leave out Parameters, which nothing can refer to.
  const any = resourceTypes.every((type) => type === 'Parameters' || names.includes(type));
  return any ? ['Resource'] : names.toSorted(byName);
}

function componentsOf({ id, component: published }) {
  const expressions = componentCorrections[id];
  if (expressions !== undefined) notes.push(`corrected  ${id} components: ${published.map((one) => one.expression).join(', ')} -> ${expressions.join(', ')}`);
  return published.map(({ definition, expression }, index) => ({ definition, expression: expressions?.[index] ?? expression }));
}

function distilledParameter(parameter) {
  const expression = corrections[parameter.id] ?? parameter.expression;
  if (corrections[parameter.id] !== undefined) notes.push(`corrected  ${parameter.id}: ${parameter.expression} -> ${expression}`);
  return {
    url: parameter.url,
    code: parameter.code,
    type: parameter.type,
    base: parameter.base,
    expression,
    ...(parameter.type === 'reference' && parameter.target && { target: targetsOf(parameter.target) }),
    ...(parameter.component && { component: componentsOf(parameter) }),
  };
}

function write(name, entries) {
  writeFileSync(new URL(name, target), entries);
}
/** One entry a line: small in the repository, readable in a diff. */
const linePerItem = (list) => `[\n${list.map((one) => JSON.stringify(one)).join(',\n')}\n]\n`;
const linePerKey = (object) => `{\n${Object.entries(object).map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join(',\n')}\n}\n`;

const [coreFile, ...moreFiles] = process.argv.slice(2);
if (coreFile === undefined) {
  console.error('usage: node scripts/distill-search-parameters.mjs <core package.tgz> [more.tgz ...]');
  process.exit(2);
}

const core = resourcesOf(coreFile);
const definitions = core.filter((one) => one.resourceType === 'StructureDefinition' && one.derivation !== 'constraint' && one.kind !== 'logical');
const resourceTypes = definitions.filter((one) => one.kind === 'resource' && !one.abstract).map((one) => one.type).toSorted(byName);

const parameters = [];
const taken = new Set();
for (const [index, file] of [coreFile, ...moreFiles].entries()) {
  const published = (index === 0 ? core : resourcesOf(file)).filter((one) => one.resourceType === 'SearchParameter').toSorted((a, b) => byName(a.url, b.url));
  for (const parameter of published) {
    const reason = examples.has(parameter.id) ? 'an example' : !parameter.base ? 'no base' : !(corrections[parameter.id] ?? parameter.expression) ? 'no expression' : undefined;
    if (reason !== undefined) {
      notes.push(`left out   ${parameter.id}: ${reason}`);
      continue;
    }
    const free = parameter.base.filter((base) => !taken.has(`${base} ${parameter.code}`) && !taken.has(`Resource ${parameter.code}`));
    if (free.length === 0) continue;
    for (const base of free) taken.add(`${base} ${parameter.code}`);
    if (index > 0) notes.push(`added      ${parameter.id}`);
    parameters.push(distilledParameter({ ...parameter, base: free }));
  }
}
// Resource's own parameters come first: types inherit them.
parameters.sort((a, b) => Number(b.base.includes('Resource')) - Number(a.base.includes('Resource')) || byName(a.base[0], b.base[0]) || byName(a.code, b.code));

const compartments = {};
for (const name of compartmentsWanted) {
  const definition = core.find((one) => one.resourceType === 'CompartmentDefinition' && one.code === name && !one.url.endsWith('example'));
  compartments[name] = {};
  for (const resource of definition.resource) {
    const codes = (resource.param ?? []).filter((code) => {
      if (code.startsWith('{')) return false;
      const known = taken.has(`${resource.code} ${code}`);
      if (!known) notes.push(`left out   compartment ${name}, ${resource.code}: no search parameter '${code}'`);
      return known;
    });
    if (codes.length > 0) compartments[name][resource.code] = codes;
  }
}

write('resource-types.json', `${JSON.stringify(resourceTypes, undefined, 1)}\n`);
const { elementTypes, repeatingElements, markedElements } = elementsOf(definitions);
write('element-types.json', linePerKey(elementTypes));
write('repeating-elements.json', linePerKey(repeatingElements));
write('marked-elements.json', linePerKey(markedElements));
write('search-parameters.json', linePerItem(parameters));
write('compartments.json', linePerKey(compartments));
console.log(notes.join('\n'));
console.log(`${resourceTypes.length} resource types, ${parameters.length} search parameters`);
