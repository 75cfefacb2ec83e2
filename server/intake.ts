/** The parts of the inbox, put together: what takes in messages, and the formats that they come in. */
import type { Logger } from 'pino';
import { ccdaRail } from '../channels/ccda/rail.ts';
import type { AttachmentSettings } from '../operations/attachments/move-out.ts';
import type { Rail } from '../operations/intake/message.ts';
import type { Intake } from '../operations/intake/take-messages.ts';
import { createTurns } from '../operations/intake/turns.ts';
import type { WriteCheck } from '../operations/validate/on-write.ts';
import type { Database } from '../store/database.ts';
import { faultOf } from './log.ts';
import type { Metrics } from './metrics.ts';

export interface IntakeParts {
  readonly database: Database;
  readonly checkMessage: WriteCheck;
  readonly attachments: AttachmentSettings;
  readonly metrics: Metrics;
  readonly log: Logger;
  /** Those that have settings of their own. */
  readonly rails?: readonly Rail[];
}

export function assembleIntake({ database, checkMessage, attachments, metrics, log, rails = [] }: IntakeParts): { readonly intake: Intake; readonly rails: ReadonlyMap<string, Rail> } {
  return {
    rails: new Map([...rails, ccdaRail()].map((rail) => [rail.channel, rail])),
    intake: {
      database, checkWrite: checkMessage, attachments, turns: createTurns(),
      observer: {
        message: (channel, outcome, share) => {
          metrics.messages.inc({ channel, outcome });
          if (share === undefined) return;
          metrics.messageValues.inc({ channel, mapped: 'yes' }, share.mapped);
          metrics.messageValues.inc({ channel, mapped: 'no' }, share.sent - share.mapped);
        },
        fault: (error, context) => { log.error({ request: context.request, ...faultOf(error) }, 'fault'); },
      },
    },
  };
}
