/**
 * Constraints of all packages at hand, on the elements of all examples: what is generated for them holds where their
 * evaluation by closures does, and where the `fhirpath` package finds the same.
 */
import { compile } from 'fhirpath';
import r4 from 'fhirpath/fhir-context/r4';
import { compileExpression, type Environment } from '../../../fhir/fhirpath/native/index.ts';
import { Decimal } from '../../../fhir/json.ts';
import { constraints, examples, nodesOf, packagesAreHere, type Constraint, type Node } from './constraints.ts';

/** Elements of a type that each constraint is tried on. */
const mostNodes = 400;
/** And by the package, with each result. */
const mostForPackage = 3;

/** Constraints that the package evaluates otherwise, each with the reason. */
const corrected = 'Published constraints that are evaluated as they are meant (corrections.ts).';
const explained: Readonly<Record<string, string>> = {
  'dom-6': corrected,
  'pdf-0': corrected,
  'eld-19': 'The package refuses the pattern: it reads patterns with the flag u, which allows no needless backslash.',
  'eld-20': 'As eld-19.',
  'pd-1': 'Several telecoms are no condition by the specification; here, as in HL7\'s validator, they are one that is true.',
  'backport-notification-bundle-1': 'The package refuses a type that R4 does not have; a resource is just not of it.',
};

/** The package has no such functions, or not for expressions that are evaluated at once. */
const notInPackage = /memberOf|resolve\(|htmlChecks|conformsTo/;

function environmentOf({ resource, root }: Node): Environment {
  return { resource, rootResource: root, now: new Date('2026-03-01T00:00:00Z') };
}

type Result = boolean | 'error';

function tried(evaluate: () => boolean): Result {
  try {
    return evaluate();
  } catch {
    return 'error';
  }
}

/** As {@link Compiled.test}: an empty result does not hold, several values do. */
function holds(values: readonly unknown[]): boolean {
  return values.length === 1 && typeof values[0] === 'boolean' ? values[0] : values.length > 0;
}

/** The package computes with numbers of its own, and reads plain ones. */
function plain(value: unknown): unknown {
  if (value instanceof Decimal) return Number(value);
  if (Array.isArray(value)) return value.map(plain);
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value).map(([name, item]) => [name, plain(item)])) : value;
}

(packagesAreHere ? describe : describe.skip)('constraints of the packages', () => {
  const all: Constraint[] = packagesAreHere ? constraints() : [];
  const nodes = new Map<string, Node[]>();
  beforeAll(() => {
    for (const example of examples()) {
      for (const node of nodesOf(example)) {
        const list = nodes.get(node.type) ?? [];
        nodes.set(node.type, list);
        if (list.length < mostNodes) list.push(node);
      }
    }
  });

  test('there are hundreds of them, and all are compiled', () => {
    expect(all.length).toBeGreaterThan(300);
    const refused = all.flatMap(({ expression, types }) => [...types, 'Patient'].filter((type) => tried(() => compileExpression(expression, type) !== undefined) === 'error').map((type) => `${type}: ${expression}`));
    expect(refused).toEqual([]);
  });

  test('a constraint holds by its generated function where it holds by closures', () => {
    const different: string[] = [];
    let evaluations = 0;
    for (const { expression, types } of all) {
      for (const type of types) {
        const compiled = compileExpression(expression, type);
        for (const node of nodes.get(type) ?? []) {
          const generated = tried(() => compiled.test(node.value, node.sibling, environmentOf(node)) ?? false);
          const closures = tried(() => holds(compiled.values(node.value, node.sibling, environmentOf(node))));
          evaluations++;
          if (generated !== closures) different.push(`${type}: ${expression}: ${generated}, not ${closures}`);
        }
      }
    }
    expect(different).toEqual([]);
    expect(evaluations).toBeGreaterThan(50_000);
  });

  test('and where the fhirpath package finds the same', () => {
    const different = new Map<string, string>();
    let compared = 0;
    for (const { expression, types, keys } of all) {
      if (notInPackage.test(expression)) continue;
      for (const type of types) {
        // The package begins with structures, not with primitives; and it refuses `as` on collections.
        if (/^[a-z]/.test(type)) continue;
        const compiled = compileExpression(expression, type);
        const evaluate = compile({ base: type, expression: expression.replaceAll(/\.as\(/g, '.ofType(') }, r4, { traceFn: () => {} });
        const done = new Map<Result, number>();
        for (const node of nodes.get(type) ?? []) {
          const ours = tried(() => compiled.test(node.value, node.sibling, environmentOf(node)) ?? false);
          if ((done.get(ours) ?? 0) >= mostForPackage) continue;
          done.set(ours, (done.get(ours) ?? 0) + 1);
          const variables = { resource: plain(node.resource), rootResource: plain(node.root) };
          const theirs = tried(() => holds(evaluate(plain(node.value), variables) as unknown[]));
          compared++;
          if (ours !== theirs) different.set([...keys][0]!, `${type}: ${expression}: ${ours}, not ${theirs}`);
        }
      }
    }
    expect([...different].filter(([key]) => !Object.hasOwn(explained, key))).toEqual([]);
    expect(Object.keys(explained).filter((key) => !different.has(key))).toEqual([]);
    expect(compared).toBeGreaterThan(2000);
  });
});
