/**
 * How long names may be that the tables of terminology are looked up by: an entry of an index in PostgreSQL has 2,700 bytes,
 * for several of them together. Nothing in use comes near.
 */
import type { CodeSystem, CodeSystemConcept, ConceptMap, ValueSet } from '@medplum/fhirtypes';
import { Problem } from '../../fhir/problems.ts';

/** In bytes. */
const longestAddress = 1000;
const longestCode = 500;

/** Whether a resource can be found by its address; one that cannot is stored, and nobody can ask for it by name. */
export function isNameable({ url = '', version = '' }: CodeSystem | ValueSet | ConceptMap): boolean {
  return Buffer.byteLength(url) <= longestAddress && Buffer.byteLength(version) <= longestAddress;
}

/** @throws {Problem} `code-too-long` */
export function assertBounds(resource: CodeSystem | ValueSet | ConceptMap): void {
  switch (resource.resourceType) {
    case 'CodeSystem': {
      assertAddresses([resource.supplements, resource.valueSet]);
      // A stack and no recursion: the nesting is as deep as who wrote it likes.
      const open: CodeSystemConcept[] = [...resource.concept ?? []];
      for (let next = open.pop(); next !== undefined; next = open.pop()) {
        assertCode(next.code);
        for (const { code, valueCode } of next.property ?? []) {
          assertCode(code);
          assertCode(valueCode);
        }
        for (const below of next.concept ?? []) open.push(below);
      }
      return;
    }
    case 'ValueSet':
      for (const { system, version, concept } of [...resource.compose?.include ?? [], ...resource.compose?.exclude ?? []]) {
        assertAddresses([system, version]);
        for (const { code } of concept ?? []) assertCode(code);
      }
      return;
    case 'ConceptMap':
      for (const { source, target, element } of resource.group ?? []) {
        assertAddresses([source, target]);
        for (const { code, target: targets } of element ?? []) {
          assertCode(code);
          for (const { code: targetCode } of targets ?? []) assertCode(targetCode);
        }
      }
  }
}

function assertCode(code: unknown): void {
  if (typeof code === 'string' && code.length > longestCode / 4 && Buffer.byteLength(code) > longestCode) throw new Problem('code-too-long', { what: 'A code', limit: longestCode });
}

function assertAddresses(addresses: readonly unknown[]): void {
  for (const address of addresses) if (typeof address === 'string' && Buffer.byteLength(address) > longestAddress) throw new Problem('code-too-long', { what: 'An address', limit: longestAddress });
}
