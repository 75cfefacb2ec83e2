/**
 * The public FHIRPath suite, case by case, through the compiler. Results are compared by type and text; numbers by value,
 * times by instant.
 */
import { Decimal } from '../../../fhir/json.ts';
import { FhirPathError } from '../../../fhir/fhirpath/error.ts';
import { documentedResult } from '../../suites/documented.ts';
import { compileExpression, type Environment, type TypedValue } from '../../../fhir/fhirpath/native/index.ts';
import { suiteCases, suiteInput, suiteIsHere, type SuiteCase } from './suite-cases.ts';

const zoned = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;

/** A value as the suite writes it; a date as a literal is, without its marks. */
function normal(text: string, type: string | undefined): string {
  if (type !== 'string' && /^-?\d+(?:\.\d+)?$/.test(text)) return String(Number(text));
  const time = text.replace(/^@?T?/, '').replace(/T$/, '');
  return zoned.test(time) ? new Date(time).toISOString() : time;
}

/** Whether a conformance claim of the suite holds: only base profiles occur. */
function conformsTo(_: unknown, type: string, profile: string): boolean {
  const name = /^http:\/\/hl7\.org\/fhir\/StructureDefinition\/(\w+)$/.exec(profile)?.[1];
  if (name === undefined) throw new FhirPathError('evaluation', 'No such profile');
  return name === type;
}

function textOf({ value }: TypedValue): string {
  if (value instanceof Decimal) return value.toString();
  if (typeof value === 'object' && value !== null && 'unit' in value && 'value' in value) return `${String(value.value)} '${String(value.unit)}'`;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function passes({ expression, inputFile, invalid, outputs, predicate }: SuiteCase): boolean {
  const input = inputFile === undefined ? undefined : suiteInput(inputFile);
  const environment: Environment = { resource: input, rootResource: input, now: new Date('2026-03-01T12:34:56.789Z'), conformsTo };
  const type = (input as { resourceType?: string } | undefined)?.resourceType ?? 'Resource';
  let values: TypedValue[];
  try {
    values = compileExpression(expression, type, { rules: 'specification' }).typedValues(input, undefined, environment);
  } catch (error) {
    // Refused for what is wrong with it, not fallen over.
    return invalid !== undefined && error instanceof FhirPathError && error.code !== 'unsupported' && error.code !== 'limit' && (invalid !== 'syntax' || error.code === 'syntax');
  }
  if (invalid !== undefined) return false;
  if (predicate) return String(values.length > 0) === outputs[0]?.text;
  return values.length === outputs.length && outputs.every(({ type: wanted, text }, index) => {
    const value = values[index]!;
    const actual = value.type.replace(/^System\./, '');
    const fits = wanted === undefined || wanted === actual || wanted.toLowerCase() === actual.toLowerCase();
    return fits && normal(textOf(value), wanted) === normal(text, wanted);
  });
}

(suiteIsHere ? describe : describe.skip)('fhir-test-cases r4/fhirpath, compiled', () => {
  const cases = suiteIsHere ? suiteCases() : [];

  test('all cases are here, and documented', () => {
    expect(cases).toHaveLength(935);
    expect(documentedResult('fhir-test-cases `r4/fhirpath` (`test/fhir/fhirpath/native-suite.test.ts`)')).toEqual({ cases: 935, passed: 935, deviations: 0 });
  });

  test.each(cases)('$name', (one) => expect(passes(one)).toBe(true));
});
