/**
 * The public FHIRPath suite, case by case, through the engine that evaluates FHIRPath of others; XML inputs are read by
 * the product's own converter. Results are compared as `=` of FHIRPath does: numbers by value, times by instant.
 */
import { loadFhirPath, type FhirPathEngine } from '../../../fhir/fhirpath/engine.ts';
import { suiteCases, suiteInput, suiteIsHere, type SuiteCase } from './suite-cases.ts';

const noTypeCheck = 'The engine does not check expressions against the types before it evaluates them: what cannot be selects nothing.';
const asInChoices = 'The engine finds a choice of types by the name it has in JSON, too, and casts a value of another type to nothing.';
const criteria = 'The engine takes a collection, or what is no boolean, as a condition and does not refuse it.';
const setOrder = 'The engine compares collections in their order by ~, which does not count.';
const localZone = 'A time without a zone is taken in the zone of the machine, where the specification knows no answer.';
const noFraction = 'A fraction of a second written in UCUM is added, where the suite has it cut off.';
const calendarUnit = 'The engine refuses UCUM months in arithmetic of dates, where the suite takes them as calendar months.';
const noPrecision = 'precision() is not in the engine.';
const boundaries = 'Boundaries of a decimal with fewer digits than it has are rounded outwards, and the suite has them zero; of quantities and zones the engine knows none.';
const stringsBackwards = 'The engine sorts strings backwards by desc alone, not by a minus.';
const conforms = 'conformsTo() is not in the engine: conformance is for the validator.';
const specialized = 'A code is taken for a string, which it specializes.';

/** Cases that this engine answers otherwise, each with the reason. One that passes must leave the list. */
const deviations: Readonly<Record<string, string>> = {
  'testBasics/testSimpleFail': noTypeCheck,
  'testBasics/testSimpleWithWrongContext': noTypeCheck,
  'testDollar/testDollarOrderNotAllowed': noTypeCheck,
  'testObservations/testPolymorphismB': asInChoices,
  'testObservations/testPolymorphismAsB': asInChoices,
  'polymorphics/testPolymorphicsB': asInChoices,
  'testQuantity/testQuantity4': 'The engine compares quantities of different units by ~ without rounding to the less precise one.',
  'testCollectionBoolean/testCollectionBoolean1': criteria,
  'testIif/testIif6': criteria,
  'testIif/testIif10': criteria,
  'testReplaceMatches/testReplaceMatches2': 'An empty pattern matches everywhere, where the suite has it match nowhere.',
  'testSort/testSort8': stringsBackwards,
  'testSort/testSort10': stringsBackwards,
  'testEquality/testEquality23': localZone,
  'testNEquality/testNEquality17': localZone,
  'testEquivalent/testEquivalent21': setOrder,
  'testEquivalent/testEquivalent23#2': setOrder,
  'testNotEquivalent/testNotEquivalent21': setOrder,
  'testPlus/testPlusDate19': noFraction,
  'testMinus/testMinus5': calendarUnit,
  'testType/testType22': 'A type that is not there is an error, where the suite has a value not be of it.',
  'testConformsTo/testConformsTo1': conforms,
  'testConformsTo/testConformsTo2': conforms,
  'LowBoundary/LowBoundaryDecimal15': boundaries,
  'LowBoundary/LowBoundaryQuantity': boundaries,
  'LowBoundary/LowBoundaryDateTimeMillisecond1': boundaries,
  'HighBoundary/HighBoundaryDecimal15': boundaries,
  'HighBoundary/HighBoundaryDecimal16': boundaries,
  'HighBoundary/HighBoundaryQuantity': boundaries,
  'HighBoundary/HighBoundaryDateTimeMillisecond1': boundaries,
  'HighBoundary/HighBoundaryDateTimeMillisecond3': boundaries,
  'Precision/PrecisionDecimal': noPrecision,
  'Precision/PrecisionYear': noPrecision,
  'Precision/PrecisionDateTimeMilliseconds': noPrecision,
  'Precision/PrecisionTimeMinutes': noPrecision,
  'Precision/PrecisionTimeMilliseconds': noPrecision,
  'testInheritance/testFHIRPathAsFunction11': specialized,
  'testInheritance/testFHIRPathAsFunction16': specialized,
};

const zoned = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;

/** A value as the suite writes it; a date as a literal is, without its marks. */
function normal(text: string, type: string | undefined): string {
  if (type !== 'string' && /^-?\d+(?:\.\d+)?$/.test(text)) return String(Number(text));
  const time = text.replace(/^@?T?/, '').replace(/T$/, '');
  return zoned.test(time) ? new Date(time).toISOString() : time;
}

function passes(engine: FhirPathEngine, { expression, inputFile, invalid, outputs, predicate }: SuiteCase): boolean {
  let values: unknown[];
  try {
    values = engine.evaluate(inputFile === undefined ? {} : suiteInput(inputFile), expression);
  } catch {
    return invalid !== undefined;
  }
  if (invalid !== undefined) return false;
  if (predicate) return String(values.length > 0) === outputs[0]?.text;
  return values.length === outputs.length && outputs.every(({ type, text }, index) => {
    const value = values[index];
    return (type !== 'boolean' || typeof value === 'boolean') && normal(typeof value === 'string' ? value : JSON.stringify(value), type) === normal(text, type);
  });
}

(suiteIsHere ? describe : describe.skip)('fhir-test-cases r4/fhirpath', () => {
  const cases = suiteIsHere ? suiteCases() : [];
  let engine: FhirPathEngine;
  beforeAll(async () => { engine = await loadFhirPath(); });

  test('all cases are here', () => {
    expect(cases).toHaveLength(935);
    expect(new Set(cases.map(({ name }) => name.split('/')[0])).size).toBe(99);
    expect(Object.keys(deviations).filter((name) => !cases.some((one) => one.name === name))).toEqual([]);
  });

  test.each(cases.filter(({ name }) => !Object.hasOwn(deviations, name)))('$name', (one) => expect(passes(engine, one)).toBe(true));

  test.each(cases.filter(({ name }) => Object.hasOwn(deviations, name)))('$name deviates', (one) => expect(passes(engine, one)).toBe(false));
});
