/** What the levels of a 278 have to do with each other. */
import type { LoopOccurrence, Review } from './definition.ts';

function* below(loop: LoopOccurrence): Generator<LoopOccurrence> {
  yield loop;
  for (const each of loop.loops) yield* below(each);
}

/** SV1, SV2 and SV3 may not be mixed: the request is professional, institutional or dental. A set that does cannot be mapped to one Claim. */
export const checkServiceKinds: Review = (set, report) => {
  let kind: string | undefined;
  for (const { id, segments } of below(set)) {
    for (const segment of segments) {
      if (!/^SV[123]$/.test(segment.id)) continue;
      kind ??= segment.id;
      if (segment.id !== kind) report({ severity: 'error', segment, loop: id, segmentCode: 'I9', name: 'mixed-services', text: `${segment.id} stands beside ${kind} in one request.` });
    }
  }
};

/** The patient event hangs below the dependent or the subscriber, and somewhere it must. */
export const checkEvent: Review = (set, report) => {
  for (const { id } of below(set)) if (id === '2000E') return;
  const [first] = set.segments;
  const segment = set.segments.find(({ id }) => id === 'SE') ?? first;
  if (segment !== undefined) report({ severity: 'error', segment, segmentId: 'HL', loop: '2000E', segmentCode: '3', name: 'missing-event', text: 'Loop 2000E is missing.' });
};
