// The order in which jest hands test files to its workers: those that take long first, so that none of them is begun when
// all others are done and the other worker has nothing left. Jest knows how long a file took from runs before, of which a
// clean clone has none, and then goes by size: of these files the size says little.

/** Starts of paths below test/, those that take longest first; the others follow by size. */
const long = [
  'suites/ig-', 'server/large-input', 'store/search-sql/conditions', 'scale/cluster', 'terminology/import-resume', 'suites/', 'fuzz/',
  'mappers/hl7v2/corpora', 'channels/mllp/', 'definitions/', 'fhir/xml/round-trip', 'server/search-model', 'server/durability', 'store/embedded/', 'server/page-as-text',
  'mappers/ccda/',
];

export default class TestOrder {
  sort(tests) {
    const places = new Map(tests.map((test) => [test, placeOf(test)]));
    return tests.toSorted((a, b) => places.get(a) - places.get(b) || sizeOf(b) - sizeOf(a) || (a.path < b.path ? -1 : 1));
  }

  /** Nothing is kept from one run to the next. */
  cacheResults() {}

  allFailedTests(tests) {
    return tests;
  }
}

function placeOf({ path, context }) {
  const name = path.slice(context.config.rootDir.length).replaceAll('\\', '/').replace(/^\/test\//, '');
  const place = long.findIndex((start) => name.startsWith(start));
  return place === -1 ? long.length : place;
}

function sizeOf({ path, context }) {
  return context.hasteFS.getSize(path) ?? 0;
}
