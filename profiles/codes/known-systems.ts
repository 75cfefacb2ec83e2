/**
 * Code systems as single codes are held against them, whatever an element is bound to: whether there is such a code, and
 * whether it is called so. Only what is known for sure is told as missing: a system that is not here, is a fragment or a
 * supplement, or is here in another version knows nothing.
 * Source: https://hl7.org/fhir/R4/terminologies.html#4.1.0, https://hl7.org/fhir/R4/datatypes.html#Coding
 */
import type { Definitions } from '../definitions.ts';
import type { CodeSystemTable } from '../tables/code-tables.ts';
import { remembered } from './remembered.ts';
import { openSystem } from './open-systems.ts';

export interface KnownSystem {
  /** What a code is called, in any language; empty where that is not known, undefined where there is no such code. */
  displaysOf(code: string): readonly string[] | undefined;
}

/** @returns what is known of a system, in a version if one is meant; undefined where nothing is */
export type KnownSystems = (system: string, version?: string) => KnownSystem | undefined;

/** Makes of each system what is needed, when it is first asked for. */
export function knownSystemsOf(definitions: Definitions): KnownSystems {
  const made = new WeakMap<CodeSystemTable, KnownSystem>();
  const ofTable = (table: CodeSystemTable): KnownSystem => {
    let system = made.get(table);
    if (system === undefined) made.set(table, system = knownSystem(table));
    return system;
  };
  const known = remembered((canonical): KnownSystem | undefined => {
    const table = definitions.codeSystem(canonical);
    return table === undefined || !isWhole(table) ? undefined : ofTable(table);
  });
  // Who says no version may mean one that had a code which the newest has no more.
  const anyVersion = remembered((url): KnownSystem | undefined => {
    const newest = known(url);
    const others = newest === undefined ? [] : (definitions.codeSystemVersions?.(url) ?? []).filter(isWhole).map(ofTable).filter((one) => one !== newest);
    if (newest === undefined || others.length === 0) return newest;
    return { displaysOf: (code) => newest.displaysOf(code) ?? others.map((one) => one.displaysOf(code)).find((names) => names !== undefined) };
  });
  const open = remembered((system): KnownSystem | undefined => {
    const test = openSystem(system);
    return test && { displaysOf: (code) => test(code) === 'out' ? undefined : nameless };
  });
  const newest = remembered((system) => open(system) ?? anyVersion(system));
  return (system, version) => (version === undefined ? newest(system) : open(system) ?? known(`${system}|${version}`));
}

const nameless: readonly string[] = [];

function isWhole({ content, codes }: CodeSystemTable): boolean {
  return content === 'complete' && codes.length > 0;
}

function knownSystem({ codes, caseSensitive, displays }: CodeSystemTable): KnownSystem {
  const plain = caseSensitive === false ? (code: string): string => code.toLowerCase() : (code: string): string => code;
  const called = new Map<string, readonly string[]>();
  for (const [place, code] of codes.entries()) if (!called.has(plain(code))) called.set(plain(code), displays?.[place] ?? nameless);
  return { displaysOf: (code) => called.get(plain(code)) };
}

/** Behind so many characters R4's copies of v3 code systems cut names off ("Paiute-Shoshone Tribe of the Fallon Reservation an"). */
const cutAt = 50;

/** Names of one thing are compared without regard to case and to how much white space is in them. */
export function isCalled(display: string, displays: readonly string[]): boolean {
  for (const one of displays) if (one === display || (one.length === display.length && one.toLowerCase() === display.toLowerCase())) return true;
  const wanted = normal(display);
  return displays.some((one) => normal(one) === wanted || (one.length === cutAt && wanted.startsWith(normal(one))));
}

function normal(display: string): string {
  return display.trim().replaceAll(/\s+/g, ' ').toLowerCase();
}
