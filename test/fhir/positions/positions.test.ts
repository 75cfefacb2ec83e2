/** Elements of a resource are found in the text that it came in. */
import fc from 'fast-check';
import { jsonPositions } from '../../../fhir/positions/json.ts';
import { xmlPositions } from '../../../fhir/positions/xml.ts';

const json = `{ "resourceType": "Observation",
  "code" : { "text": "a \\" } b" },
  "_status": { "id": "s" },
  "valueQuantity": { "value": 1.50,
     "unit": "mg" },
  "contained": [
    { "resourceType": "Patient", "name": [ { "given": [ "A",
      "B" ] } ] }
  ]
}`;

test.each([
  ['Observation', 1, 1],
  ['Observation.code.text', 2, 14],
  ['Observation.status', 3, 3],
  ['Observation.value', 4, 3],
  ['Observation.value.unit', 5, 6],
  ['Observation.contained[0]', 7, 5],
  ['Observation.contained[0].name[0].given[1]', 8, 7],
])('%s stands in JSON at line %d, column %d', (path, line, column) => {
  expect(jsonPositions(json, [path]).get(path)).toEqual({ line, column });
});

test('what the text does not have has no position, nor what is no path', () => {
  expect(jsonPositions(json, ['Observation.subject', 'Observation.contained[1]', 'Observation.value.ofType(Quantity)', '', '__proto__.x'])).toEqual(new Map());
});

test('any document: each leaf is found where it is written', () => {
  const leaf = fc.oneof(fc.string(), fc.integer(), fc.boolean());
  const tree = fc.letrec((tie) => ({
    value: fc.oneof({ maxDepth: 4 }, leaf, fc.array(tie('value'), { minLength: 1, maxLength: 3 }), fc.dictionary(fc.stringMatching(/^[a-z]{1,5}$/), tie('value'), { maxKeys: 4 })),
  })).value;
  fc.assert(fc.property(fc.dictionary(fc.stringMatching(/^[a-z]{1,5}$/), tree, { maxKeys: 5 }), fc.integer({ min: 0, max: 4 }), (value, indent) => {
    const text = JSON.stringify(value, null, indent);
    const paths: [string, unknown][] = [];
    const walk = (path: string, node: unknown): void => {
      paths.push([path, node]);
      // Lists in lists are no FHIR and have no path.
      if (Array.isArray(node)) for (const [index, item] of node.entries()) { if (!Array.isArray(item)) walk(`${path}[${index}]`, item); }
      else if (typeof node === 'object' && node !== null) for (const [name, item] of Object.entries(node)) walk(`${path}.${name}`, item);
    };
    walk('Root', value);
    const positions = jsonPositions(text, paths.map(([path]) => path));
    for (const [path, node] of paths) {
      const { line, column } = positions.get(path)!;
      const found = text.split('\n')[line - 1]!.slice(column - 1);
      const named = /\.(\w+)$/.exec(path)?.[1];
      expect(found.startsWith(named === undefined ? JSON.stringify(node, null, indent).split('\n')[0]!.slice(0, 1) : JSON.stringify(named))).toBe(true);
    }
  }), { numRuns: 300 });
});

const xml = `<?xml version="1.0"?>
<Bundle xmlns="http://hl7.org/fhir">
  <entry>
    <resource>
      <Observation>
        <extension url="http://example.org/x"/>
        <valueQuantity>
          <unit value="mg"/>
        </valueQuantity>
      </Observation>
    </resource>
  </entry>
  <entry/>
</Bundle>`;

test.each([
  ['Bundle', 2],
  ['Bundle.entry[0].resource', 4],
  ['Bundle.entry[0].resource.extension[0].url', 6],
  ['Bundle.entry[0].resource.value', 7],
  ['Bundle.entry[0].resource.value.unit', 8],
  ['Bundle.entry[1]', 13],
])('%s stands in XML at line %d', (path, line) => {
  expect(xmlPositions(xml, [path]).get(path)?.line).toBe(line);
});

test('many places of one long line are found in one walk', () => {
  const given = Array.from({ length: 100_000 }, () => '"abcdefghijklmnopqrstuvwxyz"');
  const text = `{"resourceType":"Patient","name":[{"given":[${given.join(',')}]}]}`;
  const positions = jsonPositions(text, given.map((_, at) => `Patient.name[0].given[${at}]`));
  expect(positions.size).toBe(given.length);
  expect(positions.get('Patient.name[0].given[99999]')).toEqual({ line: 1, column: text.lastIndexOf('"abc') + 1 });
});

test('names that no element has cost no more than their length', () => {
  const name = 'A'.repeat(1_000_000);
  expect(jsonPositions(`{"${name}":1,"active":1}`, ['Patient.active']).get('Patient.active')).toEqual({ line: 1, column: name.length + 7 });
});
