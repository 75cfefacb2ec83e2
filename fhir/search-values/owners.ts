/**
 * Whose record a resource is part of: the Patients in whose compartment it is.
 * Source: FHIR R4, CompartmentDefinition "patient" (https://hl7.org/fhir/R4/compartmentdefinition-patient.html).
 */
import { compileFhirPath } from '../fhirpath/compiler.ts';
import { isObject, type Visit } from '../fhirpath/visit.ts';
import { readReference } from '../references.ts';
import { isResourceType } from '../resource-types.ts';
import { searchParameter } from '../search-parameters.ts';
import { patientParametersInOrder } from '../single-valued.ts';

type Owners = Set<string>;

const note: Visit<Owners> = (node, { out }) => {
  if (!isObject(node) || typeof node['reference'] !== 'string') return;
  const target = readReference(node['reference']);
  // An absolute address may be another server's patient with the same id.
  if (target?.type === 'Patient' && target.base === undefined) out.add(target.id);
};

const plans = new Map<string, readonly Visit<Owners>[]>();

function planOf(resourceType: string): readonly Visit<Owners>[] {
  const known = plans.get(resourceType);
  if (known !== undefined) return known;
  const plan = patientParametersInOrder(resourceType)
    .map((code) => searchParameter(resourceType, code))
    .filter((parameter) => parameter !== undefined)
    .map((parameter) => compileFhirPath<Owners>(parameter.expression, resourceType, (type) => (type === 'Reference' ? note : undefined)))
    .filter((visit) => visit !== undefined);
  plans.set(resourceType, plan);
  return plan;
}

/**
 * The ids of the Patients a resource belongs to, each once, the one whom it is about first: of a Patient its own alone,
 * since a link to another record does not make that other person's record part of it. Only relative references count.
 */
export function ownersOf(resource: { readonly resourceType: string; readonly id?: string }): string[] {
  if (!isResourceType(resource?.resourceType)) return [];
  if (resource.resourceType === 'Patient') return typeof resource.id === 'string' ? [resource.id] : [];
  const plan = planOf(resource.resourceType);
  if (plan.length === 0) return [];
  const walk = { resource, out: new Set<string>() };
  for (const visit of plan) visit(resource, walk);
  return [...walk.out];
}
