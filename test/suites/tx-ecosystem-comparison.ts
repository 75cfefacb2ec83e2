/**
 * Compares an answer with the one that HL7's terminology ecosystem tests expect, by their rules: array order does not
 * matter, `$uuid$` and the like are patterns, `$optional$` marks what may be missing. Expected files are R5; what R4 says by
 * extensions is turned into R5's elements first, as upstream does.
 */
type Json = unknown;
type Obj = Record<string, Json>;

const isObject = (value: Json): value is Obj => typeof value === 'object' && value !== null && !Array.isArray(value);

const containsProperty = 'http://hl7.org/fhir/5.0/StructureDefinition/extension-ValueSet.expansion.contains.property';
const expansionProperty = 'http://hl7.org/fhir/5.0/StructureDefinition/extension-ValueSet.expansion.property';

/** R4 as R5 has it. */
export function inR5(value: Json): Json {
  if (Array.isArray(value)) return value.map(inR5);
  if (!isObject(value)) return value;
  const converted: Obj = Object.fromEntries(Object.entries(value).map(([name, one]) => [name, inR5(one)]));
  const extensions = Array.isArray(converted['extension']) ? converted['extension'] as Obj[] : [];
  const later = extensions.filter(({ url }) => url === containsProperty || url === expansionProperty);
  if (later.length === 0) return converted;
  const others = extensions.filter((one) => !later.includes(one));
  const { extension: _, ...rest } = converted;
  return {
    ...rest, ...(others.length > 0 && { extension: others }),
    property: later.map(({ extension }) => Object.fromEntries((extension as Obj[]).map(({ url, ...valueOf }) => {
      const [name, content] = Object.entries(valueOf)[0]!;
      return url === 'value' ? [name, content] : [String(url), content];
    }))),
  };
}

/** Elements that R4 does not have. */
const laterElements: ReadonlySet<string> = new Set(['versionAlgorithmString', 'versionAlgorithmCoding', 'copyrightLabel', 'approvalDate', 'lastReviewDate', 'effectivePeriod', 'topic', 'author', 'editor', 'reviewer', 'endorser', 'relatedArtifact', 'scope', 'noMap']);
/** Of ConceptMap. */
const renamed: ReadonlyMap<string, string> = new Map([['sourceScopeUri', 'sourceUri'], ['targetScopeUri', 'targetUri'], ['sourceScopeCanonical', 'sourceCanonical'], ['targetScopeCanonical', 'targetCanonical'], ['relationship', 'equivalence']]);
const equivalences: ReadonlyMap<string, string> = new Map([['equivalent', 'equivalent'], ['related-to', 'relatedto'], ['source-is-narrower-than-target', 'wider'], ['source-is-broader-than-target', 'narrower'], ['not-related-to', 'unmatched']]);

/** R5 fixtures as R4 has them, without comments. */
export function inR4(value: Json): Json {
  if (Array.isArray(value)) return value.map(inR4);
  if (!isObject(value)) return value;
  if (isObject(value['unmapped']) && 'relationship' in value['unmapped']) return inR4({ ...value, unmapped: Object.fromEntries(Object.entries(value['unmapped']).filter(([name]) => name !== 'relationship')) });
  const converted: Obj = Object.fromEntries(Object.entries(value).filter(([name]) => /^_?[A-Za-z]+[A-Za-z0-9]*$/.test(name) && !laterElements.has(name)).map(([name, one]) => [renamed.get(name) ?? name, name === 'relationship' ? equivalences.get(String(one)) : inR4(one)]));
  if (converted['op'] !== 'child-of' && converted['op'] !== 'descendent-leaf') return converted;
  const { op, ...rest } = converted;
  return { ...rest, _op: { extension: [{ url: 'http://hl7.org/fhir/5.0/StructureDefinition/extension-ValueSet.compose.include.filter.op', valueCode: op }] } };
}

