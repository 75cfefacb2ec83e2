/** Answers that come later, on the rails of their requests: what writes them, as part of this server. */
import { askedByHl7v2 } from '../channels/hl7v2/later-answer.ts';
import type { Hl7Rail } from '../channels/hl7v2/rail.ts';
import { askedByX12 } from '../channels/x12/later-answer.ts';
import type { OutboxReader } from '../delivery/outbox-reader.ts';
import { runLaterAnswers } from '../delivery/answers/runner.ts';
import type { House } from './house.ts';
import { faultOf } from './log.ts';
import { serverContext } from './publish-definitions.ts';

/** Writes until it is stopped. */
export function startLaterAnswers(house: House, hl7v2: Hl7Rail): OutboxReader {
  const { database, metrics, log } = house;
  return runLaterAnswers({
    database,
    rails: [{ channel: 'x12', asked: askedByX12 }, { channel: 'hl7v2', asked: (landed, sha256) => askedByHl7v2(hl7v2, landed, sha256) }],
    contextOf: (tenant) => serverContext(house, 'later-answers', house.tenants.find(({ id }) => id === tenant)),
    observer: {
      written: (channel) => metrics.laterAnswers.inc({ channel }),
      fault: (error) => log.error(faultOf(error), 'later answers'),
    },
  });
}
