/**
 * Is this value a sound rule pack? First the schema (shape, no unknown properties), then what a schema cannot say:
 * ids used twice, ranges that end before they begin, bounds nothing can satisfy, and denials that rest on anything
 * but the contract. Every problem is reported, each with the JSON pointer (RFC 6901) of the place.
 */
import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js';
import { isDay } from '../facts/dates.ts';
import { checkMeaning } from './meaning.ts';
import type { PackProblem, PolicyPack } from './pack.ts';
import schema from './schema.json' with { type: 'json' };

export type PackCheck = { readonly pack: PolicyPack } | { readonly problems: readonly PackProblem[] };

const ajv = new Ajv2020({ allErrors: true, discriminator: true, strictRequired: false, formats: { date: isDay } });
const fitsSchema = ajv.compile<PolicyPack>(schema);
const visible = schema.$defs.reason.properties.text.pattern;
const canonical = schema.$defs.canonical.pattern;
const factNames = schema.$defs.fact.oneOf.map((leaf) => leaf.properties.fact.const).join(', ');

/** Checks one pack; gives it back typed, or every problem found. Pure; never throws on JSON-like input. */
export function checkPack(value: unknown): PackCheck {
  if (!fitsSchema(value)) return { problems: describeSchemaErrors(fitsSchema.errors ?? []) };
  const problems = checkMeaning(value);
  return problems.length > 0 ? { problems } : { pack: value };
}

function describeSchemaErrors(errors: readonly ErrorObject[]): PackProblem[] {
  const problems = new Map<string, PackProblem>();
  for (const error of errors) {
    // "if" only repeats what the branch it chose has already said.
    if (error.keyword === 'if') continue;
    const problem = { pointer: pointerOf(error), message: describe(error) };
    problems.set(`${problem.pointer} ${problem.message}`, problem);
  }
  return [...problems.values()];
}

function pointerOf(error: ErrorObject): string {
  const extra: unknown = error.params['additionalProperty'];
  return typeof extra === 'string' ? `${error.instancePath}/${extra.replaceAll('~', '~0').replaceAll('/', '~1')}` : error.instancePath;
}

function describe(error: ErrorObject): string {
  if (/^\/clinical\/\d+\/(met|otherwise)\/effect$/.test(error.instancePath)) {
    const allowed: unknown = error.params['allowedValue'];
    return `a clinical rule may only certify or pend: a machine never denies, modifies or reduces on clinical grounds; here only "${String(allowed)}" is possible`;
  }
  switch (error.keyword) {
    case 'discriminator':
      return `unknown fact; known facts: ${factNames}`;
    case 'additionalProperties':
      return 'unknown property';
    case 'const':
      return `must be ${JSON.stringify(error.params['allowedValue'])}`;
    case 'enum':
      return `must be one of ${JSON.stringify(error.params['allowedValues'])}`;
    case 'format':
      return 'must be a calendar date, YYYY-MM-DD';
    case 'pattern':
      if (error.params['pattern'] === canonical) return 'must be the canonical of a questionnaire: an absolute url without a fragment, with |version at its end where one version is meant';
      return error.params['pattern'] === visible ? 'must have a visible character' : (error.message ?? error.keyword);
    case 'type':
      return error.params['type'] === 'string' ? 'must be a string (write codes in quotes)' : `must be ${String(error.params['type'])}`;
    default:
      return error.message ?? error.keyword;
  }
}
