/**
 * Published constraints of R4 that do not say what they are meant to say. An empty result does not hold, so each that asks
 * something of an element that may be absent needs to allow for that; patterns are searched for anywhere in a text unless
 * they are anchored. HL7's own validator evaluates them as corrected here, and later releases of FHIR publish most of them so.
 */

const anywhere = "reference.startsWith('#').not() or (reference.substring(1).trace('url') in %rootResource.contained.id.trace('ids'))";
const name = "name.matches('[A-Z]([A-Za-z0-9_]){0,254}')";
const path = String.raw`path.matches('[^\\s\\.,:;\\\'"\\/|?!@#$%&*()\\[\\]{}]{1,64}(\\.[^\\s\\.,:;\\\'"\\/|?!@#$%&*()\\[\\]{}]{1,64}(\\[x\\])?(\\:[^\\s\\.]+)?)*')`;
const pathOfType = String.raw`path.matches('[A-Za-z][A-Za-z0-9]*(\\.[a-z][A-Za-z0-9]*(\\[x])?)*')`;

const period = 'start.hasValue().not() or end.hasValue().not() or (start <= end)';

/** From the expression as published. */
const corrections: ReadonlyMap<string, string> = new Map([
  // ref-1: a display alone is a reference, too; # is the container.
  [anywhere, `reference.empty() or reference = '#' or ${anywhere}`],
  // bdl-8
  ["fullUrl.contains('/_history/').not()", "fullUrl.empty() or fullUrl.contains('/_history/').not()"],
  // The names of definitions: vsd-0, sdf-0 and their like.
  [name, `name.empty() or ${anchored(name)}`],
  // eld-19, eld-20
  [path, anchored(path)],
  [pathOfType, anchored(pathOfType)],
  // ras-2
  ['probability is decimal implies (probability as decimal) <= 100', 'probability.empty() or (probability is decimal implies (probability as decimal) <= 100)'],
  // tim-9: there may be several.
  ["offset.empty() or (when.exists() and ((when in ('C' | 'CM' | 'CD' | 'CV')).not()))", "offset.empty() or (when.exists() and when.all($this in ('C' | 'CM' | 'CD' | 'CV')).not())"],
  // que-12: also for two
  ['enableWhen.count() > 2 implies enableBehavior.exists()', 'enableWhen.count() >= 2 implies enableBehavior.exists()'],
  // per-1: an end without a time includes whatever it matches ("2012-02-03" all of that day): only a start that is after it
  // for sure is wrong. Of two years, months or days, what one of them leaves open is not held against it. A day that an end
  // with a time is on stays refused, for where that day is nobody says, and HL7's validator refuses it, too.
  [period, `${period} or (end.contains('T').not() and where(start > end).empty()) or (start.matches('^[0-9]{4}(-[0-9]{2})?$') and where(start > end).empty())`],
  // dom-6: a contained resource tells no story of its own.
  ['text.`div`.exists()', 'text.`div`.exists() or (%rootResource != $this)'],
]);

function anchored(expression: string): string {
  return `${expression.replace(".matches('", ".matches('^").slice(0, -"')".length)}$')`;
}

/** The expression as it is meant; itself, where it says so. */
export function corrected(expression: string): string {
  return corrections.get(expression) ?? expression;
}
