/**
 * A fixed piece of work of one thread, in rounds a second: JSON parsed and printed. It tells a slow moment of a shared
 * machine from a slow server, and lets figures of two machines be compared (about 10,000 on the machine of the targets).
 */
const text = JSON.stringify(Array.from({ length: 60 }, (_, index) => ({
  resourceType: 'Observation', id: `finding-${index}`, status: 'final', code: { coding: [{ system: 'http://example.org/codes', code: `${index}-4`, display: 'Heart rate' }] },
  valueQuantity: { value: index / 7, unit: '/min' }, effectiveDateTime: '2020-01-01T00:00:00Z',
})));

export function calibrate(): number {
  const round = (): string => JSON.stringify(JSON.parse(text));
  for (let warm = 0; warm < 200; warm += 1) round();
  const begun = performance.now();
  let rounds = 0;
  while (performance.now() - begun < 150) {
    round();
    rounds += 1;
  }
  return Math.round(rounds / ((performance.now() - begun) / 1000));
}
