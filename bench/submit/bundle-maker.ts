/** New requests out of one: the same Bundle with identifiers and trace numbers of its own each time. */
export function bundleMaker(text: string): () => Buffer {
  const bundle = JSON.parse(text) as { identifier?: { value?: string }; entry: { resource: { resourceType: string; identifier?: { value?: string }[] } }[] };
  const mark = '@@number@@';
  if (bundle.identifier) bundle.identifier.value = mark;
  for (const { resource } of bundle.entry) if (resource.resourceType === 'Claim' && resource.identifier?.[0]) resource.identifier[0].value = mark;
  const parts = JSON.stringify(bundle).split(mark);
  let number = 0;
  return () => {
    number += 1;
    return Buffer.from(parts.join(`B${String(number).padStart(9, '0')}`));
  };
}
