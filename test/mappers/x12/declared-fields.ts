/** The fields a request keeps on its way from FHIR to X12 and back: what round trips are held to. */
import type { Bundle, Claim, CodeableConcept, Coverage, Encounter, Extension, Identifier, Patient, Practitioner, Resource, ServiceRequest } from '@medplum/fhirtypes';
import { indexBundle } from '../../../fhir/references.ts';

const codes = (concept: CodeableConcept | undefined): (string | undefined)[] | undefined => concept?.coding?.map((coding) => coding.code);

function plain(extension: Extension): unknown {
  const { url, extension: parts, valueReference, ...value } = extension;
  if (valueReference !== undefined) return [url, 'reference'];
  const [first] = Object.values(value);
  return [url.replace(/^.*extension-/, ''), parts?.map(plain) ?? (typeof first === 'object' && first !== null && 'coding' in first ? codes(first) : typeof first === 'string' ? first.slice(0, 80) : first)];
}

/** Extensions of the item that every line carries. */
const ALWAYS = /(serviceItemRequestType|certificationType|authorizationNumber|administrationReferenceNumber|productOrServiceCodeEnd)$/;

/** The declared fields of a request Bundle, free of names and of what only one side has. */
export function declaredFields(bundle: Bundle): unknown {
  const index = indexBundle(bundle);
  const entry = index.entries[0]!;
  const claim = entry.resource as Claim;
  const get = (reference: { reference?: string } | undefined): Resource | undefined => index.resolve(reference?.reference, entry)?.resource;
  const coverage = get(claim.insurance[0]?.coverage) as Coverage | undefined;
  const extension = (holder: { extension?: Extension[] } | undefined, name: string): Extension | undefined => holder?.extension?.find(({ url }) => url.endsWith(name));
  const encounter = get(extension(claim, 'Claim.encounter')?.valueReference) as Encounter | undefined;
  const changed = claim.related === undefined ? claim.item! : claim.item!.filter((item) => extension(item, 'infoChanged') !== undefined);
  return {
    identifier: bundle.identifier?.value,
    timestamp: bundle.timestamp?.slice(0, 16),
    traces: claim.identifier?.map((each) => [each.value, extension(each, 'SubDepartment')?.valueString]),
    type: codes(claim.type),
    insurer: party(get(claim.insurer)),
    provider: party(get(claim.provider)),
    patient: person(get(claim.patient)),
    subscriber: person(get(coverage?.subscriber) ?? get(claim.patient)),
    memberId: coverage?.identifier?.find(({ type }) => codes(type)?.includes('MB') === true)?.value ?? coverage?.subscriberId,
    relationship: coverage?.relationship?.coding?.find(({ system }) => system?.endsWith('/1069') === true)?.code,
    levelOfService: codes(extension(claim, 'levelOfServiceCode')?.valueCodeableConcept),
    conditions: (claim.extension ?? []).filter(({ url }) => /(conditionCode|homeHealthCareInformation)$/.test(url)).map(plain),
    accident: claim.accident === undefined ? undefined : [claim.accident.date, codes(claim.accident.type), claim.accident.locationAddress?.state],
    encounter: encounter === undefined ? undefined : [codes(encounter.type?.[0]), codes(encounter.hospitalization?.admitSource), encounter.length?.value, encounter.extension?.map(plain)],
    diagnoses: claim.diagnosis?.map((each) => [codes(each.diagnosisCodeableConcept), codes(each.type?.[0]), each.extension?.map(plain)]),
    information: claim.supportingInfo?.map((info) => [codes(info.category), info.timingDate, info.timingPeriod, info.valueString, info.extension?.map(plain)]),
    careTeam: (claim.careTeam ?? [])
      .map((member) => {
        const role = get(member.provider);
        if (role?.resourceType !== 'PractitionerRole') return [party(role), codes(member.qualification)];
        const practitioner = get(role.practitioner) as Practitioner | undefined;
        // A role whose practitioner the Bundle does not hold cannot be sent.
        return practitioner === undefined ? undefined : [practitioner.name?.[0]?.family, practitioner.name?.[0]?.given, numbers(practitioner.identifier), role.telecom?.map(({ value }) => value), codes(member.qualification)];
      })
      .filter((each) => each !== undefined),
    items: changed.map((item) => {
      const order = get(extension(item, 'requestedService')?.valueReference) as ServiceRequest | undefined;
      const timing = order?.occurrenceTiming;
      return {
        category: codes(item.category), product: codes(item.productOrService), modifier: item.modifier?.map(codes), location: codes(item.locationCodeableConcept), revenue: codes(item.revenue),
        date: item.servicedDate, period: item.servicedPeriod, quantity: item.quantity === undefined ? undefined : [item.quantity.value, item.quantity.code], price: item.unitPrice?.value,
        timing: timing === undefined ? undefined : [timing.repeat, timing.extension?.map(plain)],
        extensions: item.extension?.filter(({ url }) => ALWAYS.test(url)).map(plain),
      };
    }),
  };
}

function numbers(identifiers: Identifier[] | undefined): unknown {
  return identifiers?.map(({ value }) => value);
}

function party(resource: Resource | undefined): unknown {
  if (resource?.resourceType !== 'Organization') return resource?.resourceType;
  const address = resource.address?.[0];
  return [resource.name, numbers(resource.identifier), address === undefined ? undefined : [address.line, address.city, address.state, address.postalCode], resource.contact?.[0]?.telecom];
}

function person(resource: Resource | undefined): unknown {
  const patient = resource as Patient | undefined;
  const name = patient?.name?.[0];
  return [name?.family, name?.given, name?.suffix, patient?.gender ?? 'unknown', patient?.birthDate, patient?.address?.[0]?.city, patient?.multipleBirthInteger, patient?.extension?.map(plain)];
}
