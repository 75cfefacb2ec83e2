/**
 * Is this value a sound file of clock rules? First the schema, then what a schema cannot say: plans and rules that are
 * there twice, ranges that end before they begin, a pause that waits for an extension which the rule does not allow.
 */
import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js';
import { isDay } from '../facts/dates.ts';
import type { PackProblem } from '../policies/pack.ts';
import { isTimeZone } from './count.ts';
import type { ClockBook, ClockFile } from './rules.ts';
import schema from './schema.json' with { type: 'json' };

const ajv = new Ajv2020({ allErrors: true, formats: { date: isDay, 'time-zone': isTimeZone } });
const fitsSchema = ajv.compile<ClockFile>(schema);

export type ClockCheck = { readonly file: ClockFile } | { readonly problems: readonly PackProblem[] };

/** @param accepted what the files read before say */
export function checkClock(value: unknown, accepted: ClockBook): ClockCheck {
  if (!fitsSchema(value)) return { problems: (fitsSchema.errors ?? []).map((error) => ({ pointer: pointerOf(error), message: describe(error) })) };
  const problems = [...problemsOfPlans(value, accepted), ...problemsOfRules(value, accepted)];
  return problems.length > 0 ? { problems } : { file: value };
}

function problemsOfPlans({ plans = [] }: ClockFile, accepted: ClockBook): PackProblem[] {
  const known = new Set(accepted.plans.map(({ plan }) => plan));
  return plans.flatMap(({ plan }, index) => {
    const isTwice = known.has(plan);
    known.add(plan);
    return isTwice ? [{ pointer: `/plans/${index}/plan`, message: `plan "${plan}" is there already` }] : [];
  });
}

function problemsOfRules({ rules = [] }: ClockFile, accepted: ClockBook): PackProblem[] {
  const known = new Set(accepted.rules.map(({ id }) => id));
  return rules.flatMap(({ id, effective, extension, pause, downgrade, urgency }, index) => {
    const pointer = `/rules/${index}`;
    const isTwice = known.has(id);
    known.add(id);
    return [
      ...(isTwice ? [{ pointer: `${pointer}/id`, message: `rule "${id}" is there already` }] : []),
      ...((effective?.to ?? '9999') < (effective?.from ?? '') ? [{ pointer: `${pointer}/effective`, message: 'ends before it begins' }] : []),
      ...(pause?.when === 'extended-for-information' && !extension?.grounds.includes('information-needed') ? [{ pointer: `${pointer}/pause`, message: 'waits for an extension because information is needed, which the rule does not allow' }] : []),
      ...(downgrade && urgency === 'standard' ? [{ pointer: `${pointer}/downgrade`, message: 'only what is expedited can become standard' }] : []),
    ];
  });
}

function pointerOf(error: ErrorObject): string {
  const extra: unknown = error.params['additionalProperty'];
  return typeof extra === 'string' ? `${error.instancePath}/${extra}` : error.instancePath;
}

function describe(error: ErrorObject): string {
  switch (error.keyword) {
    case 'additionalProperties': return 'unknown property';
    case 'const': return `must be ${JSON.stringify(error.params['allowedValue'])}`;
    case 'enum': return `must be one of ${JSON.stringify(error.params['allowedValues'])}`;
    case 'format': return error.params['format'] === 'date' ? 'must be a calendar date, YYYY-MM-DD' : 'must be a time zone such as America/New_York';
    default: return error.message ?? error.keyword;
  }
}
