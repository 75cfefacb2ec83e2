// The house's borders (docs/architecture.md): a room imports only from rooms below it.
const roomsFromTheTop = [
  ['server'],
  ['channels', 'delivery'],
  ['operations'],
  ['review'],
  ['store'],
  ['mappers'],
  ['profiles', 'terminology'],
  ['fhir'],
];

const rules = [];
for (const [level, rooms] of roomsFromTheTop.entries()) {
  for (const room of rooms) {
    const above = roomsFromTheTop.slice(0, level).flat();
    const beside = rooms.filter((other) => other !== room);
    const forbidden = [...above, ...beside, 'test', 'bench', 'scripts', 'apps'];
    rules.push({
      name: `${room}-looks-only-down`,
      severity: 'error',
      from: { path: `^${room}/` },
      to: { path: `^(${forbidden.join('|')})/` },
    });
  }
}
// Pure rooms: no clock, no randomness, no input or output (design: "Pure core").
rules.push({
  name: 'pure-rooms-do-no-io',
  severity: 'error',
  comment: 'fhir, mappers and the review engine take time, ids and randomness as arguments',
  from: { path: '^(fhir|mappers|review/(engine|facts|policies/schema))/' },
  to: { dependencyTypes: ['core'], pathNot: '^(node:)?(crypto|util|buffer)$' },
});
rules.push({ name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } });
rules.push({ name: 'not-to-dev-dependencies', severity: 'error', from: { pathNot: '^(test|bench|scripts)/' }, to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] } });
rules.push({ name: 'resolvable', severity: 'error', from: {}, comment: '@medplum/fhirtypes holds types alone', to: { couldNotResolve: true, pathNot: '^@medplum/fhirtypes$' } });

module.exports = {
  forbidden: rules,
  options: {
    parser: 'swc',
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(data|\\.cache|docs)/' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { extensions: ['.ts', '.mjs', '.js', '.json'], exportsFields: ['exports'], conditionNames: ['import', 'node'] },
  },
};
