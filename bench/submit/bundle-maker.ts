/**
 * New requests out of one: the same Bundle with identifiers and trace numbers of its own each time, and for another
 * member each time: a member's requests wait for each other, and no member makes hundreds in a second.
 */

/** The number of the official examples' member, and how many members stand in for that one. */
const officialNumber = '12345678901';
export const benchMembers = 400;

export const memberNumber = (member: number): string => `BENCH${String(member).padStart(6, '0')}`;

export function bundleMaker(text: string): () => Buffer {
  const bundle = JSON.parse(text) as { identifier?: { value?: string }; entry: { resource: { resourceType: string; identifier?: { value?: string }[] } }[] };
  const requestMark = '@@request@@';
  const memberMark = '@@member@@';
  if (bundle.identifier) bundle.identifier.value = requestMark;
  for (const { resource } of bundle.entry) {
    if (resource.resourceType === 'Claim' && resource.identifier?.[0]) resource.identifier[0].value = requestMark;
  }
  const parts = JSON.stringify(bundle).replaceAll(officialNumber, memberMark).split(new RegExp(`(${requestMark}|${memberMark})`));
  let number = 0;
  return () => {
    number += 1;
    return Buffer.from(parts.map((part) => part === requestMark ? `B${String(number).padStart(9, '0')}` : part === memberMark ? memberNumber(number % benchMembers) : part).join(''));
  };
}