const patterns: Readonly<Record<string, RegExp>> = {
  id: /^[A-Za-z0-9\-.]{1,64}$/, uuid: /^(urn:uuid:)?[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i, instant: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/, date: /^\d{4}(-\d\d(-\d\d(T.*)?)?)?$/,
  url: /^[a-z][a-z0-9+.-]*:\S+$/i, token: /^\S+$/, string: /\S/, version: /^\d\S*$/, semver: /^\d+\.\d+(\.\d+)?(-.*)?$/,
};

/** What is different, in words; undefined where nothing is. */
export function difference(expected: Json, actual: Json, path = '$'): string | undefined {
  if (typeof expected === 'string' && typeof actual === 'string') return sameText(expected, actual) ? undefined : `${path}: ${JSON.stringify(actual)} where ${JSON.stringify(expected)} is expected`;
  if (Array.isArray(expected)) return Array.isArray(actual) ? listDifference(expected, actual, path) : `${path}: no list`;
  if (isObject(expected)) return isObject(actual) ? objectDifference(expected, actual, path) : `${path}: no object`;
  return Object.is(expected, actual) || JSON.stringify(expected) === JSON.stringify(actual) ? undefined : `${path}: ${JSON.stringify(actual)} where ${JSON.stringify(expected)} is expected`;
}

function sameText(expected: string, actual: string): boolean {
  const control = /^\$(.*)\$$/s.exec(expected)?.[1];
  if (control === undefined) return expected === actual;
  const [kind = '', ...parts] = control.split(':');
  const rest = parts.join(':');
  if (kind === 'external') return actual.includes(/^\d+:?(.*)$/s.exec(rest)?.[1] ?? '');
  if (kind === 'choice') return rest.split('|').includes(actual);
  // Fragments are parted by the bar, and so are url and version of a canonical.
  if (kind === 'fragments') return rest.split('|').every((part) => actual.toLowerCase().includes(part.toLowerCase()));
  return patterns[kind]?.test(actual) ?? false;
}

/** True of what may be missing here: this is R4, and not tx.fhir.org. */
function isOptional(value: Json): boolean {
  if (!isObject(value)) return false;
  const optional = value['$optional$'];
  return optional === true || optional === '!tx.fhir.org' || optional === 'version:4' || optional === 'warning:version';
}

function listDifference(expected: readonly Json[], actual: readonly Json[], path: string): string | undefined {
  const left = [...actual];
  for (const one of expected) {
    const place = left.findIndex((other) => difference(one, other, path) === undefined);
    if (place !== -1) left.splice(place, 1);
    else if (!isOptional(one)) {
      const like = left.find((other) => isObject(one) && isObject(other) && ['name', 'code', 'url', 'language'].some((key) => one[key] !== undefined && one[key] === other[key]));
      return `${path}[]: ${like === undefined ? `missing ${JSON.stringify(one).slice(0, 400)}` : difference(one, like, `${path}[]`)}`;
    }
  }
  return left.length === 0 ? undefined : `${path}[]: too much: ${JSON.stringify(left[0]).slice(0, 300)}`;
}

function objectDifference(expected: Obj, actual: Obj, path: string): string | undefined {
  const optional = new Set((expected['$optional-properties$'] as string[] | undefined) ?? []);
  const counted = new Set((expected['$count-arrays$'] as string[] | undefined) ?? []);
  for (const [name, value] of Object.entries(expected)) {
    if (name.startsWith('$')) continue;
    if (counted.has(name)) {
      if ((actual[name] as Json[] | undefined)?.length !== (value as Json[]).length) return `${path}.${name}: ${(actual[name] as Json[] | undefined)?.length} entries where ${(value as Json[]).length} are expected`;
      continue;
    }
    // In R4 the deprecated location says what expression says.
    if (name === 'location') continue;
    if (actual[name] === undefined) {
      if (optional.has(name) || isOptional(value) || (Array.isArray(value) && value.every(isOptional))) continue;
      return `${path}.${name}: missing`;
    }
    const found = difference(value, actual[name], `${path}.${name}`);
    if (found !== undefined) return found;
  }
  const known = new Set([...Object.keys(expected), ...optional, 'location']);
  const more = Object.keys(actual).filter((name) => !known.has(name));
  return more.length === 0 ? undefined : `${path}: too much: ${more.join(', ')}`;
}

/** Whether all that is expected is there, whatever else is: capability statements. */
export function lacks(expected: Json, actual: Json, path = '$'): string | undefined {
  if (Array.isArray(expected)) {
    if (!Array.isArray(actual)) return `${path}: no list`;
    const missing = expected.find((one) => !actual.some((other) => lacks(one, other, path) === undefined));
    return missing === undefined ? undefined : `${path}[]: missing ${JSON.stringify(missing).slice(0, 200)}`;
  }
  if (isObject(expected)) {
    if (!isObject(actual)) return `${path}: no object`;
    for (const [name, value] of Object.entries(expected)) {
      const found = name === 'value' && Object.keys(actual).some((key) => key.startsWith('value')) ? undefined : lacks(value, actual[name], `${path}.${name}`);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  return difference(expected, actual, path);
}
